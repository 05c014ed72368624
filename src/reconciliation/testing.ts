// What the tests of reconciliation share: rows, and what a join must find, written down as plainly as its contract is:
// every reason tried on every pair of rows.

import { compareRecords } from './compare-records.ts';
import type { JoinEngine } from './join-engine.ts';
import type { Side, TransactionRecord } from './record.ts';
import type { Window } from './window.ts';

/** The first instant of the tests' day. */
export const dawnMs: number = Date.UTC(2026, 2, 29);

/** The tests' day. */
export const day: Window = { fromMs: dawnMs, toMs: dawnMs + 86_400_000 };

/** A captured charge of 5.00 USD at noon; both ids follow from `id`. */
export function charge(id: string, changed: Partial<TransactionRecord> = {}): TransactionRecord {
  return {
    kind: 'charge',
    gatewayId: `ch_${id}`,
    merchantReference: `order-${id}`,
    amountMinor: 500,
    currency: 'USD',
    status: 'captured',
    atMs: dawnMs + 43_200_000,
    ...changed,
  };
}

/** What a join found, as values that don't depend on the order of rows. */
export async function findings<Source>(
  engine: JoinEngine<Source>,
  books: { readonly internal: Source; readonly gateway: Source },
): Promise<unknown> {
  const joined = await engine.join({ ...books, window: day });
  const marked = (pairs: typeof joined.fees) =>
    sorted(
      pairs.map(({ internal, gateway, settledAlike }) => [internal.record, gateway.record, settledAlike]),
    );
  return {
    pairCount: joined.pairCount,
    differing: marked(joined.differing),
    fees: marked(joined.fees),
    unmatched: sorted(joined.unmatched.map(({ side, record, isCopy }) => [side, record, isCopy])),
    badNets: sorted(joined.badNets.map(({ side, record }) => [side, record])),
  };
}

type Pair = readonly [TransactionRecord, TransactionRecord];

/** What {@link findings} must be, for a few rows. */
export function expectedFindings(
  internal: readonly TransactionRecord[],
  gateway: readonly TransactionRecord[],
): unknown {
  const pairs = plainPairs(internal, gateway);
  const inDay = ({ atMs }: TransactionRecord) => atMs >= day.fromMs && atMs < day.toMs;
  const todays = pairs.filter(([ours]) => inDay(ours));
  const differs = ([a, b]: Pair) =>
    a.amountMinor !== b.amountMinor || a.currency !== b.currency || a.status !== b.status;
  const isUnbooked = ([a, b]: Pair) => b.feeMinor !== undefined && b.feeMinor !== (a.feeMinor ?? 0);
  const marked = (isMarked: (pair: Pair) => boolean) =>
    sorted(
      todays
        .filter(isMarked)
        .map(([a, b]) => [a, b, pairs.filter((other) => !isMarked(other) && isAlike(other[1], b)).length]),
    );
  const lonely = (side: Side, book: readonly TransactionRecord[]) => {
    const partnered = new Set(pairs.map((pair) => pair[side === 'internal' ? 0 : 1]));
    const alone = book.filter((record) => !partnered.has(record)).sort(compareRecords);
    return alone.flatMap((record, nth) => {
      const isCopy = [...partnered, ...alone.slice(0, nth)].some((other) => sharesId(other, record));
      return inDay(record) ? [[side, record, isCopy]] : [];
    });
  };
  const badNets = ([side, book]: readonly [Side, readonly TransactionRecord[]]) =>
    book.flatMap((record) => {
      const { amountMinor, feeMinor, netMinor } = record;
      const isBad = feeMinor !== undefined && netMinor !== undefined && amountMinor - feeMinor !== netMinor;
      return isBad && inDay(record) ? [[side, record]] : [];
    });
  return {
    pairCount: todays.length,
    differing: marked(differs),
    fees: marked(isUnbooked),
    unmatched: sorted([...lonely('internal', internal), ...lonely('gateway', gateway)]),
    badNets: sorted([...badNets(['internal', internal]), ...badNets(['gateway', gateway])]),
  };
}

const reasons: readonly ((a: TransactionRecord, b: TransactionRecord) => boolean)[] = [
  (a, b) => isSame(a.gatewayId, b.gatewayId) && isSame(a.merchantReference, b.merchantReference),
  (a, b) => isSame(a.gatewayId, b.gatewayId),
  (a, b) => isSame(a.merchantReference, b.merchantReference) && a.gatewayId === undefined,
  (a, b) => isSame(a.merchantReference, b.merchantReference) && b.gatewayId === undefined,
  (a, b) => isSame(a.merchantReference, b.merchantReference),
];

const columns: readonly (keyof TransactionRecord)[][] = [
  ['amountMinor', 'currency', 'status', 'atMs'],
  ['amountMinor', 'currency', 'status'],
  ['amountMinor', 'currency'],
  [],
];

function plainPairs(
  internal: readonly TransactionRecord[],
  gateway: readonly TransactionRecord[],
): readonly Pair[] {
  const [ours, theirs] = [[...internal].sort(compareRecords), [...gateway].sort(compareRecords)];
  const pairs: Pair[] = [];
  const taken = new Set<TransactionRecord>();
  for (const isReason of reasons) {
    for (const agreement of columns) {
      for (const a of ours) {
        const agrees = (b: TransactionRecord) => agreement.every((column) => a[column] === b[column]);
        const b = theirs.find(
          (other) => !taken.has(other) && a.kind === other.kind && isReason(a, other) && agrees(other),
        );
        if (taken.has(a) || b === undefined) continue;
        taken.add(a).add(b);
        pairs.push([a, b]);
      }
    }
  }
  return pairs;
}

function isSame(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}

function isMoneyAlike(a: TransactionRecord, b: TransactionRecord): boolean {
  return a.kind === b.kind && a.amountMinor === b.amountMinor && a.currency === b.currency;
}

function isAlike(a: TransactionRecord, b: TransactionRecord): boolean {
  return isMoneyAlike(a, b) && a.gatewayId === b.gatewayId && a.merchantReference === b.merchantReference;
}

function sharesId(a: TransactionRecord, b: TransactionRecord): boolean {
  const sharesOne = isSame(a.gatewayId, b.gatewayId) || isSame(a.merchantReference, b.merchantReference);
  return isMoneyAlike(a, b) && sharesOne;
}

function sorted(values: readonly unknown[]): readonly string[] {
  return values.map((value) => JSON.stringify(value)).sort();
}
