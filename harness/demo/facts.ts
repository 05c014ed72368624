// What a history says about one question, in words that can be compared and read.

import { stepsIn } from '../checkers/shop-view.ts';
import type { Answer, Crossing, History } from '../history/history.ts';
import type { Reconciled, ReconcileIntent } from '../history/shop.ts';
import type { Site } from '../history/sites.ts';
import { faultsOn } from '../report/fault-words.ts';
import { amountWords, answerWords, errorWords } from '../report/words.ts';
import { partOf } from './walkthrough.ts';

/** Calls that move money at the gateway. */
const mutations: ReadonlySet<Site> = new Set<Site>([
  'gateway.authorize',
  'gateway.capture',
  'gateway.void',
  'gateway.refund',
]);

/** Everything that the shop asked of the gateway for a part, in the order of the calls: `authorize ✗ refused, capture`. */
export function gatewayCalls(history: History, part: string): string {
  return listed(crossingsOf(history, part, 'gateway.').map(callWords));
}

/** As {@link gatewayCalls}, without look-ups. */
export function moneyCalls(history: History, part: string): string {
  return listed(
    crossingsOf(history, part, 'gateway.')
      .filter(({ site }) => mutations.has(site))
      .map(callWords),
  );
}

/** How many idempotency keys the gateway was given at a site. */
export function keysAt(history: History, site: Site): string {
  const keys = history.crossings
    .filter((crossing) => crossing.site === site)
    .map(({ request }) => (request as { readonly idempotencyKey?: unknown }).idempotencyKey);
  return `${new Set(keys).size}`;
}

/** What a client was told, attempt by attempt. */
export function answers(history: History, part: string): string {
  return listed(crossingsOf(history, part, 'client.').map(answerOf));
}

/** Whether all answers to a part have the same bytes, those that were lost on their way included. */
export function bodies(history: History, part: string): string {
  const given = crossingsOf(history, part, 'client.').map(({ effect }) =>
    effect?.ok === true ? (effect.value as { readonly body?: unknown }).body : undefined,
  );
  return given[0] !== undefined && given.every((body) => body === given[0]) ? 'equal' : 'different';
}

/** What the gateway holds of every charge, by its own books. */
export function gatewayBooks({ books }: History): string {
  return listed(
    books.charges.map(({ id, capturedMinor, refundedMinor, currency }) =>
      moved({ id, currency, captured: BigInt(capturedMinor), refunded: BigInt(refundedMinor) }),
    ),
  );
}

