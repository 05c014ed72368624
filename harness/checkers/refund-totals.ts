// S13 for refunds: what clients were told to have got back is with them, or with the people who were called; and nobody got
// more back than was asked for.

import type { BookedCharge, Crossing, History } from '../history/history.ts';
import type { BookedPage, RefundIntent } from '../history/shop.ts';
import type { OrdersJudgement } from './honest-orders.ts';
import { totalMinor } from './money-back.ts';
import { type OrderView, shopOf } from './shop-view.ts';
import { breaks, toldBy } from './verdicts.ts';

/** Judges what came of the requests for refunds of each order that was shipped, once all has settled. */
export function judgeRefundTotals(history: History): OrdersJudgement {
  const shop = shopOf(history);
  let judged = 0;
  if (shop?.settledAt === undefined) return { judged };
  for (const order of shop.orders) {
    const charge = shippedCharge(order);
    const requests = shop.refundRequests.filter(
      ({ request }) => (request as RefundIntent).paymentToken === order.token,
    );
    if (charge === undefined || requests.length === 0) continue;
    judged += 1;
    const fault = faultOf(charge, wishesIn(requests), shop.books.pages);
    if (fault !== undefined) return { judged, fault: breaks(fault, requests) };
  }
  return { judged };
}

/** The one charge of an order that was never undone, whose refunds are all of clients' asking. */
function shippedCharge({ intent, sagas }: OrderView): BookedCharge | undefined {
  const [saga, ...others] = sagas;
  if (saga?.final?.state !== 'COMPLETED' || others.length > 0) return undefined;
  const [charge, ...more] = (intent?.charges ?? []).filter(({ capturedMinor }) => capturedMinor > 0);
  return more.length > 0 ? undefined : charge;
}

/** One refund, however often it was asked for. */
interface Wish {
  /** The most that was asked for: of two amounts under one key either may have been the first. */
  amountMinor: number;
  /** What was told to be back. */
  promisedMinor: number;
  hasFailed: boolean;
}

function wishesIn(requests: readonly Crossing[]): readonly Wish[] {
  const wishes = new Map<string, Wish>();
  for (const request of requests) {
    const { scope, key, amountMinor } = request.request as RefundIntent;
    const name = JSON.stringify([scope, key]);
    const wish = wishes.get(name) ?? { amountMinor, promisedMinor: 0, hasFailed: false };
    const told = toldBy(request);
    wish.amountMinor = Math.max(wish.amountMinor, amountMinor);
    if (told?.kind === 'ok') wish.promisedMinor = told.amountMinor;
    if (told?.kind === 'failed') wish.hasFailed = true;
    wishes.set(name, wish);
  }
  return [...wishes.values()];
}

function faultOf(
  charge: BookedCharge,
  wishes: readonly Wish[],
  pages: readonly BookedPage[],
): string | undefined {
  const { id, currency, refunds = [], disputes = [] } = charge;
  const given = totalMinor(refunds.filter(({ status }) => status !== 'failed'));
  // Who is told that a refund failed may ask for the same under another key.
  const asked = totalMinor(wishes.filter(({ hasFailed, promisedMinor }) => !hasFailed || promisedMinor > 0));
  const of = `${currency} of charge ${id}`;
  if (given > asked)
    return `clients asked for ${asked} ${of} and were not told that it failed, and ${given} were given back`;
  const promised = wishes.reduce((sum, { promisedMinor }) => sum + promisedMinor, 0);
  // A dispute that was won later had taken the money when it was to be paid again.
  if (promised <= given + totalMinor(disputes) || isLeftToPeople(charge, pages)) return undefined;
  return `clients were told that ${promised} ${of} were back, and ${given} are`;
}

/** Whether somebody was called about a refund of the charge that came back: no program can make a bank keep it. */
function isLeftToPeople({ refunds = [] }: BookedCharge, pages: readonly BookedPage[]): boolean {
  const failed = refunds.filter(({ status }) => status === 'failed').map(({ id }) => id);
  return pages.some(({ about }) => about.split(/[^\w-]+/).some((word) => failed.includes(word)));
}
