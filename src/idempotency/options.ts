// What an idempotent operation has to be told, with the defaults and their bounds.

import { ValidationError } from '../errors/payment-error.ts';
import type { GatewayCapabilities, LookupRequest } from '../gateway/port.ts';
import { maxTimerMs, type Runtime } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { FingerprintKey } from './fingerprint.ts';
import type { IdempotencyStore } from './store.ts';

const check = optionCheck('idempotent');

/** What a look-up found out about an operation; see `LookupResult` of the gateway port. */
export type Found<Result> =
  | { readonly kind: 'found'; readonly result: Result }
  | { readonly kind: 'pending'; readonly gatewayId: string }
  | { readonly kind: 'answered'; readonly error: Error }
  | { readonly kind: 'absent' };

/** How to find out what became of an operation whose effect is unknown. */
export interface Resolver<Result> {
  readonly capabilities: GatewayCapabilities;
  /** Rejects when the gateway could not be asked. Must settle: bound it by a time-out. */
  find(request: LookupRequest): Promise<Found<Result>>;
}

/** Options of `idempotent` and `sweeper`. Durations are milliseconds. */
export interface IdempotencyOptions<Request, Result> {
  readonly runtime: Runtime;
  readonly store: IdempotencyStore;
  /** Tenant: two scopes never interact. */
  readonly scope: (request: Request) => string;
  /** The client's idempotency key; see `parseIdempotencyKey` for the header. */
  readonly key: (request: Request) => string;
  /** What must be equal in a retry. Default: the whole request. */
  readonly payload?: (request: Request) => unknown;
  /**
   * Keys for fingerprints of payloads that can hold a card number: the first makes new fingerprints, the others
   * still recognise old ones. Default: none, a plain SHA-256.
   */
  readonly keyring?: readonly FingerprintKey[];
  /** Name of the operation, part of the gateway key. Default `charge`. */
  readonly operation?: string;
  readonly resolve: Resolver<Result>;
  /** Life of a final record. Default 86 400 000 (a day), which is what the common gateways keep. */
  readonly ttlMs?: number;
  /** How long a claim is held without a renewal. Default 90 000. */
  readonly leaseMs?: number;
  /** How often a running call renews its lease at most. Default 3. */
  readonly maxRenewals?: number;
  /** How long a concurrent duplicate waits for the first result; 0 (default) answers at once. */
  readonly waitMs?: number;
  /** How often a waiting duplicate looks. Default 100. */
  readonly pollMs?: number;
  /**
   * What to do with an unknown effect. `clear` frees the slot as the textbook does: the next retry charges
   * again. It exists to be shown broken; never use it for money. Default `resolve`.
   */
  readonly onUnknown?: 'resolve' | 'clear';
}

/** Options with every default filled in. */
export type IdempotencySettings<Request, Result> = Required<IdempotencyOptions<Request, Result>>;

/**
 * Fills in the defaults.
 *
 * @throws ValidationError when a number is out of range, a function is none, or the operation has no name.
 */
export function settingsOf<Request, Result>(
  options: IdempotencyOptions<Request, Result>,
): IdempotencySettings<Request, Result> {
  const settings = {
    payload: (request: Request): unknown => request,
    keyring: [],
    operation: 'charge',
    ttlMs: 86_400_000,
    leaseMs: 90_000,
    maxRenewals: 3,
    waitMs: 0,
    pollMs: 100,
    onUnknown: 'resolve' as const,
    ...options,
  };
  for (const name of ['scope', 'key', 'payload'] as const) check.callback(name, settings[name]);
  within('ttlMs', settings.ttlMs, [1, Number.MAX_SAFE_INTEGER]);
  within('leaseMs', settings.leaseMs, [1, maxTimerMs]);
  within('maxRenewals', settings.maxRenewals, [0, 1_000_000]);
  within('waitMs', settings.waitMs, [0, maxTimerMs]);
  within('pollMs', settings.pollMs, [1, maxTimerMs]);
  if (settings.operation === '')
    throw new ValidationError('idempotent: operation is empty; name it, such as "charge"');
  return settings;
}

function within(name: string, value: number, [least, most]: readonly [number, number]): void {
  if (value >= least && value <= most) return;
  throw new ValidationError(`idempotent: ${name} must be between ${least} and ${most}, got ${value}`);
}