/** The same by the shop's ledger. */
export function shopBooks({ books }: History): string {
  const rows = new Map<string, Moved>();
  for (const { payment, postings } of books.shop?.entries ?? []) {
    for (const { account, amountMinor, currency } of postings) {
      const id = payment?.gatewayId ?? 'no payment';
      const row = rows.get(id) ?? { id, currency, captured: 0n, refunded: 0n };
      if (account === 'captured') rows.set(id, { ...row, captured: row.captured - BigInt(amountMinor) });
      if (account === 'refunded') rows.set(id, { ...row, refunded: row.refunded + BigInt(amountMinor) });
    }
  }
  return listed([...rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(moved));
}

interface Moved {
  readonly id: string;
  readonly currency: string;
  readonly captured: bigint;
  readonly refunded: bigint;
}

function moved({ id, currency, captured, refunded }: Moved): string {
  const taken = `${id} ${amountWords(Number(captured), currency)} captured`;
  return refunded === 0n ? taken : `${taken} and ${amountWords(Number(refunded), currency)} returned`;
}

/** What became of the goods, by the books of inventory and carrier. */
export function goods({ books: { shop } }: History): string {
  const { reservations = [], shipments = [] } = shop ?? {};
  return listed(
    reservations.map(({ order, releasedAt }) => {
      const shipped = shipments.filter((shipment) => shipment.order === order).length;
      const sent = shipped === 0 ? 'not shipped' : shipped === 1 ? 'shipped' : `shipped ${shipped} times`;
      return `${releasedAt === undefined ? 'held' : 'let go'}, ${sent}`;
    }),
  );
}

const undoing: ReadonlySet<Site> = new Set<Site>(['gateway.void', 'gateway.refund', 'inventory.release']);

/** What took back what had been done, in the order in which it had its effect. */
export function undone({ crossings }: History): string {
  const effective = crossings.filter(({ site, effect }) => undoing.has(site) && effect?.ok === true);
  const ordered = effective.toSorted((a, b) => (a.applied?.order ?? 0) - (b.applied?.order ?? 0));
  return listed(ordered.map(({ site }) => site));
}

/** How far the saga's journal says that each step came. */
export function steps({ books }: History): string {
  return listed((books.shop?.sagas ?? []).flatMap(stepsIn).map(({ name, state }) => `${name} ${state}`));
}

/** What an endpoint answered a delivery, and what the inbox knew of it. */
export function delivery({ crossings }: History, actor: string): string {
  const own = crossings.filter((crossing) => crossing.actor === actor);
  const status = own.flatMap(({ site, reply }) =>
    site === 'webhook.deliver' && reply?.ok === true
      ? [String((reply.value as { readonly status?: unknown }).status)]
      : [],
  );
  const kept = own.filter(({ site }) => site === 'inbox.receive').map(receiptWords);
  return listed([...status, ...(kept.length === 0 ? ['not kept'] : kept)]);
}

/** Ids of the events in the inbox at the end, and where they stand. */
export function inbox({ books }: History): string {
  return listed((books.shop?.inbox ?? []).map(({ id, state }) => `${id} ${state}`).toSorted());
}

/** What people were called about while a part was worked on, without the ids of discrepancies. */
export function pages(history: History, part: string): string {
  return listed(crossingsOf(history, part, 'oncall.').map(pageWords));
}

/** What somebody is called about, without the id of the discrepancy behind it. */
export function pageWords({ request }: Crossing): string {
  return String((request as { readonly about?: unknown }).about).replace(/ \([^)]*\)$/, '');
}

/** What people were called about in the whole run. */
export function allPages({ books }: History): string {
  return String(books.shop?.pages.length ?? 0);
}

/** The summaries of a part's reconciliations. */
export function summaries(history: History, part: string): string {
  return crossingsOf(history, part, 'client.reconcile').map(answerOf).join('; ');
}

/** The summary of a day when it was reconciled for the last time, by whomever. */
export function lastSummary({ crossings }: History, day: string): string {
  const last = crossings.findLast(
    ({ site, request }) => site === 'client.reconcile' && (request as ReconcileIntent).day === day,
  );
  return last === undefined ? 'none' : answerOf(last);
}

/** What the log has of the notes of customers, each wording once. */
export function loggedNotes({ logs }: History): string {
  const notes = logs.flatMap(({ record: { note } }) => (note === undefined ? [] : [String(note)]));
  return listed([...new Set(notes)]);
}

/** What came back to whoever asked from outside, in a few words. */
export function answerOf({ site, reply }: Crossing): string {
  if (reply?.ok !== true) return 'no answer';
  if (site !== 'client.reconcile') return answerWords(reply.value as Answer);
  const { matched, discrepancies, summary } = reply.value as Reconciled;
  return summary ?? `${matched} matched, ${discrepancies.length} not`;
}

/** Whether the inbox had an event before. */
export function receiptWords({ reply }: Crossing): string {
  if (reply?.ok !== true) return 'no answer';
  return (reply.value as { readonly first?: unknown }).first === true ? 'new' : 'known already';
}

/** What struck a call, or what it was answered instead of success; empty when all went well. */
export function trouble({ faults, reply }: Crossing): string {
  const struck = [faultsOn('there', faults), faultsOn('back', faults), faultsOn('process', faults)].flatMap(
    (words) => words ?? [],
  );
  if (struck.length > 0) return struck.join(', ');
  if (reply === undefined) return 'no answer';
  return reply.ok ? '' : errorWords(reply.error);
}

function callWords(crossing: Crossing): string {
  const verb = crossing.site.slice('gateway.'.length);
  const wrong = trouble(crossing);
  return wrong === '' ? verb : `${verb} ✗ ${wrong}`;
}

function crossingsOf({ crossings }: History, part: string, prefix: string): readonly Crossing[] {
  return crossings.filter(({ actor, site }) => partOf(actor) === part && site.startsWith(prefix));
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}
