// S13. An answer is a promise about money: told paid means paid, told not charged means not charged, and who
// paid is told so when asking again.

import type { BookedCharge, ChargeIntent, Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { epochOfCharge, epochOfRequest, hasSeveralEpochs, mayHaveLapsed } from './epochs.ts';
import { judgeOrders } from './honest-orders.ts';
import { judgeRefunds } from './honest-refunds.ts';
import { mayConflict } from './payloads.ts';
import { judgeRefundTotals } from './refund-totals.ts';
import { breaks, holds, isAsk, isEffective, toldBy, unpromised } from './verdicts.ts';
import type { IntentView } from './view.ts';
import { viewOf } from './view-of.ts';

const assumes = ['single-delivery', 'key-retention'] as const;

/** S13 honest-answers: ok ⇒ captured; failed ⇒ not charged; captured ⇒ ok when asked again after settling. */
export const honestAnswers: Checker = {
  id: 'S13',
  name: 'honest-answers',
  statement:
    'Who is told ok was charged, and sent what was ordered, or has the refund; who is told failed was not, or has everything ' +
    'back; who was charged or refunded is told ok when asking again; and no more goes back than was asked for.',
  evidence: ['answers', 'books'],
  assumes,
  hint:
    'An outcome was guessed: look for an unknown effect (time-out, reset, 5xx) that was answered as a failure, or ' +
    'for an answer given before the gateway had decided.',
  check,
};

function check(history: History): Verdict {
  const lost = unpromised(history.terms, assumes);
  if (lost !== undefined) return lost;
  const { broken, maxEffectDelayMs } = history.terms;
  const bounded = !broken.includes('bounded-delay');
  // Where the gateway admits that it knows no bound nobody may conclude from silence; where it breaks the bound
  // that it declared, nobody could have known.
  const dependable = bounded || !Number.isFinite(maxEffectDelayMs);
  let judged = 0;
  for (const intent of viewOf(history).intents) {
    for (const request of intent.requests) {
      const told = toldBy(request);
      if (told === undefined) continue;
      if (told.kind === 'ok') {
        judged += 1;
        const wrong = dishonestOk(history, request, told.chargeId);
        if (wrong !== undefined) return breaks(wrong, [request]);
      } else if (told.kind === 'failed') {
        if (!dependable) continue;
        const charge = chargeOf(history, intent, request);
        judged += 1;
        if (charge !== undefined) return deniedCharge(intent, request, charge);
      } else {
        // "Nothing was done for this request" invites the client to pay again, under a new key if it likes.
        const own = told.kind === 'rejected' ? effectOfOwn(intent, request) : undefined;
        if (own !== undefined) return deniedCharge(intent, request, own);
        if (!(bounded && isAsk(request))) continue;
        const charge = chargeOf(history, intent, request);
        if (charge?.status !== 'captured' || mayConflict(history, intent, request)) continue;
        return deniedCharge(intent, request, charge);
      }
    }
  }
  const orders = judgeOrders(history, bounded);
  const refunds = judgeRefunds(history, bounded);
  const totals = bounded ? judgeRefundTotals(history) : { judged: 0 };
  const fault = orders.fault ?? refunds.fault ?? totals.fault;
  return fault ?? holds(judged + orders.judged + refunds.judged + totals.judged);
}

/** The standing charge that one of the request's own sends had brought about when it was answered. */
function effectOfOwn(intent: IntentView, { actor, replied }: Crossing): BookedCharge | undefined {
  return intent.charges.find(
    (charge) =>
      isEffective(charge) &&
      charge.at.order <= (replied?.order ?? 0) &&
      causeOf(intent, charge)?.actor === actor,
  );
}

/**
 * The send that brought a charge about: the first one that was answered with it, else the last one that had arrived by
 * then. A send that never arrived is no cause, though another under the same key may be.
 */
function causeOf({ sends }: IntentView, charge: BookedCharge): Crossing | undefined {
  let last: Crossing | undefined;
  for (const { crossing, request } of sends) {
    const { applied, effect } = crossing;
    if (request.idempotencyKey !== charge.idempotencyKey || applied === undefined) continue;
    if (effect?.ok === true && (effect.value as { readonly id: string }).id === charge.id) return crossing;
    if (applied.atMs <= charge.at.atMs) last = crossing;
  }
  return last;
}

function dishonestOk({ books }: History, request: Crossing, chargeId: string): string | undefined {
  const charge = books.charges.find(({ id }) => id === chargeId);
  if (charge?.status === 'captured') return undefined;
  const truth =
    charge === undefined ? 'the books know no such charge' : `the books hold it as ${charge.status}`;
  return `${request.actor} was told ok about charge ${chargeId}, but ${truth}`;
}

/** The effective charge of the purchase that `request` was answered about, if there is one for certain. */
function chargeOf(history: History, intent: IntentView, request: Crossing): BookedCharge | undefined {
  if (intent.charges.length === 0 || mayHaveLapsed(history, intent)) return undefined;
  if (!hasSeveralEpochs(intent)) return intent.charges.find(isEffective);
  const epoch = epochOfRequest(intent, request);
  return intent.charges.find((charge) => isEffective(charge) && epochOfCharge(intent, charge) === epoch);
}

function deniedCharge(intent: IntentView, request: Crossing, charge: BookedCharge): Verdict {
  const told = toldBy(request);
  const answer = told === undefined || told.kind === 'ok' ? 'ok' : `${told.kind} (${told.code})`;
  const { amountMinor, currency } = request.request as ChargeIntent;
  const sent = intent.sends.find(
    ({ request: { idempotencyKey } }) => idempotencyKey === charge.idempotencyKey,
  );
  return breaks(
    `${request.actor} asked for ${amountMinor} ${currency} and was told ${answer}, but charge ${charge.id} of the ` +
      `same purchase is ${charge.status} over ${charge.amountMinor} ${charge.currency}`,
    [request, sent?.crossing],
  );
}
