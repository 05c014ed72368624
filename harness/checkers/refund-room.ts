// Whether anything stood in the way of a refund that was refused when everything had settled. What is refused for want of
// money must be wanting: in the gateway's books, or at least in the shop's own.

import type { BookedCharge, Crossing, History } from '../history/history.ts';
import type { RefundIntent } from '../history/shop.ts';
import { movedMinor, transitionOf } from './booked-facts.ts';
import { totalMinor } from './money-back.ts';
import { entriesInto, type ShopView, shopOf } from './shop-view.ts';

/** What was left of a charge when a refund of it was refused. */
export interface Room {
  readonly charge: BookedCharge;
  readonly leftMinor: number;
}

/** The room that there was for all that `ask` asked for; undefined where there was none, or the order was not shipped. */
export function roomFor(history: History, ask: Crossing): Room | undefined {
  const shop = shopOf(history);
  if (shop === undefined) return undefined;
  const { paymentToken, amountMinor, currency } = ask.request as RefundIntent;
  const isShipped = shop.orders.some(
    ({ token, sagas }) =>
      token === paymentToken &&
      sagas.some((saga) => entriesInto(saga, 'COMPLETED').some(({ at }) => at.order < ask.called.order)),
  );
  const [charge, ...others] = history.books.charges.filter(
    (one) => one.paymentToken === paymentToken && one.capturedMinor > 0,
  );
  if (!isShipped || charge === undefined || others.length > 0 || charge.currency !== currency)
    return undefined;
  const { atMs } = ask.called;
  const leftMinor = Math.min(leftAt(charge, atMs), bookedLeftAt(shop, charge, atMs));
  return amountMinor > 0 && amountMinor <= leftMinor ? { charge, leftMinor } : undefined;
}

/** By the gateway's books; what is on its way to the payer is not left. */
function leftAt({ capturedMinor, refunds = [], disputes = [] }: BookedCharge, atMs: number): number {
  const gone = refunds.filter(({ status, changedAtMs }) => status !== 'failed' || changedAtMs > atMs);
  const taken = disputes.filter(({ status, changedAtMs }) => status !== 'won' || changedAtMs > atMs);
  return capturedMinor - totalMinor(gone) - totalMinor(taken);
}

const signs = { captured: 1, refunded: -1, 'refund-failed': 1, disputed: -1, 'dispute-won': 1 } as const;

/** By the shop's own books: what it was not told of it could not give. */
function bookedLeftAt({ books }: ShopView, { id }: BookedCharge, atMs: number): number {
  let leftMinor = 0;
  for (const entry of books.entries) {
    const transition = transitionOf(entry);
    if (transition === undefined || entry.payment?.gatewayId !== id || entry.postedAtMs >= atMs) continue;
    leftMinor += signs[transition] * movedMinor(entry);
  }
  return leftMinor;
}
