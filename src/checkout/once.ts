// An operation on money that happens once for its id: what the idempotent layer needs, from the request alone, so that
// a sweep in another process can go on with what a crash left behind.

import { StoreUnavailableError } from '../errors/payment-error.ts';
import type { GatewayCapabilities, LookupRequest } from '../gateway/port.ts';
import { idempotent } from '../idempotency/idempotent.ts';
import type { Found, IdempotencyOptions } from '../idempotency/options.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../idempotency/store.ts';
import { sweeper } from '../idempotency/sweeper.ts';
import { parseJson } from '../kernel/parse-json.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { Call, Operation } from '../resilience/operation.ts';

/** What all operations share. Milliseconds. */
export interface OnceSettings {
  readonly runtime: Runtime;
  readonly store: IdempotencyStore;
  readonly capabilities: GatewayCapabilities;
  readonly leaseMs: number;
  /** Must outlast whatever may repeat the operation: afterwards its id is new again. */
  readonly ttlMs: number;
}

/** One kind of operation. Requests are plain JSON. */
export interface OnceOperation<Request, Result> {
  /** Part of the gateway's key and reference, so it must not change. */
  readonly name: string;
  readonly idOf: (request: Request) => string;
  /** Finds out what became of a request; see `Resolver`. */
  readonly find: (request: Request, lookup: LookupRequest) => Promise<Found<Result>>;
  /** Does it, under the key and reference of the call. */
  readonly execute: Operation<Request, Result>;
}

/** A user of an idempotency store, as whoever sweeps the store knows it. */
export interface Swept {
  /** Whether a record is about this operation. */
  owns(recordKey: string): boolean;
  /** Goes over undecided records of its own. */
  sweep(records: readonly IdempotencyRecord[]): Promise<unknown>;
}

/** An operation that happens once. */
export interface Once<Request, Result> extends Swept {
  /** Rejects as `idempotent` does. */
  run(request: Request, call?: Call): Promise<Result>;
  /**
   * Finds out what became of undecided requests. It sends nothing: whoever asked for the operation may have turned back
   * since, so only a look-up decides, or that the gateway's horizon has passed.
   */
  sweep(records: readonly IdempotencyRecord[]): Promise<void>;
}

/** Makes `operation` happen once for each id. */
export function once<Request, Result>(
  { capabilities, ...settings }: OnceSettings,
  operation: OnceOperation<Request, Result>,
): Once<Request, Result> {
  const { name, idOf, find, execute } = operation;
  const options = (request: Request, promised: GatewayCapabilities): IdempotencyOptions<Request, Result> => ({
    ...settings,
    scope: () => `$${name}`,
    key: idOf,
    operation: name,
    resolve: { capabilities: promised, find: (lookup) => find(request, lookup) },
  });
  const lookingOnly: GatewayCapabilities = { ...capabilities, dedup: 'none' };
  return {
    run: (request, call) => idempotent(options(request, capabilities))(execute)(request, call),
    owns: (recordKey) => recordKey.startsWith(`$${name}/`),
    async sweep(records) {
      for (const record of records) {
        const request = parseJson(record.request) as Request;
        await sweeper(options(request, lookingOnly))(sendNothing)([record]);
      }
    },
  };
}

async function sendNothing(): Promise<never> {
  throw new StoreUnavailableError('the sweep sends nothing; whoever asked for it goes on with it');
}

/** Undecided records that one sweep takes up. */
const sweepLimit = 100;

/**
 * Goes over the oldest undecided records that `operations` own. Other users of the store, whose records may head the
 * list, can't keep it from them.
 */
export async function sweepAll(store: IdempotencyStore, operations: readonly Swept[]): Promise<void> {
  const records = await undecided(store, (key) => operations.some(({ owns }) => owns(key)));
  for (const { owns, sweep } of operations) await sweep(records.filter(({ key }) => owns(key)));
}

async function undecided(
  store: IdempotencyStore,
  isOurs: (key: string) => boolean,
): Promise<readonly IdempotencyRecord[]> {
  for (let limit = sweepLimit; ; limit *= 4) {
    const records = await store.list({ limit });
    const ours = records.filter(({ key }) => isOurs(key));
    if (ours.length >= sweepLimit || records.length < limit) return ours.slice(0, sweepLimit);
  }
}
