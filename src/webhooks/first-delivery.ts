// The simple helper: has this event been seen before?

import { ValidationError } from '../errors/payment-error.ts';

/** Remembers ids. */
export interface DeliveryMarks {
  /** Marks `id` for `ttlMs` and answers true, unless it is marked. One atomic operation. */
  mark(request: { readonly id: string; readonly ttlMs: number }): Promise<boolean>;
}

/**
 * Whether this is the first delivery of event `id` within `ttlMs` (default 80 hours, beyond the three days for which senders such
 * as Stripe repeat theirs). Of concurrent calls exactly one is the first.
 *
 * It marks **before** you process. If the process dies in between, or the store's answer is lost, every repetition counts as
 * a duplicate and the event is lost: the promise is at most once. Use it where a lost event does no harm, such as a mail; for
 * money use `webhookInbox`.
 *
 * @throws ValidationError when `id` is no text or empty, or `ttlMs` is not above 0.
 * @throws StoreUnavailableError when the store did not answer. Answer 5xx, and know that the id may be marked.
 */
export async function isFirstDelivery(
  id: string,
  store: DeliveryMarks,
  ttlMs = 288_000_000,
): Promise<boolean> {
  if (typeof id !== 'string' || id === '') {
    throw new ValidationError('isFirstDelivery: id is missing or empty; pass the id of the event');
  }
  if (!(ttlMs > 0)) throw new ValidationError(`isFirstDelivery: ttlMs must be above 0, got ${ttlMs}`);
  return store.mark({ id, ttlMs });
}
