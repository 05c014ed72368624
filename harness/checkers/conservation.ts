// S2. What a client was told to have paid is what the books took from the payer, to the last minor unit, and what the
// target's own ledger says.

import type { Answer, BookedCharge, ChargeIntent, Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { judgeLedger } from './ledger-conservation.ts';
import { shopOf } from './shop-view.ts';
import { breaks, holds, toldBy } from './verdicts.ts';
import { viewOf } from './view-of.ts';

type Ok = Extract<Answer, { kind: 'ok' }>;

/** S2 conservation: captured = answered = requested, unless a partial approval was reported; = ledger. */
export const conservation: Checker = {
  id: 'S2',
  name: 'conservation',
  statement:
    'The amount answered is the amount captured, and the amount requested unless a partial approval was reported, which ' +
    'is not enough for an order; where there is a ledger, it has of each payment exactly what the gateway has.',
  evidence: ['books', 'answers'],
  assumes: [],
  hint:
    'The answer was not made from what the gateway said: look for amounts taken from the request, converted ' +
    'through floating point, or read from the record of another payment. For a ledger: money moved, and its entry was ' +
    'lost, made twice, or made before the gateway had decided.',
  check,
};

function check(history: History): Verdict {
  let judged = 0;
  for (const intent of viewOf(history).intents) {
    const found = judgeAnswers(history, intent.charges, intent.requests);
    if (found.fault !== undefined) return found.fault;
    judged += found.judged;
  }
  for (const order of shopOf(history)?.orders ?? []) {
    const found = judgeAnswers(history, order.intent?.charges ?? [], order.requests);
    if (found.fault !== undefined) return found.fault;
    judged += found.judged;
  }
  const ledger = judgeLedger(history);
  return ledger.fault === undefined ? holds(judged + ledger.judged) : breaks(ledger.fault, []);
}

function judgeAnswers(
  history: History,
  charges: readonly BookedCharge[],
  requests: readonly Crossing[],
): { readonly judged: number; readonly fault?: Verdict } {
  let judged = 0;
  for (const request of requests) {
    const told = toldBy(request);
    if (told?.kind !== 'ok') continue;
    judged += 1;
    const wrong = faultOf(told, request, bookedAs(history, charges, told.chargeId));
    if (wrong !== undefined) return { judged, fault: breaks(wrong, [request]) };
  }
  return { judged };
}

function bookedAs(history: History, charges: readonly BookedCharge[], id: string): BookedCharge | undefined {
  const own = charges.find((charge) => charge.id === id);
  return own ?? history.books.charges.find((charge) => charge.id === id);
}

function faultOf(told: Ok, request: Crossing, charge: BookedCharge | undefined): string | undefined {
  const who = `${request.actor} was told ok about charge ${told.chargeId} over ${told.amountMinor} ${told.currency}`;
  if (charge === undefined) return `${who}, but the books know no such charge`;
  if (charge.currency !== told.currency) return `${who}, but the books hold it in ${charge.currency}`;
  const asked = request.request as ChargeIntent;
  // What is only reserved or was given back is judged by S13; here its amount must at least not be exceeded.
  if (charge.status !== 'captured') {
    return told.amountMinor > charge.amountMinor
      ? `${who}, but it was over ${charge.amountMinor} only`
      : undefined;
  }
  if (told.amountMinor !== charge.capturedMinor) return `${who}, but ${charge.capturedMinor} were captured`;
  if (told.amountMinor === asked.amountMinor) return undefined;
  // Goods are not sent for a part of their price.
  const approvedInPart = request.site === 'client.charge' && charge.capturedMinor === charge.approvedMinor;
  return approvedInPart && charge.amountMinor === asked.amountMinor
    ? undefined
    : `${who}, but had asked for ${asked.amountMinor} ${asked.currency}`;
}
