// Resolving an operation whose effect is unknown: look first, and send again only where that cannot charge
// twice. The rules follow from the gateway's capabilities alone.

import { NotChargedError } from '../errors/payment-error.ts';
import type { Dedup } from '../gateway/port.ts';
import type { IdempotencySettings, Resolver } from './options.ts';
import type { Ownership } from './ownership.ts';
import { gatewayKey, merchantReference } from './slot.ts';
import type { IdempotencyRecord } from './store.ts';

/** What resolving concluded; the owner acts on it. */
export type Resolution<Result> =
  | { readonly kind: 'succeeded'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'pending'; readonly gatewayId: string }
  /** Send under the record's present generation. */
  | { readonly kind: 'send' }
  /** The present generation is spent and left no effect: move to the next and send. */
  | { readonly kind: 'advance' }
  /** Neither known nor safe to send. */
  | { readonly kind: 'wait'; readonly sealed: boolean };

/**
 * What the gateway's deduplication is worth for this record: a key near the end of its retention, counted
 * from its first use and less the time in which a send may still arrive, is no protection.
 */
export function dedupFor<Request, Result>(
  settings: IdempotencySettings<Request, Result>,
  record: IdempotencyRecord,
  nowMs: number,
): Dedup {
  const { dedup, keyRetentionMs, maxEffectDelayMs } = settings.resolve.capabilities;
  const lateMs = Number.isFinite(maxEffectDelayMs) ? maxEffectDelayMs : 0;
  const marginMs = settings.leaseMs * (settings.maxRenewals + 1) + lateMs;
  return nowMs - record.keyUsedFromMs + marginMs < keyRetentionMs ? dedup : 'none';
}

/**
 * Finds out what became of the operation that `owner` has taken over. Every look-up begins after the claim,
 * so the claim's time bounds from below what it can see.
 *
 * Rejects when the gateway could not be asked.
 */
export async function resolve<Request, Result>(
  settings: IdempotencySettings<Request, Result>,
  owner: Ownership,
): Promise<Resolution<Result>> {
  const { record, claimedAtMs } = owner;
  const { capabilities } = settings.resolve;
  const safeToResend = dedupFor(settings, record, claimedAtMs) === 'every-answer';

  let sealedAtMs = record.sealedAtMs;
  if (safeToResend && sealedAtMs === undefined && capabilities.lookup.by.includes('key')) {
    const stored = await settings.resolve.find({ by: 'key', idempotencyKey: gatewayKey(record, settings.operation) });
    const settled = settledBy(stored);
    if (settled !== undefined) return settled;
    if (stored.kind === 'answered') sealedAtMs = claimedAtMs;
  }

  const found = await askByReference(settings.resolve, record, settings.operation);
  const settled = settledBy(found);
  if (settled !== undefined) return settled;
  if (record.gatewayId !== undefined) return { kind: 'pending', gatewayId: record.gatewayId };

  if (safeToResend && sealedAtMs === undefined) return { kind: 'send' };
  if (safeToResend && sealedAtMs !== undefined) {
    const consistent = claimedAtMs - sealedAtMs >= capabilities.lookup.consistentAfterMs;
    return consistent ? { kind: 'advance' } : { kind: 'wait', sealed: true };
  }
  const horizonMs = record.sendableUntilMs + capabilities.maxEffectDelayMs + capabilities.lookup.consistentAfterMs;
  if (claimedAtMs < horizonMs) return { kind: 'wait', sealed: false };
  return {
    kind: 'failed',
    error: new NotChargedError(`${record.key}: never reached the gateway's books within its horizon; use a new key`),
  };
}

function askByReference<Result>(
  resolver: Resolver<Result>,
  record: IdempotencyRecord,
  operation: string,
): ReturnType<Resolver<Result>['find']> {
  if (!resolver.capabilities.lookup.by.includes('reference')) return Promise.resolve({ kind: 'absent' as const });
  return resolver.find({ by: 'reference', merchantReference: merchantReference(record, operation) });
}

function settledBy<Result>(found: Awaited<ReturnType<Resolver<Result>['find']>>): Resolution<Result> | undefined {
  if (found.kind === 'found') return { kind: 'succeeded', result: found.result };
  if (found.kind === 'pending') return { kind: 'pending', gatewayId: found.gatewayId };
  if (found.kind === 'answered' && isFinal(found.error)) return { kind: 'failed', error: found.error };
  return undefined;
}

function isFinal(error: Error): boolean {
  return 'effect' in error && error.effect === 'final';
}
