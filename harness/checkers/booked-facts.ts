// What happened to money by the gateway's books, each beside the entries of the target's ledger that tell of it. Which
// movement an entry is about is read from the accounts that it touches, not from its name.

import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { BookedCharge, History } from '../history/history.ts';

/** What can happen to the money of a payment. */
export type Transition = 'captured' | 'refunded' | 'refund-failed' | 'disputed' | 'dispute-won';

/** One transition of one object. */
export interface Fact {
  readonly transition: Transition;
  readonly charge: BookedCharge;
  /** The gateway's id of the charge, refund or dispute. */
  readonly object: string;
  /** Everything that an entry may call it by. */
  readonly names: readonly string[];
  readonly amountMinor: number;
  /** It had not happened before, virtual milliseconds. */
  readonly sinceMs: number;
  /** False of a refund that failed: the books do not say whether it had succeeded before. */
  readonly certain: boolean;
  /** In the order of the ledger. */
  readonly entries: PostedEntry[];
}

/** All facts, and the entries that tell of none. */
export interface BookedFacts {
  /** In the order of the gateway's books. */
  readonly facts: readonly Fact[];
  readonly strays: readonly PostedEntry[];
}

// Only the latest, as of views.
let latest: { readonly history: History; readonly booked: BookedFacts } | undefined;

/** The facts of a history; none where there is no shop. */
export function bookedFacts(history: History): BookedFacts {
  if (latest?.history !== history) latest = { history, booked: build(history) };
  return latest.booked;
}

/** The movement that an entry books; undefined of one that moves no payer's money, such as a fee. */
export function transitionOf({ postings }: Pick<PostedEntry, 'postings'>): Transition | undefined {
  for (const { account, amountMinor } of postings) {
    const isDebit = amountMinor > 0;
    if (account === 'captured' && !isDebit) return 'captured';
    if (account === 'refunded') return isDebit ? 'refunded' : 'refund-failed';
    if (account === 'disputed') return isDebit ? 'disputed' : 'dispute-won';
  }
  return undefined;
}

/** How much an entry moves: what it debits, minor units. */
export function movedMinor({ postings }: Pick<PostedEntry, 'postings'>): number {
  return postings.reduce((sum, { amountMinor }) => sum + Math.max(0, amountMinor), 0);
}

function build({ books }: History): BookedFacts {
  const facts = books.charges.flatMap((charge) => [
    ...capturesOf(charge),
    ...(charge.refunds ?? []).flatMap((refund) => refundFacts(charge, refund)),
    ...(charge.disputes ?? []).flatMap((dispute) => disputeFacts(charge, dispute)),
  ]);
  const strays: PostedEntry[] = [];
  const nameless: [PostedEntry, readonly Fact[]][] = [];
  for (const entry of books.shop?.entries ?? []) {
    const transition = transitionOf(entry);
    if (transition === undefined) continue;
    const possible = facts.filter(
      (fact) => fact.transition === transition && isOf(entry, fact, books.charges),
    );
    const named = possible.filter((fact) => isNamed(entry, fact));
    if (named[0] !== undefined && named.length === 1) named[0].entries.push(entry);
    else nameless.push([entry, possible]);
  }
  for (const [entry, possible] of nameless) {
    const fact = likeliest(entry, possible);
    if (fact === undefined) strays.push(entry);
    else fact.entries.push(entry);
  }
  return { facts, strays };
}

/** Whether an entry is about the fact's payment, by the gateway's id of it, else by what else it names. */
function isOf(entry: PostedEntry, fact: Fact, charges: readonly BookedCharge[]): boolean {
  const { payment } = entry;
  if (payment !== undefined && charges.some(({ id }) => id === payment.gatewayId))
    return payment.gatewayId === fact.charge.id;
  return isNamed(entry, fact) || payment?.merchantReference === fact.charge.merchantReference;
}

function isNamed({ operation }: PostedEntry, { names }: Fact): boolean {
  return operation !== undefined && names.includes(operation);
}

/** One that no entry tells of yet before one that has its entry, one of the same amount before another. */
function likeliest(entry: PostedEntry, possible: readonly Fact[]): Fact | undefined {
  const amountMinor = movedMinor(entry);
  const free = possible.filter(({ entries }) => entries.length === 0);
  const among = free.length > 0 ? free : possible;
  return among.find((fact) => fact.amountMinor === amountMinor) ?? among[0];
}

function capturesOf(charge: BookedCharge): readonly Fact[] {
  const { id, capturedMinor, merchantReference, captures = [], at } = charge;
  if (capturedMinor === 0) return [];
  const common = { transition: 'captured', charge, object: id, certain: true } as const;
  const own = [id, merchantReference];
  if (captures.length === 0)
    return [{ ...common, names: own, amountMinor: capturedMinor, sinceMs: at.atMs, entries: [] }];
  return captures.map((capture) => ({
    ...common,
    // Of several captures the charge's own names tell nothing.
    names: [capture.merchantReference, capture.idempotencyKey, ...(captures.length === 1 ? own : [])],
    amountMinor: capture.amountMinor,
    sinceMs: capture.at.atMs,
    entries: [],
  }));
}

function refundFacts(charge: BookedCharge, refund: NonNullable<BookedCharge['refunds']>[number]) {
  const { id, merchantReference, idempotencyKey, amountMinor, status, changedAtMs, at } = refund;
  const common = { charge, object: id, names: [id, merchantReference, idempotencyKey], amountMinor };
  const succeeded = status === 'succeeded';
  const sinceMs = succeeded ? changedAtMs : at.atMs;
  const made: Fact = { ...common, transition: 'refunded', sinceMs, certain: succeeded, entries: [] };
  if (status === 'pending') return [];
  if (succeeded) return [made];
  const failed: Fact = {
    ...common,
    transition: 'refund-failed',
    sinceMs: changedAtMs,
    certain: false,
    entries: [],
  };
  return [made, failed];
}

function disputeFacts(charge: BookedCharge, dispute: NonNullable<BookedCharge['disputes']>[number]) {
  const { id, amountMinor, status, at, changedAtMs } = dispute;
  const common = { charge, object: id, names: [id], amountMinor, certain: true };
  const opened: Fact = { ...common, transition: 'disputed', sinceMs: at.atMs, entries: [] };
  if (status !== 'won') return [opened];
  const won: Fact = { ...common, transition: 'dispute-won', sinceMs: changedAtMs, entries: [] };
  return [opened, won];
}
