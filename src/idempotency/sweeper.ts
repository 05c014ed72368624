// The background sweep: operations whose owner crashed or could not tell are resolved without waiting for the
// client to ask again.

import { AuthenticationRequiredError, PaymentError, ValidationError } from '../errors/payment-error.ts';
import { parseJson } from '../kernel/parse-json.ts';
import type { Operation } from '../resilience/operation.ts';
import { type IdempotencyOptions, settingsOf } from './options.ts';
import { conclude } from './owner.ts';
import { takeUp } from './ownership.ts';
import type { IdempotencyRecord } from './store.ts';

/** What one sweep did. */
export interface SweepReport {
  /** Records found undecided. */
  readonly found: number;
  /** Of those, decided now. */
  readonly decided: number;
}

/**
 * Builds a sweep over the same options and operation as the idempotent layer. Each call goes once over at most
 * `limit` undecided records, oldest first, or over those that it is given, where several users of a store share one listing; a
 * record that somebody else takes meanwhile is left to them.
 *
 * The sweep rejects with `StoreUnavailableError` when the records can't be listed. Something other than a
 * `PaymentError` out of one record (a bug in the operation or an adapter) does not keep the sweep from the others;
 * once it is through, it rejects with an `AggregateError` of them all.
 *
 * @throws ValidationError when an option is out of range.
 */
export function sweeper<Request, Result>(
  options: IdempotencyOptions<Request, Result> & { readonly limit?: number },
): (next: Operation<Request, Result>) => (listed?: readonly IdempotencyRecord[]) => Promise<SweepReport> {
  const settings = settingsOf(options);
  const limit = options.limit ?? 100;
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new ValidationError(`sweeper: limit must be a whole number ≥ 1, got ${limit}`);
  }
  return (next) => async (listed) => {
    const records = listed ?? (await settings.store.list({ limit }));
    let decided = 0;
    const bugs: unknown[] = [];
    for (const { key, fingerprint, request } of records) {
      const askedAtMs = settings.runtime.monotonicMs();
      const attemptId = settings.runtime.id('sweep');
      try {
        const claim = await settings.store.claim({
          key,
          fingerprint,
          request,
          attemptId,
          leaseMs: settings.leaseMs,
        });
        if (!claim.owned) continue;
        const owner = takeUp(settings, claim, askedAtMs);
        const swept = parseJson(request) as Request;
        await conclude({ settings, owner, next, request: swept, call: {}, replayed: toNobody });
        decided += 1;
      } catch (error) {
        if (!(error instanceof PaymentError)) bugs.push(error);
        else if (isDecision(error)) decided += 1;
      }
    }
    if (bugs.length > 0)
      throw new AggregateError(bugs, `sweep: ${bugs.length} of ${records.length} records hit a bug`);
    return { found: records.length, decided };
  };
}

/** Nobody asked, so a verdict that the sweep reads from a record is replayed to nobody, and not audited. */
function toNobody(): void {}

/** An attempt that ended in a demand for authentication is over, but the payment is not: its record is PENDING. */
function isDecision(error: PaymentError): boolean {
  return error.effect === 'final' && !(error instanceof AuthenticationRequiredError);
}
