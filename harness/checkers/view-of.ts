// One pass over a history, shared by all checkers. They run on every simulated case, so it is built once per
// history and allocates sparingly.

import type { ChargeRequest, LookupRequest } from '../../src/gateway/port.ts';
import type { ChargeIntent, Crossing, History } from '../history/history.ts';
import {
  type ActorView,
  type IntentView,
  type LifeView,
  recordAfter,
  type Send,
  type SlotView,
  sawOwned,
  type View,
  wasWritten,
} from './view.ts';

// Only the latest: all checkers see one history before the next. A WeakMap would keep every history alive until it has
// grown old, and collecting the old takes longer than judging.
let latest: View | undefined;

/** The view of a history; built anew unless the same history was asked for last. */
export function viewOf(history: History): View {
  if (latest?.history !== history) latest = build(history);
  return latest;
}

interface Draft {
  /** The actor that was asked for last. */
  present: ActorView | undefined;
  readonly intents: IntentView[];
  readonly slots: SlotView[];
  readonly movements: Crossing[];
  readonly lives: LifeView[];
  readonly byToken: Map<string, IntentView>;
  readonly byKey: Map<string, SlotView>;
  readonly actors: Map<string, ActorView>;
}

function build(history: History): View {
  const draft: Draft = {
    present: undefined,
    intents: [],
    slots: [],
    movements: [],
    lives: [],
    byToken: new Map(),
    byKey: new Map(),
    actors: new Map(),
  };
  for (const crossing of history.crossings) take(draft, crossing);
  for (const passage of history.passages) {
    actorOf(draft, passage.actor).passages.push(passage);
    lifeOf(draft, passage).passages.push(passage);
  }
  for (const entry of history.logs) actorOf(draft, entry.actor).logs.push(entry);
  for (const charge of history.books.charges) intentOf(draft, charge.paymentToken).charges.push(charge);
  for (const slot of draft.slots) {
    sortByApplication(slot.operations);
    if (slot.purchases !== undefined) slot.purchases = purchasesOf(slot, history.terms.ttlMs);
  }
  const { intents, slots, movements, actors, lives } = draft;
  const settledAt = history.incidents.findLast(({ kind }) => kind === 'settled')?.at;
  return { history, intents, slots, movements, actors, lives, settledAt };
}

function take(draft: Draft, crossing: Crossing): void {
  const actor = actorOf(draft, crossing.actor);
  if (!crossing.site.endsWith('.renew')) actor.activeOrder = crossing.called.order;
  switch (crossing.site) {
    case 'client.charge':
      return takeRequest(draft, actor, crossing);
    case 'store.claim':
      return takeClaim(draft, actor, crossing);
    case 'store.list':
      return;
    case 'gateway.authorize':
      return takeSend(draft, actor, crossing);
    case 'gateway.lookup':
      return takeLookup(draft, actor, crossing);
    case 'gateway.capture':
    case 'gateway.void':
    case 'gateway.refund':
      draft.movements.push(crossing);
      return;
    case 'clock.sleep':
      actor.sleeps.push(crossing);
      return;
    default:
      if (crossing.site.startsWith('store.')) takeOperation(draft, actor, crossing);
  }
}

function takeRequest(draft: Draft, actor: ActorView, crossing: Crossing): void {
  const asked = crossing.request as ChargeIntent;
  const intent = intentOf(draft, asked.paymentToken);
  const first = intent.requests[0]?.request as ChargeIntent | undefined;
  if (first !== undefined && (first.amountMinor !== asked.amountMinor || first.currency !== asked.currency)) {
    intent.severalPayloads = true;
  }
  intent.requests.push(crossing);
  actor.intent = intent;
  actor.request ??= crossing;
}

function takeClaim(draft: Draft, actor: ActorView, crossing: Crossing): void {
  const slot = slotOf(draft, (crossing.request as { readonly key: string }).key);
  actor.claims.push(crossing);
  actor.slot = slot;
  const { intent } = actor;
  if (intent !== undefined) {
    if (slot.intent === undefined) slot.intent = intent;
    else if (slot.intent !== intent) slot.shared = true;
    if (!intent.slots.includes(slot)) intent.slots.push(slot);
  }
  note(slot, crossing);
}

function takeOperation(draft: Draft, actor: ActorView, crossing: Crossing): void {
  const { request } = crossing;
  const key = typeof request === 'string' ? request : (request as { readonly key: string }).key;
  if (crossing.site === 'store.advance' && wasWritten(crossing)) actor.advancedOrder = crossing.called.order;
  note(slotOf(draft, key), crossing);
}

function note(slot: SlotView, crossing: Crossing): void {
  if (crossing.applied === undefined) {
    slot.lost.push(crossing);
    return;
  }
  slot.operations.push(crossing);
  const epoch = recordAfter(crossing)?.epoch;
  if (epoch === undefined || epoch === slot.epoch) return;
  if (slot.epoch === undefined) slot.epoch = epoch;
  else slot.purchases ??= new Map();
}

function takeSend(draft: Draft, actor: ActorView, crossing: Crossing): void {
  const request = crossing.request as ChargeRequest;
  const intent = intentOf(draft, request.paymentToken);
  const claim = claimHeld(actor, intent, crossing);
  const last = actor.lastSend;
  const sameCall =
    last !== undefined &&
    last.claim === claim &&
    last.request.paymentToken === request.paymentToken &&
    last.crossing.called.order > actor.advancedOrder;
  const before = sameCall ? last : undefined;
  const attempt = before === undefined ? 1 : before.attempt + 1;
  const send: Send = { crossing, request, claim, before, attempt };
  intent.sends.push(send);
  actor.sends.push(send);
  lifeOf(draft, crossing).sends.push(send);
  actor.lastSend = send;
}

