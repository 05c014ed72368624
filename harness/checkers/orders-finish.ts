// The part of L1 that is about a shop: orders and refunds come to an end as single charges do.

import type { Crossing, History } from '../history/history.ts';
import type { OrderIntent, RefundIntent } from '../history/shop.ts';
import { roomFor } from './refund-room.ts';
import { beganWith, shopOf } from './shop-view.ts';
import { isAsk, toldBy } from './verdicts.ts';

/** What asking once more for orders and refunds came to. */
export interface OrdersFinished {
  readonly judged: number;
  /** The first that has no end, and what its client was told, for sentences. */
  readonly open: { readonly ask: Crossing; readonly words: string } | undefined;
}

/** Refusals that only say "not now": who asks again later may be told something else. */
const passing: readonly string[] = [
  'circuit_open',
  'idempotency_in_progress',
  'lease_lost',
  'rate_limited',
  'store_unavailable',
];

/** Looks at everybody who asked once more for an order or a refund; without a shop there is nobody. */
export function judgeOrdersFinished(history: History): OrdersFinished {
  const { books, crossings } = history;
  let judged = 0;
  if (books.shop === undefined) return { judged, open: undefined };
  const asks = crossings.filter(
    (ask) => (ask.site === 'client.checkout' || ask.site === 'client.refund') && isAsk(ask),
  );
  for (const ask of asks) {
    const isAskedAgain = asks.some((later) => isLaterFor(ask, later));
    const order = shopOf(history)?.orders.find(({ requests }) => requests.includes(ask));
    if (isAskedAgain && (waitsForPayer(ask) || (order !== undefined && beganWith(order, ask)))) continue;
    const words = openWords(history, ask);
    if (words !== undefined)
      return { judged, open: { ask, words: `${nameOf(ask)} after everything had healed and ${words}` } };
    judged += 1;
  }
  return { judged, open: undefined };
}

/** What was said to somebody whose order or refund has no end; undefined where it has one. */
function openWords(history: History, ask: Crossing): string | undefined {
  const told = toldBy(ask);
  if (told === undefined) return 'got no answer';
  if (told.kind === 'ok' || told.kind === 'failed') return undefined;
  // Stuck, and people were called: whether they were is for L3 to say.
  if (told.kind === 'unknown' && told.code === 'saga_compensation' && isStuck(history, ask)) return undefined;
  const words = `was told ${told.kind} (${told.code})`;
  if (told.kind !== 'rejected' || passing.includes(told.code)) return words;
  // Whether a conflict is one is for S6 to say.
  if (told.code === 'idempotency_conflict') return undefined;
  // An order is paid, declined or given up: that it can't be taken is no end of what was taken before.
  if (ask.site === 'client.checkout') return words;
  const room = roomFor(history, ask);
  if (room === undefined) return undefined;
  return `${words}, although ${room.leftMinor} ${room.charge.currency} of charge ${room.charge.id} were left`;
}

/** Whether the order waited for people to repair it when its client was answered. */
function isStuck(history: History, ask: Crossing): boolean {
  const order = shopOf(history)?.orders.find(({ requests }) => requests.includes(ask));
  const atOrder = ask.replied?.order ?? Number.POSITIVE_INFINITY;
  return (
    order?.sagas.some(
      ({ moments }) =>
        moments.findLast(({ at }) => at.order < atOrder)?.record.state === 'FAILED_COMPENSATION',
    ) === true
  );
}

/** It may have begun only now, with a payer who stays away: what counts is what it is told when the challenge is over. */
function waitsForPayer(ask: Crossing): boolean {
  const told = toldBy(ask);
  return told?.kind === 'pending' && told.code === 'authentication_required';
}

function isLaterFor(ask: Crossing, later: Crossing): boolean {
  return later.called.order > ask.called.order && later.site === ask.site && nameOf(later) === nameOf(ask);
}

function nameOf({ site, request }: Crossing): string {
  const { key, scope } = request as OrderIntent | RefundIntent;
  return `${site === 'client.checkout' ? 'order' : 'refund'} ${key} of ${scope}`;
}
