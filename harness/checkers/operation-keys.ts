// S18 for shops: what is captured, refunded, held or sent for an order is one operation however often it is tried, and whoever
// carries it out recognises the repetition by its key alone.

import type { Mutation } from '../../src/gateway/port.ts';
import type { Crossing, History } from '../history/history.ts';
import type { OrderIntent, RefundIntent } from '../history/shop.ts';
import type { Verdict } from './checker.ts';
import { type OrderView, type ShopView, shopOf } from './shop-view.ts';
import { breaks } from './verdicts.ts';
import { viewOf } from './view-of.ts';

/** What was compared, and the first operation that has taken a second key. */
export interface OperationsJudgement {
  readonly judged: number;
  readonly fault?: Verdict;
}

/** Judges the operations of orders and of clients' refunds; without a shop there are none. */
export function judgeOperations(history: History): OperationsJudgement {
  const shop = shopOf(history);
  let judged = 0;
  if (shop === undefined) return { judged };
  for (const [what, sends] of operationsOf(history, shop)) {
    judged += 1;
    const fault = freshKey(what, sends);
    if (fault !== undefined) return { judged, fault };
  }
  return { judged };
}

/** The first send under another key than one that had an effect before. */
function freshKey(what: string, sends: readonly Crossing[]): Verdict | undefined {
  const done = sends.find(({ effect }) => effect?.ok === true && !isFailed(effect.value));
  if (done === undefined) return undefined;
  const first = sends.find((one) => keyOf(one) === keyOf(done)) ?? done;
  const other = sends.find((one) => keyOf(one) !== keyOf(done) && one.called.order > first.called.order);
  if (other === undefined) return undefined;
  return breaks(
    `${other.actor} sent ${what} under key ${keyOf(other)} after ${keyOf(done)} had been sent, which had its effect`,
    [done, other],
  );
}

/** A refund that was refused by the answer to it has to be made under another key, if at all. */
function isFailed(value: unknown): boolean {
  return (value as { readonly status?: unknown } | null | undefined)?.status === 'failed';
}

type Operation = readonly [what: string, sends: readonly Crossing[]];

function* operationsOf(history: History, shop: ShopView): Generator<Operation> {
  const { movements } = viewOf(history);
  const captures = movements.filter(({ site }) => site === 'gateway.capture');
  for (const [charge, sends] of Map.groupBy(captures, ({ request }) => (request as Moved).chargeId))
    if (shop.orders.some(({ intent }) => intent?.charges.some(({ id }) => id === charge)))
      yield [`the capture of ${charge}`, sends];
  const refunds = movements.filter(({ site }) => site === 'gateway.refund');
  for (const [called, asked] of Map.groupBy(shop.refundRequests, refundCalled)) {
    const actors = new Set(asked.map(({ actor }) => actor));
    const charges = new Set(asked.flatMap((one) => chargesOf(shop, one)));
    yield [
      called,
      refunds.filter(({ actor, request }) => actors.has(actor) && charges.has((request as Moved).chargeId)),
    ];
  }
  for (const order of shop.orders) yield* servicesOf(order, shop.services);
}

/** Each client key of an order is an order of its own: what is done for it can't be told apart where they share a name. */
function* servicesOf(
  { names, requests, token }: OrderView,
  services: readonly Crossing[],
): Generator<Operation> {
  if (new Set(requests.map(({ request }) => (request as OrderIntent).key)).size > 1) return;
  for (const site of ['inventory.reserve', 'shipping.ship'] as const) {
    const sends = services.filter(
      (call) => call.site === site && names.has((call.request as { readonly order: string }).order),
    );
    yield [`${site} for order ${token}`, sends];
  }
}

function refundCalled({ request }: Crossing): string {
  const { scope, order, key } = request as RefundIntent;
  return `refund ${key} of order ${order} of ${scope}`;
}

function chargesOf({ history }: ShopView, { request }: Crossing): readonly string[] {
  const { paymentToken } = request as RefundIntent;
  return history.books.charges.filter((one) => one.paymentToken === paymentToken).map(({ id }) => id);
}

type Moved = Mutation & { readonly chargeId: string };

function keyOf({ request }: Crossing): string {
  return (request as Mutation).idempotencyKey;
}
