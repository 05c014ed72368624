// S13 for orders: told ok means paid and shipped, told failed means that nothing was kept or sent, and who has paid is
// told so when asking again.

import type { Answer, Crossing, History } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { OrderIntent } from '../history/shop.ts';
import type { Verdict } from './checker.ts';
import { beyondReachMinor, isOpen, owedMinor } from './money-back.ts';
import { beganWith, entriesInto, type OrderView, type ShopView, shopOf } from './shop-view.ts';
import { breaks, isAsk, toldBy } from './verdicts.ts';

/** What was compared, and the first answer that is not honest. */
export interface OrdersJudgement {
  readonly judged: number;
  readonly fault?: Verdict;
}

/** Judges the answers to orders; `dependable` says whether anybody can conclude from what has not happened by the end. */
export function judgeOrders(history: History, dependable: boolean): OrdersJudgement {
  const shop = shopOf(history);
  let judged = 0;
  for (const order of shop?.orders ?? []) {
    for (const request of order.requests) {
      const told = toldBy(request);
      const fault = told && shop && faultOf(told, { shop, order, request, dependable });
      if (fault === 'unjudged' || fault === undefined) continue;
      judged += 1;
      if (fault === 'honest') continue;
      const sends = order.intent?.sends.map(({ crossing }) => crossing) ?? [];
      return { judged, fault: breaks(`${request.actor} was told ${fault}`, [...sends, request]) };
    }
  }
  return { judged };
}

interface Told {
  readonly shop: ShopView;
  readonly order: OrderView;
  readonly request: Crossing;
  readonly dependable: boolean;
}

/** What is wrong with an answer, in words; `unjudged` when nothing can be said of it. */
function faultOf(told: Answer, about: Told): string {
  const { shop, order, request, dependable } = about;
  if (told.kind === 'ok') return dishonestOk(told.chargeId, about) ?? 'honest';
  if (shop.settledAt === undefined || !dependable || !ownsCharges(order)) return 'unjudged';
  const answer = `${told.kind} (${told.code}) about order ${order.token}`;
  if (told.kind === 'failed') {
    const kept = keptOf(about);
    return kept === undefined ? 'honest' : `${answer}, but ${kept}`;
  }
  if (!isAsk(request) || isConflict(told, about) || isInRepair(order)) return 'unjudged';
  if (beganWith(order, request) && order.requests.at(-1) !== request) return 'unjudged';
  const paid = order.intent?.charges.find(
    (charge) => charge.status === 'captured' && (owedMinor(charge, undefined) > 0 || isCompleted(order)),
  );
  return paid === undefined
    ? 'unjudged'
    : `${answer}, but charge ${paid.id} of it is captured over ${paid.capturedMinor} ${paid.currency}`;
}

function dishonestOk(chargeId: string, { shop, order, request }: Told): string | undefined {
  const charge = order.intent?.charges.find(({ id }) => id === chargeId);
  const who = `ok about order ${order.token} and charge ${chargeId}`;
  if (charge === undefined) return `${who}, but the gateway has no such charge of this purchase`;
  if (charge.status !== 'captured') return `${who}, but the books hold it as ${charge.status}`;
  const isBefore = ({ at }: { readonly at: Instant }): boolean => at.order < (request.replied?.order ?? 0);
  if (!(charge.captures ?? [charge]).some(isBefore)) return `${who}, but it was captured only afterwards`;
  const shipments = shop.books.shipments.filter((shipment) => order.names.has(shipment.order));
  if (shipments.some(isBefore)) return undefined;
  return `${who}, but the carrier ${shipments.length === 0 ? 'has no shipment of it' : 'was told only afterwards'}`;
}

/** What was kept of an order that is said to have failed. */
function keptOf({ shop, order }: Told): string | undefined {
  const endedAt = order.sagas.flatMap((saga) => entriesInto(saga, 'COMPENSATED')).at(-1)?.at;
  for (const charge of order.intent?.charges ?? []) {
    const { id, status, currency } = charge;
    if (isOpen(charge)) return `charge ${id} still holds money: it is ${status}`;
    const owed = owedMinor(charge, endedAt) - beyondReachMinor(charge, shop.books.pages);
    if (owed > 0) return `${owed} ${currency} of charge ${id} were kept`;
  }
  const shipment = shop.books.shipments.find((one) => order.names.has(one.order));
  return shipment && `order ${shipment.order} was shipped`;
}

/** Whether all requests are about one and the same order: under another key the purchase may have succeeded. */
function ownsCharges({ requests }: OrderView): boolean {
  return new Set(requests.map(nameIn)).size === 1;
}

function nameIn({ request }: Crossing): string {
  const { scope, key } = request as OrderIntent;
  return JSON.stringify([scope, key]);
}

/** The key is rightly refused to a request with another payload than the first. */
function isConflict({ kind, ...told }: Answer, { order, request }: Told): boolean {
  if (kind !== 'rejected' || !('code' in told) || told.code !== 'idempotency_conflict') return false;
  return order.requests.some(
    (other) => !samePayload(other.request as OrderIntent, request.request as OrderIntent),
  );
}

function samePayload(a: OrderIntent, b: OrderIntent): boolean {
  return (
    a.amountMinor === b.amountMinor && a.currency === b.currency && a.risk === b.risk && a.note === b.note
  );
}

/** Neither finished nor undone, and in the hands of people: nothing final can be said. */
function isInRepair({ sagas }: OrderView): boolean {
  return sagas.some(({ final }) => final?.state === 'FAILED_COMPENSATION');
}

function isCompleted({ sagas }: OrderView): boolean {
  return sagas.some(({ final }) => final?.state === 'COMPLETED');
}