/** The latest owned claim on the intent's record whose answer the actor had seen before it made `send`. */
function claimHeld(actor: ActorView, intent: IntentView, send: Crossing): Crossing | undefined {
  const { claims } = actor;
  // A client's actor works for one intent only; so may a background actor that sends what nobody asked for.
  const anyRecord = actor.intent !== undefined || intent.slots.length === 0;
  for (let i = claims.length - 1; i >= 0; i -= 1) {
    const claim = claims[i];
    if (claim?.replied === undefined || claim.replied.order > send.called.order || !sawOwned(claim)) continue;
    if (anyRecord) return claim;
    const { key } = claim.request as { readonly key: string };
    if (intent.slots.some((slot) => slot.key === key)) return claim;
  }
  return undefined;
}

/** A background actor looks up what it has just claimed, unless the name that it asks by was sent for another. */
function takeLookup({ intents }: Draft, actor: ActorView, crossing: Crossing): void {
  const likely = actor.intent ?? actor.slot?.intent;
  if (likely !== undefined && (actor.intent !== undefined || likely.sends.length === 0)) {
    likely.lookups.push(crossing);
    return;
  }
  const request = crossing.request as LookupRequest;
  const sent = (intent: IntentView): boolean => intent.sends.some((send) => wasNamed(send.request, request));
  const intent = likely !== undefined && sent(likely) ? likely : (intents.find(sent) ?? likely);
  intent?.lookups.push(crossing);
}

function wasNamed(sent: ChargeRequest, request: LookupRequest): boolean {
  return request.by === 'key'
    ? sent.idempotencyKey === request.idempotencyKey
    : sent.merchantReference === request.merchantReference;
}

function intentOf({ byToken, intents }: Draft, token: string): IntentView {
  let intent = byToken.get(token);
  if (intent === undefined) {
    intent = { token, requests: [], sends: [], lookups: [], charges: [], slots: [], severalPayloads: false };
    byToken.set(token, intent);
    intents.push(intent);
  }
  return intent;
}

function slotOf({ byKey, slots }: Draft, key: string): SlotView {
  let slot = byKey.get(key);
  if (slot === undefined) {
    slot = {
      key,
      operations: [],
      lost: [],
      intent: undefined,
      shared: false,
      epoch: undefined,
      purchases: undefined,
    };
    byKey.set(key, slot);
    slots.push(slot);
  }
  return slot;
}

function actorOf(draft: Draft, id: string): ActorView {
  // What is recorded together is mostly of one actor.
  if (draft.present?.id === id) return draft.present;
  const { actors } = draft;
  let actor = actors.get(id);
  if (actor === undefined) {
    actor = {
      id,
      intent: undefined,
      claims: [],
      slot: undefined,
      sleeps: [],
      sends: [],
      passages: [],
      logs: [],
      lastSend: undefined,
      request: undefined,
      advancedOrder: -1,
      activeOrder: -1,
    };
    actors.set(id, actor);
  }
  draft.present = actor;
  return actor;
}

/** There are few lives in a history, so that looking at each is quicker than naming them. */
function lifeOf(
  { lives }: Draft,
  { process, incarnation }: Pick<LifeView, 'process' | 'incarnation'>,
): LifeView {
  for (const life of lives) if (life.process === process && life.incarnation === incarnation) return life;
  const life: LifeView = { process, incarnation, sends: [], passages: [] };
  lives.push(life);
  return life;
}

/**
 * See {@link SlotView.purchases}. A purchase lasts for the declared time to live at least, counted from its final
 * state: a payment that was long undecided is protected for as long afterwards as any other.
 */
function purchasesOf({ operations }: SlotView, ttlMs: number): SlotView['purchases'] {
  const purchases = new Map<number, number>();
  let purchase = 0;
  let fromMs: number | undefined;
  for (const operation of operations) {
    const epoch = recordAfter(operation)?.epoch;
    if (epoch === undefined) continue;
    const atMs = operation.applied?.atMs ?? 0;
    fromMs ??= atMs;
    if (!purchases.has(epoch)) {
      if (atMs - fromMs >= ttlMs) {
        purchase += 1;
        fromMs = atMs;
      }
      purchases.set(epoch, purchase);
    }
    const isFinal = operation.site === 'store.complete' || operation.site === 'store.fail';
    if (isFinal && wasWritten(operation)) fromMs = atMs;
  }
  return purchase === 0 ? undefined : purchases;
}

/** Insertion sort: calls are in order and applications nearly so. */
function sortByApplication(operations: Crossing[]): void {
  for (let i = 1; i < operations.length; i += 1) {
    const moving = operations[i];
    if (moving === undefined) continue;
    const order = orderOf(moving);
    let j = i - 1;
    for (; j >= 0; j -= 1) {
      const other = operations[j];
      if (other === undefined || orderOf(other) <= order) break;
      operations[j + 1] = other;
    }
    operations[j + 1] = moving;
  }
}

function orderOf(operation: Crossing): number {
  return operation.applied?.order ?? 0;
}
