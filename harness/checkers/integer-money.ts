// S19. Money is whole minor units of a named currency, from the client to the books and back.

import type { ChargeIntent, Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds, toldBy } from './verdicts.ts';
import type { IntentView } from './view.ts';
import { viewOf } from './view-of.ts';

/** S19 integer-money: amounts are safe integers in the currency's own minor unit, end to end. */
export const integerMoney: Checker = {
  id: 'S19',
  name: 'integer-money',
  statement:
    "Amounts are safe integers in the currency's minor unit, and unchanged from the request to the books.",
  evidence: ['books', 'bytes'],
  assumes: [],
  hint:
    'An amount was converted on its way: look for parseFloat, multiplication by 100 for every currency, and ' +
    'truncation instead of exact decimals.',
  check,
};

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

function check(history: History): Verdict {
  let judged = 0;
  for (const intent of viewOf(history).intents) {
    for (const request of intent.requests) {
      const wrong = faultyAnswer(request);
      if (wrong !== undefined) return breaks(wrong, [request]);
    }
    for (const { crossing, request } of intent.sends) {
      const wrong = faultOf(request) ?? changed(intent, request);
      if (wrong !== undefined)
        return breaks(`${crossing.actor} sent ${worded(request)}: ${wrong}`, [crossing]);
    }
    for (const charge of intent.charges) {
      const { id, capturedMinor, amountMinor, refundedMinor } = charge;
      const wrong =
        faultOf(charge) ??
        changed(intent, charge) ??
        excess(capturedMinor, amountMinor, 'captured') ??
        excess(refundedMinor, capturedMinor, 'refunded');
      if (wrong === undefined) continue;
      const sent = intent.sends.find((send) => send.request.idempotencyKey === charge.idempotencyKey);
      return breaks(`charge ${id} is booked over ${worded(charge)}: ${wrong}`, [sent?.crossing]);
    }
    judged += intent.sends.length + intent.charges.length;
  }
  return holds(judged);
}

function faultyAnswer(request: Crossing): string | undefined {
  const told = toldBy(request);
  if (told?.kind !== 'ok') return undefined;
  const wrong = faultOf(told);
  return wrong === undefined ? undefined : `${request.actor} was told ok over ${worded(told)}: ${wrong}`;
}

function faultOf({ amountMinor, currency }: Money): string | undefined {
  if (!isAmount(amountMinor)) return 'the amount is not a whole number of minor units';
  return isCurrency(currency) ? undefined : 'the currency is not an ISO 4217 code';
}

/** What is sent or booked must be what some request of the purchase asked for. */
function changed({ requests }: IntentView, { amountMinor, currency }: Money): string | undefined {
  const [first] = requests;
  if (first === undefined) return undefined;
  for (const { request } of requests) {
    const asked = request as ChargeIntent;
    if (asked.amountMinor === amountMinor && asked.currency === currency) return undefined;
  }
  return `the client had asked for ${worded(first.request as ChargeIntent)}`;
}

function excess(partMinor: number, wholeMinor: number, what: string): string | undefined {
  if (!isAmount(partMinor)) return `the amount ${what}, ${partMinor}, is not a whole number of minor units`;
  return partMinor > wholeMinor ? `${partMinor} were ${what}, which is more than ${wholeMinor}` : undefined;
}

function isAmount(amountMinor: number): boolean {
  return Number.isSafeInteger(amountMinor) && amountMinor >= 0;
}

function isCurrency(code: string): boolean {
  return (
    code.length === 3 &&
    isCapital(code.charCodeAt(0)) &&
    isCapital(code.charCodeAt(1)) &&
    isCapital(code.charCodeAt(2))
  );
}

function isCapital(unit: number): boolean {
  return unit >= 65 && unit <= 90;
}

function worded({ amountMinor, currency }: Money): string {
  return `${amountMinor} ${currency}`;
}
