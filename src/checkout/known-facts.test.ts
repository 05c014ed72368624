// Convinces by counting what reaches a ledger's store when the same news comes again, in the same process and in another,
// and by what must still reach it: what failed, what says otherwise, what was forgotten.

import { describe, expect, it } from 'vitest';
import { IdempotencyConflictError, StoreUnavailableError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { ledger } from '../ledger/ledger.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import { memoryLedgerStore } from '../stores/memory-ledger-store.ts';
import { knownFacts } from './known-facts.ts';
import { paymentBooks } from './payment-books.ts';
import { refundAccounts, refundLimit } from './refund-limit.ts';

describe('known facts', () => {
  it('are the latest ones, so many and no more', () => {
    const facts = knownFacts(2);
    for (const name of ['a', 'b', 'b', 'c']) facts.add(name);
    expect(['a', 'b', 'c'].map(facts.has)).toEqual([false, true, true]);
  });
});

/** A store that counts commits, and processes over it. */
function town() {
  const runtime = manualRuntime();
  const memory = memoryLedgerStore(runtime);
  let commits = 0;
  let fails = false;
  const store: LedgerStore = {
    ...memory,
    async commit(units) {
      commits += 1;
      if (fails) throw new StoreUnavailableError('down');
      return memory.commit(units);
    },
  };
  return {
    process() {
      const book = ledger({ store, accounts: refundAccounts });
      return {
        books: paymentBooks({ runtime, ledger: book, store }),
        limit: refundLimit({
          ledger: book,
          store,
          hasEnded: async () => false,
          wallMs: () => runtime.wallMs(),
        }),
      };
    },
    entries: () => memory.entries({ after: 0, limit: 100 }),
    async commitsOf(work: () => Promise<unknown>) {
      const before = commits;
      await work();
      return commits - before;
    },
    fail(now: boolean) {
      fails = now;
    },
  };
}

const capture = { id: 'ch_1', merchantReference: 'm1', capturedMinor: 500, currency: 'USD' };
const news = { id: 're_1', chargeId: 'ch_1', amountMinor: 200 };
const limited = { chargeId: 'ch_1', merchantReference: 'm1', amountMinor: 200, currency: 'USD' };

describe('the books of payments', () => {
  it('are written to once by each process that learns of a fact', async () => {
    const { process, commitsOf, entries } = town();
    const [one, other] = [process(), process()];
    expect(await commitsOf(() => one.books.captured(capture))).toBe(1);
    expect(await commitsOf(() => one.books.captured({ ...capture, atMs: 7 }))).toBe(0);
    expect(await commitsOf(() => other.books.captured(capture))).toBe(1);
    expect(await commitsOf(() => one.books.refunded(news))).toBe(1);
    expect(await commitsOf(() => one.books.refunded(news))).toBe(0);
    expect((await entries()).map(({ key }) => key)).toEqual(['capture/ch_1', 'refund/re_1']);
  });

  it('are written to again by what failed, or could not be booked yet', async () => {
    const { process, commitsOf, fail } = town();
    const { books } = process();
    expect(await books.refunded(news)).toBe('unknown');
    fail(true);
    await expect(books.captured(capture)).rejects.toThrow(StoreUnavailableError);
    fail(false);
    expect(await commitsOf(() => books.captured(capture))).toBe(1);
    fail(true);
    await expect(books.refunded(news)).rejects.toThrow(StoreUnavailableError);
    fail(false);
    expect(await commitsOf(() => books.refunded(news))).toBe(1);
  });

  it('still refuse what says otherwise of a fact', async () => {
    const { process } = town();
    const { books } = process();
    await books.captured(capture);
    for (const other of [{ capturedMinor: 501 }, { currency: 'EUR' }, { merchantReference: 'm2' }])
      await expect(books.captured({ ...capture, ...other })).rejects.toThrow(IdempotencyConflictError);
  });

  it('tell a refund that failed after it was booked from one that never will be, whoever asks how often', async () => {
    const { process, commitsOf } = town();
    const [one, other] = [process(), process()];
    await one.books.captured(capture);
    await one.books.refunded(news);
    for (const { books } of [one, other]) expect(await books.hadRefunded(news)).toBe(true);
    const unheard = { ...news, id: 're_2' };
    expect(await commitsOf(() => one.books.hadRefunded(unheard))).toBe(1);
    for (const { books } of [one, other]) expect(await books.hadRefunded(unheard)).toBe(false);
    expect(await other.books.refunded(unheard)).toBe('failed');
  });
});

describe('the acceptance of a refund', () => {
  it('is ended once by each process, and cannot come back', async () => {
    const { process, commitsOf, entries } = town();
    const [one, other] = [process(), process()];
    await one.books.captured(capture);
    await one.limit.take(limited, 'r');
    expect(await commitsOf(() => one.limit.close(limited, 'r'))).toBe(1);
    expect(await commitsOf(() => one.limit.close(limited, 'r'))).toBe(0);
    expect(await commitsOf(() => other.limit.close(limited, 'r'))).toBe(3);
    await expect(one.limit.take(limited, 'r')).rejects.toThrow(IdempotencyConflictError);
    const kinds = (await entries()).map(({ kind }) => kind);
    expect(kinds).toEqual(['capture', 'refund-accepted', 'refund-closed']);
  });

  it('that was taken again is ended in each of its rounds', async () => {
    const { process, entries } = town();
    const [one, other] = [process(), process()];
    await one.books.captured(capture);
    for (const { limit } of [one, other, one]) await limit.take(limited, 'r');
    await other.limit.close(limited, 'r');
    await expect(one.limit.take(limited, 'r')).rejects.toThrow(IdempotencyConflictError);
    const names = (await entries()).map(({ key }) => key);
    const of = (kind: string): readonly string[] =>
      names.filter((name) => name.startsWith(`${kind}/`)).map((name) => name.slice(kind.length + 1));
    expect(of('refund-accepted')).toHaveLength(3);
    expect(of('refund-closed').toSorted()).toEqual(of('refund-accepted'));
  });

  it('that there never was leaves nothing in the books but cannot come any more', async () => {
    const { process, commitsOf, entries } = town();
    const { limit } = process();
    expect(await commitsOf(() => limit.close(limited, 'r'))).toBe(1);
    await expect(limit.take(limited, 'r')).rejects.toThrow(IdempotencyConflictError);
    expect(await entries()).toEqual([]);
  });

  it('of another amount or reference is ended by itself', async () => {
    const { process } = town();
    const { books, limit } = process();
    await books.captured(capture);
    await limit.close(limited, 'r');
    await expect(limit.take(limited, 's')).resolves.toBeTypeOf('function');
    await expect(limit.take({ ...limited, amountMinor: 100 }, 'r')).resolves.toBeTypeOf('function');
    await limit.close(limited, 's');
    await expect(limit.take(limited, 's')).rejects.toThrow(IdempotencyConflictError);
  });

  it('is tried again when the ledger did not answer', async () => {
    const { process, commitsOf, fail } = town();
    const { books, limit } = process();
    await books.captured(capture);
    await limit.take(limited, 'r');
    fail(true);
    await expect(limit.close(limited, 'r')).rejects.toThrow(StoreUnavailableError);
    fail(false);
    expect(await commitsOf(() => limit.close(limited, 'r'))).toBe(1);
  });
});
