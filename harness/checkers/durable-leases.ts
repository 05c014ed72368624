// The leases of a shop: whoever drives a saga or handles an event moves money under theirs, as an idempotent call does.

import type { ClaimAnswer, ClaimRequest, WriteAnswer } from '../../src/idempotency/store.ts';
import type { SagaClaimAnswer, SagaName, SagaWriteAnswer } from '../../src/saga/journal.ts';
import type { InboxArrival, InboxClaim, InboxReceipt } from '../../src/webhooks/inbox-store.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Site } from '../history/sites.ts';

interface Leased {
  readonly leaseMs: number;
}

/**
 * Until when, in milliseconds, the sender of `sent` held a lease on a record, a saga or an event by its own monotonic clock: counted
 * from the call of what granted or prolonged it, whose answer it had seen. Minus infinity when it held none, or had given up
 * or lost each, and knew it.
 */
export function durableLeaseUntilMs(history: History, sent: Crossing): number {
  const held = new Map<string, number>();
  for (const crossing of leasesOf(history).get(sent.actor) ?? []) {
    if (crossing.called.order > sent.called.order) break;
    const { process, incarnation, replied } = crossing;
    if (process !== sent.process || incarnation !== sent.incarnation) continue;
    if (replied === undefined || replied.order > sent.called.order) continue;
    const thing = leasedBy(crossing);
    if (grants(crossing)) {
      const untilMs = crossing.called.atMs + leaseMsIn(crossing);
      held.set(thing, Math.max(untilMs, held.get(thing) ?? untilMs));
    } else if (isOver(crossing)) held.delete(thing);
  }
  return Math.max(Number.NEGATIVE_INFINITY, ...held.values());
}

// Only the latest, as of views.
let latest:
  | { readonly history: History; readonly byActor: ReadonlyMap<string, readonly Crossing[]> }
  | undefined;

/** What each actor asked about leases, in the order of the calls. */
function leasesOf(history: History): ReadonlyMap<string, readonly Crossing[]> {
  if (latest?.history !== history) {
    const asked = history.crossings.filter(({ site }) => claims.has(site) || writes.has(site));
    latest = { history, byActor: Map.groupBy(asked, ({ actor }) => actor) };
  }
  return latest.byActor;
}

const claims: ReadonlySet<Site> = new Set<Site>([
  'store.claim',
  'saga.open',
  'saga.claim',
  'inbox.receive',
  'inbox.claim',
]);

/** What the lease is on: one of each kind has many. */
function leasedBy({ site, request, reply }: Crossing): string {
  const { saga, id, key } = request as Partial<SagaName & Pick<ClaimRequest, 'key'>>;
  const [store] = site.split('.');
  const claimed = site === 'inbox.claim' && reply?.ok === true ? (reply.value as InboxClaim | null) : null;
  return JSON.stringify([store, saga, claimed?.record.id ?? id ?? key]);
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

const writes: ReadonlySet<Site> = new Set<Site>([
  'store.complete',
  'store.fail',
  'store.release',
  'store.renew',
  'saga.leave',
  'saga.renew',
  'saga.save',
  'inbox.bury',
  'inbox.finish',
  'inbox.postpone',
]);

/** Whether its caller saw that it holds a lease no longer: it gave it up, or a write was refused because another has it. */
function isOver({ site, reply }: Crossing): boolean {
  return writes.has(site) && reply?.ok === true;
}
