// S22. What reaches the gateway is what was asked for: the payer, the amount, the currency, and one way of capturing.

import type { CaptureRequest, ChargeRequest, RefundRequest } from '../../src/gateway/port.ts';
import type { ChargeIntent, Crossing, History } from '../history/history.ts';
import type { RefundIntent } from '../history/shop.ts';
import type { Checker, Verdict } from './checker.ts';
import { shopCheck } from './shop-check.ts';
import type { OrderView, ShopView } from './shop-view.ts';
import { breaks, holds } from './verdicts.ts';
import type { IntentView } from './view.ts';
import { viewOf } from './view-of.ts';

/** S22 faithful-input: amount, currency, token and capture mode at the gateway equal the caller's. */
export const faithfulInput: Checker = {
  id: 'S22',
  name: 'faithful-input',
  statement:
    'The gateway is asked for the amount, currency and payer that a client asked for, and in all attempts for the same way ' +
    'of capturing.',
  evidence: ['books', 'trace'],
  assumes: [],
  hint:
    'The request was made from something else than what the client sent: look for defaults, conversions, and state ' +
    'that two requests share.',
  check: shopCheck({ trace: false, assumes: [] }, judge),
};

function judge(shop: ShopView): Verdict {
  const { history } = shop;
  let judged = 0;
  for (const intent of viewOf(history).intents) {
    const requests = requestsFor(shop, intent);
    for (const charge of intent.charges) {
      judged += 1;
      const { id, amountMinor, currency, idempotencyKey } = charge;
      if (wasAsked(requests, charge, charge.at.order)) continue;
      const sent = intent.sends.find(({ request }) => request.idempotencyKey === idempotencyKey);
      return breaks(
        `charge ${id} of ${intent.token} is over ${amountMinor} ${currency}, which ${wishes(requests)}`,
        [...requests, sent?.crossing],
      );
    }
    for (const send of intent.sends) {
      judged += 1;
      const fault = unfaithful(intent, send, requests);
      if (fault !== undefined) return breaks(fault, [...requests, send.crossing]);
    }
  }
  const captures = judgeCaptures(shop);
  if (captures.fault !== undefined) return captures.fault;
  judged += captures.judged;
  const again = changedAgain(history);
  if (again !== undefined) return again;
  for (const asked of shop.refundRequests) {
    const found = judgeRefunds(history, asked);
    if (found.fault !== undefined) return found.fault;
    judged += found.judged;
  }
  return holds(judged);
}

interface Judged {
  readonly judged: number;
  readonly fault?: Verdict;
}

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

/** Everything that clients asked for under one payment token, in the order of the calls. */
function requestsFor({ orders }: ShopView, { token, requests }: IntentView): readonly Crossing[] {
  const order: OrderView | undefined = orders.find((one) => one.token === token);
  return order === undefined ? requests : [...requests, ...order.requests];
}

function wasAsked(requests: readonly Crossing[], money: Money, beforeOrder: number): boolean {
  return requests.some(
    ({ called, request }) => called.order < beforeOrder && isSame(request as Money, money),
  );
}

function isSame(a: Money, b: Money): boolean {
  return a.amountMinor === b.amountMinor && a.currency === b.currency;
}

function wishes(requests: readonly Crossing[]): string {
  const [first] = requests;
  if (first === undefined) return 'no client ever asked for';
  const { amountMinor, currency } = first.request as ChargeIntent;
  return `was not asked for: ${first.actor} wanted ${amountMinor} ${currency}`;
}

function unfaithful(
  { token, sends }: IntentView,
  sent: { readonly crossing: Crossing; readonly request: ChargeRequest },
  requests: readonly Crossing[],
): string | undefined {
  const { crossing, request } = sent;
  const own = requests.filter(({ actor }) => actor === crossing.actor);
  const who = `${crossing.actor} asked the gateway for ${request.amountMinor} ${request.currency} of ${token}`;
  const asked = own.length > 0 ? own : requests;
  if (!wasAsked(asked, request, crossing.called.order)) return `${who}, which ${wishes(asked)}`;
  // A token that is charged as well as ordered is rightly captured in two ways.
  if (new Set(requests.map(({ site }) => site)).size > 1) return undefined;
  const first = sends[0]?.request.capture;
  return request.capture === first
    ? undefined
    : `${who} with ${request.capture} capture, and before with ${first} capture`;
}

/** An order is paid in full: whoever captures it asks for what was ordered. */
function judgeCaptures({ history, orders }: ShopView): Judged {
  let judged = 0;
  for (const call of viewOf(history).movements) {
    if (call.site !== 'gateway.capture') continue;
    const { chargeId, amountMinor } = call.request as CaptureRequest;
    const order = orders.find(({ intent }) => intent?.charges.some(({ id }) => id === chargeId));
    if (order === undefined) continue;
    judged += 1;
    const isWanted = order.requests.some(({ request }) => (request as Money).amountMinor === amountMinor);
    if (isWanted) continue;
    const because = `${call.actor} asked the gateway to capture ${amountMinor} of ${order.token}, which ${wishes(order.requests)}`;
    return { judged, fault: breaks(because, [...order.requests, call]) };
  }
  return { judged };
}

/** A capture or refund that was sent again under its key, and was about something else by then. */
function changedAgain(history: History): Verdict | undefined {
  const first = new Map<string, Crossing>();
  for (const call of viewOf(history).movements) {
    if (call.site === 'gateway.void') continue;
    const { idempotencyKey, chargeId, amountMinor } = call.request as RefundRequest;
    const name = `${call.site} ${idempotencyKey}`;
    const known = first.get(name) ?? call;
    first.set(name, known);
    const before = known.request as RefundRequest;
    if (before.chargeId === chargeId && before.amountMinor === amountMinor) continue;
    return breaks(
      `${call.actor} sent ${call.site} over ${amountMinor} of ${chargeId} under key ${idempotencyKey}, under which ` +
        `${before.amountMinor} of ${before.chargeId} had been sent`,
      [known, call],
    );
  }
  return undefined;
}

/** The refunds that were sent on behalf of a client's request for one. */
function judgeRefunds(history: History, asked: Crossing): Judged {
  const wanted = asked.request as RefundIntent;
  let judged = 0;
  for (const call of viewOf(history).movements) {
    if (call.site !== 'gateway.refund' || call.actor !== asked.actor) continue;
    judged += 1;
    const { chargeId, amountMinor } = call.request as RefundRequest;
    const charge = history.books.charges.find(({ id }) => id === chargeId);
    const isRight = charge === undefined || charge.paymentToken === wanted.paymentToken;
    const money = { amountMinor, currency: charge?.currency ?? wanted.currency };
    if (isRight && isSame(wanted, money)) continue;
    const because =
      `${asked.actor} wanted ${wanted.amountMinor} ${wanted.currency} of ${wanted.paymentToken} back, and the gateway was ` +
      `asked for ${amountMinor} ${money.currency} of ${charge?.paymentToken ?? chargeId}`;
    return { judged, fault: breaks(because, [asked, call]) };
  }
  return { judged };
}
