// A shop's history as checkers want it: who ordered what, which saga served it, and everything that its journal was
// told. Built once for each history, and not at all for one without orders.

import type { SagaClaimAnswer, SagaName, SagaRecord, SagaWriteAnswer } from '../../src/saga/journal.ts';
import type { SagaProgress, StepProgress } from '../../src/saga/progress.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { OrderIntent, ShopBooks } from '../history/shop.ts';
import type { IntentView } from './view.ts';
import { viewOf } from './view-of.ts';

/** A saga as the journal had it from one applied operation on. */
export interface SagaMoment {
  readonly crossing: Crossing;
  readonly at: Instant;
  readonly record: SagaRecord;
  /** Steps in the order of the definition; empty where the progress is not in the documented shape. */
  readonly steps: readonly StepProgress[];
}

/** Everything about one saga. */
export interface SagaView {
  readonly name: SagaName;
  /** As the journal had it at the end; undefined when it was not to be found there. */
  readonly final: SagaRecord | undefined;
  readonly finalSteps: readonly StepProgress[];
  /** What was begun, claimed and written, in the order in which the journal did it. */
  readonly moments: readonly SagaMoment[];
  order: OrderView | undefined;
}

/** Everything about one order: all requests with one payment token. */
export interface OrderView {
  readonly token: string;
  /** `client.checkout` crossings, the final asking included, in the order of the calls. */
  readonly requests: readonly Crossing[];
  readonly sagas: readonly SagaView[];
  /** What services may know it by. */
  readonly names: ReadonlySet<string>;
  /** What the gateway was asked for and has booked; undefined when it never heard of the token. */
  readonly intent: IntentView | undefined;
}

/** What one actor did for orders. Lists are in the order of the calls. */
export interface ShopActorView {
  /** Its `client.checkout` or `client.refund` crossing; undefined for everybody else. */
  request: Crossing | undefined;
  readonly opens: Crossing[];
  /** Claims of sagas that exist. */
  readonly takesUp: Crossing[];
  /** Captures, voids and refunds. */
  readonly movements: Crossing[];
  /** Calls of the log of fraud verdicts. */
  readonly verdicts: Crossing[];
  /** Calls of the ledger that decide on a refund: commits and totals. */
  readonly limits: Crossing[];
}

/** A shop's history, sorted by what checkers ask for. */
export interface ShopView {
  readonly history: History;
  readonly books: ShopBooks;
  /** In the order of their first requests. */
  readonly orders: readonly OrderView[];
  /** In the order of the journal's list. */
  readonly sagas: readonly SagaView[];
  /** `client.refund` crossings in the order of the calls. */
  readonly refundRequests: readonly Crossing[];
  /** Calls of inventory and carrier, in their order. */
  readonly services: readonly Crossing[];
  /** Whoever did something for orders. */
  readonly actors: ReadonlyMap<string, ShopActorView>;
  /** Whether the target keeps a ledger at all. */
  readonly keepsLedger: boolean;
  /** See {@link View.settledAt}. */
  readonly settledAt: Instant | undefined;
}

let latest: ShopView | undefined;

/** The shop's side of a history; undefined when it has none. */
export function shopOf(history: History): ShopView | undefined {
  if (history.books.shop === undefined) return undefined;
  if (latest?.history !== history) latest = build(history, history.books.shop);
  return latest;
}

/** The steps that a journal's record tells of, in its documented shape; none when it is in another. */
export function stepsIn({ progress }: Pick<SagaRecord, 'progress'>): readonly StepProgress[] {
  try {
    const { steps } = JSON.parse(progress) as Partial<SagaProgress>;
    return Array.isArray(steps) ? steps : [];
  } catch {
    return [];
  }
}

/** How sentences call a saga. */
export function sagaCalled({ name: { saga, id } }: SagaView): string {
  return `saga ${saga} ${id}`;
}

/** The moments in which a saga came into `state` from another. */
export function entriesInto({ moments }: SagaView, state: SagaRecord['state']): readonly SagaMoment[] {
  return moments.filter(
    ({ record }, index) => record.state === state && moments[index - 1]?.record.state !== state,
  );
}

interface OrderDraft extends OrderView {
  readonly requests: Crossing[];
  readonly sagas: SagaView[];
  readonly names: Set<string>;
}

interface Draft {
  readonly orders: Map<string, OrderDraft>;
  readonly byActor: Map<string, OrderDraft>;
  readonly openers: Map<string, OrderDraft>;
  readonly moments: Map<string, SagaMoment[]>;
  readonly refundRequests: Crossing[];
  readonly services: Crossing[];
  readonly actors: Map<string, ShopActorView>;
  keepsLedger: boolean;
}

function build(history: History, books: ShopBooks): ShopView {
  const draft: Draft = {
    orders: new Map(),
    byActor: new Map(),
    openers: new Map(),
    moments: new Map(),
    refundRequests: [],
    services: [],
    actors: new Map(),
    keepsLedger: books.entries.length > 0,
  };
  const { intents, settledAt } = viewOf(history);
  const byToken = new Map(intents.map((intent) => [intent.token, intent]));
  for (const crossing of history.crossings) take(draft, crossing, byToken);
  const { orders, refundRequests, services, actors } = draft;
  const sagas = sagasOf(books, draft);
  for (const saga of sagas) link(saga, draft);
  nameOrders([...orders.values()]);
  const { keepsLedger } = draft;
  return {
    history,
    books,
    orders: [...orders.values()],
    sagas,
    refundRequests,
    services,
    actors,
    keepsLedger,
    settledAt,
  };
}

