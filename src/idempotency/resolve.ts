// Resolving an operation whose effect is unknown: look first, and send again only where that cannot charge
// twice. The rules follow from the gateway's capabilities alone.

import {
  AuthenticationRequiredError,
  NotChargedError,
  PaymentPendingError,
} from '../errors/payment-error.ts';
import type { Dedup } from '../gateway/port.ts';
import type { Found, IdempotencySettings } from './options.ts';
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

  const byReference = capabilities.lookup.by.includes('reference');
  let sealedAtMs = record.sealedAtMs;
  if (
    capabilities.lookup.by.includes('key') &&
    (!byReference || (safeToResend && sealedAtMs === undefined))
  ) {
    const stored = await settings.resolve.find({
      by: 'key',
      idempotencyKey: gatewayKey(record, settings.operation),
    });
    const settled = settledBy(stored, safeToResend);
    if (settled !== undefined) return settled;
    if (stored.kind === 'answered' && !isWaiting(stored.error)) sealedAtMs ??= claimedAtMs;
  }
  if (byReference) {
    const reference = merchantReference(record, settings.operation);
    const settled = settledBy(
      await settings.resolve.find({ by: 'reference', merchantReference: reference }),
      true,
    );
    if (settled !== undefined) return settled;
  }
  if (record.gatewayId !== undefined) return { kind: 'pending', gatewayId: record.gatewayId };

  if (safeToResend && sealedAtMs === undefined) return { kind: 'send' };
  // Only the reference spans every key of the operation: where it can't be asked for, absence is never proven.
  if (!byReference) return { kind: 'wait', sealed: sealedAtMs !== undefined };
  if (safeToResend && sealedAtMs !== undefined) {
    const consistent = claimedAtMs - sealedAtMs >= capabilities.lookup.consistentAfterMs;
    return consistent ? { kind: 'advance' } : { kind: 'wait', sealed: true };
  }
  const horizonMs =
    record.sendableUntilMs + capabilities.maxEffectDelayMs + capabilities.lookup.consistentAfterMs;
  if (claimedAtMs < horizonMs) return { kind: 'wait', sealed: false };
  return {
    kind: 'failed',
    error: new NotChargedError(
      `${record.key}: never reached the gateway's books within its horizon; use a new key`,
    ),
  };
}

/** `finalsSettle`: whether a final answer speaks for every send under its key, or only for the one that it answered. */
function settledBy<Result>(found: Found<Result>, finalsSettle: boolean): Resolution<Result> | undefined {
  if (found.kind === 'found') return { kind: 'succeeded', result: found.result };
  if (found.kind === 'pending') return { kind: 'pending', gatewayId: found.gatewayId };
  if (found.kind === 'absent') return undefined;
  const { error } = found;
  if (isWaiting(error))
    return error.gatewayId === undefined ? undefined : { kind: 'pending', gatewayId: error.gatewayId };
  return finalsSettle && isFinal(error) ? { kind: 'failed', error } : undefined;
}

/** The request was answered, but the payment goes on: it may still be authenticated or accepted. */
function isWaiting(error: Error): error is AuthenticationRequiredError | PaymentPendingError {
  return error instanceof AuthenticationRequiredError || error instanceof PaymentPendingError;
}

function isFinal(error: Error): boolean {
  return 'effect' in error && error.effect === 'final';
}
