// Holding a claim: the lease as its owner sees it, its renewals, and the fence before every send.

import { LeaseLostError } from '../errors/payment-error.ts';
import { writeAudit } from '../resilience/audit.ts';
import type { IdempotencySettings } from './options.ts';
import type { ClaimAnswer, IdempotencyRecord } from './store.ts';

/** A claim that this process holds. */
export interface Ownership {
  /** The record as this owner last wrote or read it. */
  record: IdempotencyRecord;
  /** The store's clock when the claim was applied. */
  readonly claimedAtMs: number;
  /** Throws `LeaseLostError`, and leaves an audit record, unless the lease is unexpired by the own monotonic clock and the claim still open. */
  readonly fence: () => void;
  /** Ends the claim's use: nothing may be sent any more, and no renewal happens. */
  readonly close: () => void;
}

/**
 * Takes up a claim that was asked for at `askedAtMs` of the own monotonic clock. The lease is counted from
 * there: the store started it later, so the owner always gives up first.
 */
export function takeUp<Request, Result>(
  settings: IdempotencySettings<Request, Result>,
  claim: ClaimAnswer,
  askedAtMs: number,
): Ownership {
  const { runtime, store, leaseMs } = settings;
  let leaseUntilMs = askedAtMs + leaseMs;
  let open = true;
  let renewalsLeft = settings.maxRenewals;
  let cancelTimer = (): void => {};

  const renew = async (): Promise<void> => {
    const askedMs = runtime.monotonicMs();
    if (!open || askedMs >= leaseUntilMs) return;
    renewalsLeft -= 1;
    schedule();
    try {
      const answer = await store.renew({ key: claim.record.key, token: claim.record.token, leaseMs });
      if (answer.written) leaseUntilMs = Math.max(leaseUntilMs, askedMs + leaseMs);
      else open = false;
    } catch {
      // The lease simply isn't extended; the fence stops the sends once it has run out.
    }
  };
  const schedule = (): void => {
    if (renewalsLeft > 0) cancelTimer = runtime.after(leaseMs / 2, () => void renew());
  };
  schedule();

  return {
    record: claim.record,
    claimedAtMs: claim.nowMs,
    fence() {
      if (open && runtime.monotonicMs() < leaseUntilMs) return;
      const { key } = claim.record;
      const lost = new LeaseLostError(
        `${key}: the lease ran out before the request was sent; nothing was sent`,
      );
      writeAudit(runtime, {
        audit: 'rejected',
        operation: settings.operation,
        code: lost.code,
        idempotencyKey: key,
      });
      throw lost;
    },
    close() {
      open = false;
      cancelTimer();
    },
  };
}
