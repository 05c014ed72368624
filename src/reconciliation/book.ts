// One side's rows in memory, as the join works on them: by index, in arrays, because there may be millions.

import { ValidationError } from '../errors/payment-error.ts';
import {
  type InvalidRow,
  invalidRow,
  type Row,
  recordProblem,
  type Side,
  type TransactionRecord,
} from './record.ts';

/** Rows to read, one after the other. What they yield is checked, whatever its type says. */
export type RowSource = Iterable<TransactionRecord> | AsyncIterable<TransactionRecord>;

/** A book that was read. */
export interface Book {
  readonly side: Side;
  /** The valid rows. */
  readonly records: readonly TransactionRecord[];
  /** Their places in the input, counted from 1. */
  readonly places: readonly number[];
  readonly invalid: readonly InvalidRow[];
  /** For each valid row the index of its partner on the other side, or `alone`. */
  readonly partners: Int32Array;
}

/** In place of a partner's index. */
export const alone = -1;

/**
 * Reads a book to its end.
 *
 * @throws ValidationError when `source` is no iterable; rejects as the source does when it fails.
 */
export async function readBook(side: Side, source: RowSource): Promise<Book> {
  const records: TransactionRecord[] = [];
  const places: number[] = [];
  const invalid: InvalidRow[] = [];
  let place = 0;
  const take = (value: TransactionRecord): void => {
    place += 1;
    const reason = recordProblem(value);
    if (reason === undefined) {
      records.push(value);
      places.push(place);
    } else invalid.push(invalidRow(side, place, { value, reason }));
  };
  // Waiting for each row of what is in memory already would take several times as long as the rest.
  if (isIterable(source)) for (const record of source) take(record);
  else if (isAsyncIterable(source)) for await (const record of source) take(record);
  else throw new ValidationError(`reconcile: the ${side} rows are no iterable; pass an array or a generator`);
  return { side, records, places, invalid, partners: new Int32Array(records.length).fill(alone) };
}

/** The row at an index, which must exist. */
export function recordAt(
  { side, records }: Pick<Book, 'side' | 'records'>,
  index: number,
): TransactionRecord {
  const record = records[index];
  if (record === undefined) throw new RangeError(`the ${side} book has no row with index ${index}`);
  return record;
}

/** The same with its place. */
export function rowAt(book: Book, index: number): Row {
  return { row: book.places[index] ?? 0, record: recordAt(book, index) };
}

function isIterable(source: RowSource): source is Iterable<TransactionRecord> {
  return hasMethod(source, Symbol.iterator);
}

function isAsyncIterable(source: RowSource): source is AsyncIterable<TransactionRecord> {
  return hasMethod(source, Symbol.asyncIterator);
}

function hasMethod(value: unknown, name: symbol): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function';
}