function take(draft: Draft, crossing: Crossing, intents: ReadonlyMap<string, IntentView>): void {
  switch (crossing.site) {
    case 'client.checkout': {
      const { paymentToken: token } = crossing.request as OrderIntent;
      let order = draft.orders.get(token);
      if (order === undefined) {
        order = { token, requests: [], sagas: [], names: new Set(), intent: intents.get(token) };
        draft.orders.set(token, order);
      }
      order.requests.push(crossing);
      draft.byActor.set(crossing.actor, order);
      actorOf(draft, crossing).request ??= crossing;
      return;
    }
    case 'client.refund':
      draft.refundRequests.push(crossing);
      actorOf(draft, crossing).request ??= crossing;
      return;
    case 'gateway.capture':
    case 'gateway.void':
    case 'gateway.refund':
      actorOf(draft, crossing).movements.push(crossing);
      return;
    case 'verdicts.keep':
    case 'verdicts.read':
      actorOf(draft, crossing).verdicts.push(crossing);
      return;
    case 'saga.open':
      actorOf(draft, crossing).opens.push(crossing);
      return takeMoment(draft, crossing);
    case 'saga.claim':
      actorOf(draft, crossing).takesUp.push(crossing);
      return takeMoment(draft, crossing);
    case 'saga.save':
    case 'saga.leave':
      return takeMoment(draft, crossing);
    case 'ledger.commit':
    case 'ledger.totals':
      actorOf(draft, crossing).limits.push(crossing);
      draft.keepsLedger = true;
      return;
    case 'ledger.entries':
      draft.keepsLedger = true;
      return;
    case 'inventory.reserve':
    case 'inventory.release':
    case 'shipping.ship':
      draft.services.push(crossing);
      draft.byActor.get(crossing.actor)?.names.add((crossing.request as { readonly order: string }).order);
      return;
    default:
  }
}

function actorOf({ actors }: Draft, { actor }: Crossing): ShopActorView {
  let view = actors.get(actor);
  if (view === undefined) {
    view = { request: undefined, opens: [], takesUp: [], movements: [], verdicts: [], limits: [] };
    actors.set(actor, view);
  }
  return view;
}

function takeMoment({ moments, openers, byActor }: Draft, crossing: Crossing): void {
  const key = keyOf(crossing.request as SagaName);
  const order = crossing.site === 'saga.open' ? byActor.get(crossing.actor) : undefined;
  if (order !== undefined && !openers.has(key)) openers.set(key, order);
  const { applied, effect } = crossing;
  if (applied === undefined || effect?.ok !== true) return;
  const answer = effect.value as Partial<SagaClaimAnswer & SagaWriteAnswer>;
  if (!(answer.owned || answer.written) || !answer.record) return;
  const { record } = answer;
  const known = moments.get(key);
  const moment: SagaMoment = { crossing, at: applied, record, steps: stepsAfter(known?.at(-1), record) };
  if (known === undefined) moments.set(key, [moment]);
  else known.push(moment);
}

/** Reading what has not changed again would take longer than everything else about it. */
function stepsAfter(before: SagaMoment | undefined, record: SagaRecord): readonly StepProgress[] {
  return before?.record.progress === record.progress ? before.steps : stepsIn(record);
}

function sagasOf({ sagas }: ShopBooks, { moments }: Draft): readonly SagaView[] {
  const final = new Map<string, SagaRecord>(sagas.map((record) => [keyOf(record), record]));
  return [...new Set([...final.keys(), ...moments.keys()])].map((key) => {
    const record = final.get(key);
    const [saga = '', id = ''] = JSON.parse(key) as readonly string[];
    const own = (moments.get(key) ?? []).sort((a, b) => a.at.order - b.at.order);
    return {
      name: { saga, id },
      final: record,
      finalSteps: record === undefined ? [] : stepsAfter(own.at(-1), record),
      moments: own,
      order: undefined,
    };
  });
}

/** A saga serves the order whose request opened it first, else the one whose token its context holds. */
function link(saga: SagaView, { openers, orders }: Draft): void {
  const { final, moments, name } = saga;
  const progress = final?.progress ?? moments[0]?.record.progress ?? '';
  const order =
    openers.get(keyOf(name)) ??
    [...orders.values()].find(({ token }) => progress.includes(JSON.stringify(token)));
  if (order === undefined) return;
  saga.order = order;
  order.sagas.push(saga);
  order.names.add(name.id);
}

/** A key alone names an order only where no other scope uses the same. */
function nameOrders(orders: readonly OrderDraft[]): void {
  const owners = new Map<string, Set<OrderDraft>>();
  for (const order of orders) {
    for (const { request } of order.requests) {
      const { scope, key } = request as OrderIntent;
      order.names.add(`${scope}/${key}`);
      owners.set(key, (owners.get(key) ?? new Set()).add(order));
    }
  }
  for (const [key, [owner, another]] of owners) if (another === undefined) owner?.names.add(key);
}

function keyOf({ saga, id }: SagaName): string {
  return JSON.stringify([saga, id]);
}

/**
 * Whether nobody had begun the order when it was asked for: a guard may make it wait for longer than its client does, who then
 * asks once more.
 */
export function beganWith({ sagas }: OrderView, ask: Crossing): boolean {
  const first = sagas[0]?.moments[0];
  return first !== undefined && first.at.order > ask.called.order;
}
