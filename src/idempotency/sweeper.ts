// The background sweep: operations whose owner crashed or could not tell are resolved without waiting for the
// client to ask again.

import { PaymentError } from '../errors/payment-error.ts';
import type { Operation } from '../resilience/operation.ts';
import { type IdempotencyOptions, settingsOf } from './options.ts';
import { conclude } from './owner.ts';
import { takeUp } from './ownership.ts';

/** What one sweep did. */
export interface SweepReport {
  /** Records found undecided. */
  readonly found: number;
  /** Of those, decided now. */
  readonly decided: number;
}

/**
 * Builds a sweep over the same options and operation as the idempotent layer. Each call goes once over at most
 * `limit` undecided records, oldest first; a record that somebody else takes meanwhile is left to them.
 *
 * The sweep rejects with `StoreUnavailableError` when the records can't be listed.
 */
export function sweeper<Request, Result>(
  options: IdempotencyOptions<Request, Result> & { readonly limit?: number },
): (next: Operation<Request, Result>) => () => Promise<SweepReport> {
  const settings = settingsOf(options);
  const limit = options.limit ?? 100;
  return (next) => async () => {
    const records = await settings.store.list({ limit });
    let decided = 0;
    for (const { key, fingerprint, request } of records) {
      const askedAtMs = settings.runtime.monotonicMs();
      const attemptId = settings.runtime.id('sweep');
      try {
        const claim = await settings.store.claim({ key, fingerprint, request, attemptId, leaseMs: settings.leaseMs });
        if (!claim.owned) continue;
        const owner = takeUp(settings, claim, askedAtMs);
        await conclude({ settings, owner, next, request: JSON.parse(request) as Request, call: {} });
        decided += 1;
      } catch (error) {
        if (!(error instanceof PaymentError)) throw error;
        if (error.effect === 'final') decided += 1;
      }
    }
    return { found: records.length, decided };
  };
}
