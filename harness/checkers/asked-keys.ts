// What clients asked for under one key of their own, be it an order or a refund: what S6 and S7 judge by. Whose payload a
// key stands for is read from the journal's first opening, or from the record that was claimed first.

import type { ClaimRequest } from '../../src/idempotency/store.ts';
import type { SagaOpening } from '../../src/saga/journal.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { OrderIntent, RefundIntent } from '../history/shop.ts';
import { entriesInto, type ShopView, shopOf } from './shop-view.ts';
import { recordAfter, type SlotView, sawOwned, wasWritten } from './view.ts';
import { viewOf } from './view-of.ts';

/** All requests under one key of one scope. */
export interface AskedKey {
  /** For sentences. */
  readonly called: string;
  /** In the order of the calls. */
  readonly requests: readonly Crossing[];
  /** The request whose payload the key stands for, and since when; undefined where nothing was seen to be kept. */
  readonly owner: { readonly request: Crossing; readonly at: Instant; readonly kept: Crossing } | undefined;
  /** When a final state was kept first; undefined when none was. */
  readonly endedAt: Instant | undefined;
}

// Only the latest, as of views.
let latest: { readonly history: History; readonly keys: readonly AskedKey[] } | undefined;

/** The keys of orders, then those of refunds, each in the order of their first requests. */
export function askedKeys(history: History): readonly AskedKey[] {
  if (latest?.history !== history) latest = { history, keys: build(history) };
  return latest.keys;
}

function build(history: History): readonly AskedKey[] {
  const shop = shopOf(history);
  if (shop === undefined) return [];
  const orders = shop.orders.flatMap(({ requests }) => byKey(requests)).map((asked) => orderKey(shop, asked));
  const refunds = byKey(shop.refundRequests).flatMap((asked) => refundKey(history, asked) ?? []);
  return [...orders, ...refunds];
}

/** Whether two requests ask for the same money; what an order was ordered with besides may be part of it or not. */
export function sameMoney({ request: a }: Crossing, { request: b }: Crossing): boolean {
  const [one, other] = [a as RefundIntent, b as RefundIntent];
  return (
    one.amountMinor === other.amountMinor && one.currency === other.currency && one.order === other.order
  );
}

/** Whether two requests are the same in every respect. */
export function sameRequest(a: Crossing, b: Crossing): boolean {
  const [one, other] = [a.request as OrderIntent, b.request as OrderIntent];
  return sameMoney(a, b) && one.risk === other.risk && one.note === other.note;
}

/** What a request was recognised by: the fingerprint with which its actor opened a saga, or else claimed first. */
export function fingerprintOf(history: History, { actor }: Crossing): string | undefined {
  const opened = shopOf(history)?.actors.get(actor)?.opens[0]?.request as SagaOpening | undefined;
  if (opened !== undefined) return opened.fingerprint;
  return (viewOf(history).actors.get(actor)?.claims[0]?.request as ClaimRequest | undefined)?.fingerprint;
}

function byKey(requests: readonly Crossing[]): readonly (readonly Crossing[])[] {
  const [first] = requests;
  if (first === undefined) return [];
  if (requests.every((one) => nameOf(one) === nameOf(first))) return [requests];
  return [...Map.groupBy(requests, nameOf).values()];
}

function nameOf({ request }: Crossing): string {
  const { scope, key } = request as OrderIntent;
  return `${key} of ${scope}`;
}

function orderKey({ orders }: ShopView, requests: readonly Crossing[]): AskedKey {
  const [first] = requests;
  const called = `order ${first === undefined ? '' : nameOf(first)}`;
  const order = orders.find((one) => first !== undefined && one.requests.includes(first));
  for (const saga of order?.sagas ?? []) {
    const [begun] = saga.moments;
    const request = requests.find(({ actor }) => actor === begun?.crossing.actor);
    if (begun?.crossing.site !== 'saga.open' || request === undefined) continue;
    const ends = [...entriesInto(saga, 'COMPLETED'), ...entriesInto(saga, 'COMPENSATED')];
    const endedAt = ends.map(({ at }) => at).sort((a, b) => a.order - b.order)[0];
    return { called, requests, owner: { request, at: begun.at, kept: begun.crossing }, endedAt };
  }
  return { called, requests, owner: undefined, endedAt: undefined };
}

/** Undefined where a record served several purchases one after the other: it was let go, or its time had run out. */
function refundKey(history: History, requests: readonly Crossing[]): AskedKey | undefined {
  const [first] = requests;
  const called = `refund ${first === undefined ? '' : nameOf(first)}`;
  const { actors } = viewOf(history);
  const slots = new Set<SlotView>();
  for (const { actor } of requests) {
    const slot = actors.get(actor)?.slot;
    if (slot !== undefined) slots.add(slot);
  }
  const [slot] = slots;
  if (slot === undefined || slots.size > 1) return { called, requests, owner: undefined, endedAt: undefined };
  if (isReused(slot)) return undefined;
  const kept = slot.operations.find((one) => one.site === 'store.claim' && sawOwned(one));
  const request = requests.find(({ actor }) => actor === kept?.actor);
  const ended = slot.operations.find(
    (one) => (one.site === 'store.complete' || one.site === 'store.fail') && wasWritten(one),
  );
  const at = kept?.applied;
  const owner = kept && request && at ? { request, at, kept } : undefined;
  return { called, requests, owner, endedAt: ended?.applied };
}

function isReused({ operations }: SlotView): boolean {
  const epoch = operations[0] && recordAfter(operations[0])?.epoch;
  return operations.some(
    (one) =>
      (one.site === 'store.release' && wasWritten(one)) || (recordAfter(one)?.epoch ?? epoch) !== epoch,
  );
}
