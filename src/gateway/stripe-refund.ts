// A Stripe refund as the gateway port sees it, and how it is found again: Stripe has no search over refunds, but lists
// those of one payment.

import type Stripe from 'stripe';
import type { RefundLookupRequest, RefundLookupResult, RefundResult } from './port.ts';
import type { Sending } from './stripe-call.ts';
import { referenceMember } from './stripe-payment.ts';

const statuses: Readonly<Record<string, RefundResult['status']>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

/** Reads one refund of the payment `chargeId`. */
export function refunded(refund: Stripe.Refund, chargeId: string): RefundResult {
  // Everything else is still under way, `requires_action` included.
  const status = statuses[refund.status ?? ''] ?? 'pending';
  return { id: refund.id, chargeId, amountMinor: refund.amount, status };
}

/**
 * The refund that was requested under a reference. When there are several, as after a request that was sent twice,
 * the one that has come furthest speaks for them, the earliest if there are more.
 */
export async function findRefund(
  stripe: Stripe,
  { chargeId, merchantReference }: RefundLookupRequest,
  send: Sending,
): Promise<RefundLookupResult> {
  const found: Stripe.Refund[] = [];
  for (let last: string | undefined; ; ) {
    const page = await stripe.refunds.list(
      { payment_intent: chargeId, limit: 100, ...(last === undefined ? {} : { starting_after: last }) },
      send,
    );
    found.push(...page.data.filter(({ metadata }) => metadata?.[referenceMember] === merchantReference));
    last = page.data.at(-1)?.id;
    if (!page.has_more || last === undefined) break;
  }
  // Stripe lists the latest first.
  const refunds = found.reverse().map((refund) => refunded(refund, chargeId));
  const [refund] = refunds.toSorted((a, b) => rank[b.status] - rank[a.status]);
  return refund === undefined ? { kind: 'absent' } : { kind: 'found', refund };
}

const rank: Readonly<Record<RefundResult['status'], number>> = { succeeded: 2, pending: 1, failed: 0 };
