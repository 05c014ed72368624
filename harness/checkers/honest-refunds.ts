// S13 for refunds: told ok means that the money went back, for this refund and not for another; told failed means that it did
// not; and who has it is not told otherwise when asking again.

import type { Mutation } from '../../src/gateway/port.ts';
import type { Answer, Crossing, History } from '../history/history.ts';
import type { RefundIntent } from '../history/shop.ts';
import { sameRequest } from './asked-keys.ts';
import type { OrdersJudgement } from './honest-orders.ts';
import { type ShopView, shopOf } from './shop-view.ts';
import { breaks, isAsk, toldBy } from './verdicts.ts';
import { viewOf } from './view-of.ts';

type Ok = Extract<Answer, { kind: 'ok' }>;

/** Judges the answers to refunds; `dependable` says whether anybody can conclude from what has not happened by the end. */
export function judgeRefunds(history: History, dependable: boolean): OrdersJudgement {
  const shop = shopOf(history);
  let judged = 0;
  if (shop === undefined) return { judged };
  const isFinal = dependable && shop.settledAt !== undefined;
  for (const request of shop.refundRequests) {
    const told = toldBy(request);
    if (told === undefined || (told.kind !== 'ok' && !isFinal)) continue;
    const wrong = told.kind === 'ok' ? dishonestOk(history, request, told) : denied(shop, request, told);
    judged += 1;
    if (wrong !== undefined)
      return {
        judged,
        fault: breaks(`${request.actor} was told ${wrong}`, [...sentFor(shop, request), request]),
      };
  }
  const fault = sharedRefund(shop);
  return fault === undefined ? { judged } : { judged, fault };
}

function dishonestOk({ books }: History, { request, replied }: Crossing, told: Ok): string | undefined {
  const { paymentToken, amountMinor, currency, key } = request as RefundIntent;
  const who = `ok about ${told.amountMinor} ${told.currency} of charge ${told.chargeId} for refund ${key}`;
  if (told.amountMinor !== amountMinor || told.currency !== currency)
    return `${who}, but had asked for ${amountMinor} ${currency}`;
  const charge = books.charges.find(({ id }) => id === told.chargeId);
  if (charge?.paymentToken !== paymentToken)
    return `${who}, but the gateway has no such charge of this purchase`;
  const wasBack = charge.refunds?.some(
    ({ status, changedAtMs, at, ...refund }) =>
      refund.amountMinor === amountMinor &&
      at.order < (replied?.order ?? 0) &&
      // What came back since may have been there: the books do not say.
      (status === 'failed' || (status === 'succeeded' && changedAtMs <= (replied?.atMs ?? 0))),
  );
  return wasBack === true ? undefined : `${who}, but the gateway had not given it back`;
}

/** What is wrong with any other answer: the money went back for the very request, as its books have it. */
function denied(shop: ShopView, asked: Crossing, told: Exclude<Answer, Ok>): string | undefined {
  if (told.kind !== 'failed' && !(told.kind === 'rejected' && isAsk(asked))) return undefined;
  const { key, currency, paymentToken } = asked.request as RefundIntent;
  const sent = new Set(sentFor(shop, asked).map(({ request }) => (request as Mutation).idempotencyKey));
  for (const charge of shop.history.books.charges) {
    if (charge.paymentToken !== paymentToken) continue;
    const made = charge.refunds?.find(
      ({ idempotencyKey, status }) => status !== 'failed' && sent.has(idempotencyKey),
    );
    if (made !== undefined)
      return (
        `${told.kind} (${told.code}) about refund ${key}, but refund ${made.id} of ${made.amountMinor} ${currency} is ` +
        `${made.status}`
      );
  }
  return undefined;
}

/** The refunds that were sent for requests like `asked`. */
function sentFor({ history, refundRequests }: ShopView, asked: Crossing): readonly Crossing[] {
  const alike = refundRequests.filter((one) => nameOf(one) === nameOf(asked) && sameRequest(one, asked));
  const actors = new Set(alike.map(({ actor }) => actor));
  return viewOf(history).movements.filter(
    ({ site, actor }) => site === 'gateway.refund' && actors.has(actor),
  );
}

/** Several refunds of one amount that were all told ok, though the gateway made fewer of them. */
function sharedRefund({ history, refundRequests }: ShopView): OrdersJudgement['fault'] {
  const given = Map.groupBy(
    refundRequests.filter((request) => toldBy(request)?.kind === 'ok'),
    (request) => {
      const { chargeId, amountMinor } = toldBy(request) as Ok;
      return JSON.stringify([chargeId, amountMinor]);
    },
  );
  for (const [key, requests] of given) {
    const [chargeId, amountMinor] = JSON.parse(key) as readonly [string, number];
    const { refunds = [], currency } = history.books.charges.find(({ id }) => id === chargeId) ?? {};
    const made = refunds.filter((refund) => refund.amountMinor === amountMinor).length;
    const names = new Set(requests.map(nameOf));
    if (names.size > made)
      return breaks(
        `${names.size} refunds of ${amountMinor} ${currency} of charge ${chargeId} were answered ok, and the gateway made ${made}`,
        requests,
      );
  }
  return undefined;
}

function nameOf({ request }: Crossing): string {
  const { scope, order, key } = request as RefundIntent;
  return JSON.stringify([scope, order, key]);
}
