// The join in this process's memory: both books are read to their ends first, and kept with a few numbers for each row.

import { copiesIn, settledAlike } from './alike.ts';
import { alone, type RowSource, readBook, recordAt, rowAt } from './book.ts';
import type { JoinEngine, Joined } from './join-engine.ts';
import { type Books, match } from './match.ts';
import type { Side, TransactionRecord } from './record.ts';
import { totals } from './totals.ts';
import { isWithin, type Window } from './window.ts';

/** An engine over iterables and async iterables. */
export function memoryJoinEngine(): JoinEngine<RowSource> {
  return {
    async join({ internal, gateway, window }) {
      const books = {
        internal: await readBook('internal', internal),
        gateway: await readBook('gateway', gateway),
      };
      match(books);
      return joined(books, window);
    },
  };
}

/** Whether two rows say the same of one movement. Fees are booked, and times may differ. */
function agrees(a: TransactionRecord, b: TransactionRecord): boolean {
  return a.amountMinor === b.amountMinor && a.currency === b.currency && a.status === b.status;
}

/** Whether what the gateway keeps is what was booked; a row that states no fee asks for nothing. */
function isFeeBooked(internal: TransactionRecord, gateway: TransactionRecord): boolean {
  return gateway.feeMinor === undefined || gateway.feeMinor === (internal.feeMinor ?? 0);
}

function joined(books: Books, window: Window): Joined {
  const { internal, gateway } = books;
  const found = gathered(books, window);
  const marked = (
    indexes: readonly number[],
    isSettled: (internal: TransactionRecord, gateway: TransactionRecord) => boolean,
  ): Joined['fees'] => {
    const alike = settledAlike(books, indexes, isSettled);
    return indexes.map((index) => ({
      internal: rowAt(internal, gateway.partners[index] ?? alone),
      gateway: rowAt(gateway, index),
      settledAlike: alike(index),
    }));
  };
  const copies = { internal: copiesIn(internal), gateway: copiesIn(gateway) };
  return {
    pairCount: found.pairCount,
    differing: marked(found.differing, agrees),
    fees: marked(found.unbooked, isFeeBooked),
    unmatched: found.unmatched.map(({ side, index }) => ({
      side,
      ...rowAt(books[side], index),
      isCopy: copies[side].has(index),
    })),
    invalid: [...internal.invalid, ...gateway.invalid],
    badNets: found.badNets,
    totals: found.totals,
  };
}

/** What one walk through the rows of the window finds, by index; of pairs the gateway's. */
interface Gathered extends Pick<Joined, 'pairCount' | 'badNets' | 'totals'> {
  readonly differing: readonly number[];
  readonly unbooked: readonly number[];
  readonly unmatched: readonly { readonly side: Side; readonly index: number }[];
}

function gathered(books: Books, window: Window): Gathered {
  const sums = totals();
  const badNets: Joined['badNets'][number][] = [];
  const unmatched: Gathered['unmatched'][number][] = [];
  const differing: number[] = [];
  const unbooked: number[] = [];
  let pairCount = 0;
  for (const book of [books.internal, books.gateway]) {
    const { side } = book;
    for (let index = 0; index < book.records.length; index += 1) {
      const record = recordAt(book, index);
      if (!isWithin(window, record.atMs)) continue;
      sums.add(side, record);
      if (hasBadNet(record)) badNets.push({ side, ...rowAt(book, index) });
      const partner = book.partners[index] ?? alone;
      if (partner === alone) unmatched.push({ side, index });
      else if (side === 'internal') {
        pairCount += 1;
        const other = recordAt(books.gateway, partner);
        if (!agrees(record, other)) differing.push(partner);
        if (!isFeeBooked(record, other)) unbooked.push(partner);
      }
    }
  }
  return { pairCount, differing, unbooked, unmatched, badNets, totals: sums.read() };
}

function hasBadNet({ amountMinor, feeMinor, netMinor }: TransactionRecord): boolean {
  if (feeMinor === undefined || netMinor === undefined) return false;
  const net = amountMinor - feeMinor;
  return Number.isSafeInteger(net) ? net !== netMinor : true;
}
