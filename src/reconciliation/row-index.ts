// Finds rows by kind and id. A Map of a million texts spends most of a reconciliation on keeping them; here a text is
// hashed once and compared with the one row that it may be.

import { alone, type Book, recordAt } from './book.ts';
import type { TransactionRecord } from './record.ts';

/** Rows of one book by kind and id. */
export interface RowIndex {
  /** Enters a row; answers the row that was first with its kind and id, which may be itself. */
  enter(index: number, id: string): number;
  /** The row that was first with `id` and the kind of `record`, or `alone`. */
  find(record: TransactionRecord, id: string): number;
}

/**
 * How many places are tried before a row goes to a Map. With honest ids hardly any does; it is there for ids that
 * somebody chose to collide, since parts of a reference come from clients.
 */
const maxTries = 64;

/** An index with room for all rows of `book`, at most half full. */
export function rowIndex(book: Book, idOf: (record: TransactionRecord) => string | undefined): RowIndex {
  const { records } = book;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * records.length)));
  /** One more than the row's index; 0 is a free place. */
  const places = new Int32Array(size);
  const hashes = new Int32Array(size);
  const collided = new Map<string, number>();

  const isSame = (index: number, record: TransactionRecord, id: string): boolean => {
    const other = recordAt(book, index);
    return idOf(other) === id && other.kind === record.kind;
  };
  /** The row with this kind and id, where there is none `alone`, or the complement of the first free place. */
  const search = (record: TransactionRecord, id: string, hash: number): number => {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const place = (hash + tries) & (size - 1);
      const index = (places[place] ?? 0) - 1;
      if (index === alone) return ~place;
      if (hashes[place] === hash && isSame(index, record, id)) return index;
    }
    return collided.get(`${record.kind} ${id}`) ?? Number.NaN;
  };

  return {
    enter(index, id) {
      const record = recordAt(book, index);
      const hash = hashOf(id);
      const found = search(record, id, hash);
      if (found >= 0) return found;
      if (Number.isNaN(found)) collided.set(`${record.kind} ${id}`, index);
      else {
        places[~found] = index + 1;
        hashes[~found] = hash;
      }
      return index;
    },
    find(record, id) {
      const found = search(record, id, hashOf(id));
      return found >= 0 ? found : alone;
    },
  };
}

/** FNV-1a over code units, with its bits spread in the end (the finaliser of MurmurHash3). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
