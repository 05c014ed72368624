// Marks of what orders were asked with and of who answered for them: notes with card data, payers whom the rules look at,
// operators who ask the gateway once more.

import type { Answer, Crossing, History } from '../history/history.ts';
import type { OrderIntent } from '../history/shop.ts';
import { canariesOf } from './canaries.ts';
import { crossingsAt } from './crossings-at.ts';
import type { Reach } from './mark-definitions.ts';
import { errorSeen } from './verdicts.ts';
import { viewOf } from './view-of.ts';

/** Notes the marks that requests for orders reach; a history without a shop reaches none. */
export function markOrders(history: History, reach: Reach): void {
  if (history.books.shop === undefined) return;
  for (const crossing of crossingsAt(history, 'client.checkout')) markRequest(crossing, reach);
  if (crossingsAt(history, 'gateway.redeliver').some(({ effect }) => effect?.ok === true))
    reach('redelivery-asked');
  for (const incident of history.incidents)
    if (incident.kind === 'stepped-up' && incident.outcome === 'authenticated')
      markStepUp(history, { token: incident.paymentToken, order: incident.at.order }, reach);
}

function markRequest({ applied, request, reply }: Crossing, reach: Reach): void {
  if (applied === undefined) return;
  const answer = reply?.ok === true ? (reply.value as Answer) : undefined;
  const failed = answer?.kind === 'failed';
  if (failed && answer.code === 'fraud_blocked') reach('order-blocked');
  const order = request as OrderIntent;
  if (order.note === undefined || canariesOf(order).length === 0) return;
  reach('card-data-noted');
  if (failed) reach('card-data-noted-in-failure');
}

/** Whether the payer of an order answered a challenge, and the payment went through. */
function markStepUp(
  history: History,
  { token, order }: { readonly token: string | undefined; readonly order: number },
  reach: Reach,
): void {
  const intent = viewOf(history).intents.find((one) => one.token === token);
  const isChallenged = intent?.sends.some(({ crossing }) => {
    const asked = errorSeen(crossing)?.code === 'authentication_required';
    return asked && (crossing.replied?.order ?? Number.POSITIVE_INFINITY) < order;
  });
  const isPaid = intent?.charges.some(({ status }) => status === 'captured');
  if (isChallenged === true && isPaid === true) reach('order-stepped-up');
}
