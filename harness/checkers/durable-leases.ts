// The leases of a shop: whoever drives a saga or handles an event moves money under theirs, as an idempotent call does.

import type { ClaimAnswer, WriteAnswer } from '../../src/idempotency/store.ts';
import type { SagaClaimAnswer, SagaWriteAnswer } from '../../src/saga/journal.ts';
import type { InboxArrival, InboxReceipt } from '../../src/webhooks/inbox-store.ts';
import type { Crossing, History } from '../history/history.ts';

interface Leased {
  readonly leaseMs: number;
}

/**
 * Until when, in milliseconds, the sender of `sent` held a lease on a record, a saga or an event by its own monotonic clock: counted
 * from the call of what granted or prolonged it, whose answer it had seen. Minus infinity when it held none.
 */
export function durableLeaseUntilMs({ crossings }: History, sent: Crossing): number {
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const crossing of crossings) {
    if (crossing.called.order > sent.called.order) break;
    const { actor, process, incarnation, replied } = crossing;
    if (actor !== sent.actor || process !== sent.process || incarnation !== sent.incarnation) continue;
    if (replied === undefined || replied.order > sent.called.order || !grants(crossing)) continue;
    untilMs = Math.max(untilMs, crossing.called.atMs + leaseMsIn(crossing));
  }
  return untilMs;
}

/** An event that is taken up as it comes in has the lease in the claim that comes with it. */
function leaseMsIn({ site, request }: Crossing): number {
  const asked = site === 'inbox.receive' ? (request as InboxArrival).claim : (request as Leased);
  return asked?.leaseMs ?? 0;
}

/** Whether its caller saw that it holds a lease from now on, or still does. */
function grants({ site, reply }: Crossing): boolean {
  if (reply?.ok !== true) return false;
  switch (site) {
    case 'store.claim':
    case 'saga.open':
    case 'saga.claim':
      return (reply.value as ClaimAnswer | SagaClaimAnswer).owned;
    case 'store.renew':
    case 'saga.save':
    case 'saga.renew':
      return (reply.value as WriteAnswer | SagaWriteAnswer).written;
    case 'inbox.receive':
      return (reply.value as InboxReceipt).claim != null;
    case 'inbox.claim':
      return reply.value !== null;
    default:
      return false;
  }
}
