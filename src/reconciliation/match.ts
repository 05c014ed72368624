// Finds out which rows belong together, as `JoinEngine` defines it. Almost every row is the only one with its id on
// either side, so those are paired in passing; the others are collected in crowds and paired with care.

import { alone, type Book, recordAt } from './book.ts';
import { compareRecords } from './compare-records.ts';
import type { TransactionRecord } from './record.ts';
import { rowIndex } from './row-index.ts';

/** The two books of one join. */
export interface Books {
  readonly internal: Book;
  readonly gateway: Book;
}

/** Rows of both sides that share an id, by index. */
interface Crowd {
  readonly internal: number[];
  readonly gateway: number[];
}

/** Fills in the partners of both books. */
export function match(books: Books): void {
  matchBy(books, (record) => record.gatewayId, byGatewayId);
  matchBy(books, (record) => record.merchantReference, byReference);
}

/** Pairs rows of one kind and id that have no partner yet: two that are alone with it at once, crowds by `settle`. */
function matchBy(
  books: Books,
  idOf: (record: TransactionRecord) => string | undefined,
  settle: (books: Books, crowd: Crowd) => void,
): void {
  const { internal, gateway } = books;
  const index = rowIndex(internal, idOf);
  /** By the first internal row of an id. */
  const crowds = new Map<number, Crowd>();
  for (let i = 0; i < internal.records.length; i += 1) {
    const id = internal.partners[i] === alone ? idOf(recordAt(internal, i)) : undefined;
    if (id === undefined) continue;
    const first = index.enter(i, id);
    if (first !== i) crowdOf(crowds, first).internal.push(i);
  }
  for (let j = 0; j < gateway.records.length; j += 1) {
    const record = recordAt(gateway, j);
    const id = gateway.partners[j] === alone ? idOf(record) : undefined;
    const first = id === undefined ? alone : index.find(record, id);
    if (first === alone) continue;
    if (internal.partners[first] !== alone) {
      const before = part(books, first);
      crowdOf(crowds, first).gateway.push(before, j);
    } else if (crowds.size > 0 && crowds.has(first)) crowdOf(crowds, first).gateway.push(j);
    else pair(books, first, j);
  }
  for (const crowd of crowds.values()) settle(books, crowd);
}

function crowdOf(crowds: Map<number, Crowd>, first: number): Crowd {
  const crowd = crowds.get(first) ?? { internal: [first], gateway: [] };
  crowds.set(first, crowd);
  return crowd;
}

function byGatewayId(books: Books, crowd: Crowd): void {
  pairAll(books, crowd, (record) => record.merchantReference);
  pairAll(books, crowd);
}

function byReference(books: Books, { internal, gateway }: Crowd): void {
  const hasNone = (book: Book) => (index: number) => recordAt(book, index).gatewayId === undefined;
  pairAll(books, { internal: internal.filter(hasNone(books.internal)), gateway });
  pairAll(books, { internal, gateway: gateway.filter(hasNone(books.gateway)) });
  pairAll(books, { internal, gateway });
}

/**
 * Pairs as many rows of equal `shared` as there are on the smaller side, those that agree in more columns before those
 * that agree in less. Rows of which `shared` is undefined are left alone.
 */
function pairAll(
  books: Books,
  crowd: Crowd,
  shared: (record: TransactionRecord) => string | undefined = () => '',
): void {
  for (const columnsOf of agreements) {
    pairGroups(books, crowd, (record) => {
      const id = shared(record);
      return id === undefined ? undefined : JSON.stringify([id, columnsOf(record)]);
    });
  }
}

const agreements: readonly ((record: TransactionRecord) => string)[] = [
  (record) => `${record.amountMinor} ${record.currency} ${record.atMs} ${record.status}`,
  (record) => `${record.amountMinor} ${record.currency} ${record.status}`,
  (record) => `${record.amountMinor} ${record.currency}`,
  () => '',
];

/** Pairs rows of equal `groupOf`, on each side in the order of `compareRecords`. */
function pairGroups(
  books: Books,
  crowd: Crowd,
  groupOf: (record: TransactionRecord) => string | undefined,
): void {
  const groups = new Map<string, number[]>();
  for (const i of single(books.internal, crowd.internal)) {
    const name = groupOf(recordAt(books.internal, i));
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [i]);
    else group.push(i);
  }
  if (groups.size === 0) return;
  const taken = new Map<string, number>();
  for (const j of single(books.gateway, crowd.gateway)) {
    const name = groupOf(recordAt(books.gateway, j));
    if (name === undefined) continue;
    const next = taken.get(name) ?? 0;
    const i = groups.get(name)?.[next];
    if (i === undefined) continue;
    taken.set(name, next + 1);
    pair(books, i, j);
  }
}

function single(book: Book, indexes: readonly number[]): number[] {
  return indexes
    .filter((index) => book.partners[index] === alone)
    .sort((a, b) => compareRecords(recordAt(book, a), recordAt(book, b)));
}

function pair({ internal, gateway }: Books, i: number, j: number): void {
  internal.partners[i] = j;
  gateway.partners[j] = i;
}

/** Undoes a pair, of which the gateway's row is returned. */
function part({ internal, gateway }: Books, i: number): number {
  const j = internal.partners[i] ?? alone;
  internal.partners[i] = alone;
  gateway.partners[j] = alone;
  return j;
}
