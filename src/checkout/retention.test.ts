// Convinces by a whole shop that works, waits and tidies up: what can still come back is kept to the last millisecond, what is
// forgotten afterwards is gone from every store, and the books still know every payment.

import { describe, expect, it } from 'vitest';
import { StoreUnavailableError, ValidationError } from '../errors/payment-error.ts';
import { checkRetention, pruning } from './retention.ts';
import { type Mall, mall, order } from './testing.ts';

const dayMs = 86_400_000;
const retentionMs = 400 * dayMs;

/** What is left of an order and of its news. */
async function left({ stores }: Mall) {
  const saga = await stores.sagas.read({ saga: 'checkout', id: 'shop/order-1' });
  const entries = await stores.ledger.entries({ after: 0, limit: 100 });
  return { saga: saga?.state, entries: entries.length };
}

describe('a checkout', () => {
  it('keeps an order for as long as its key may come back, and then forgets it, but for the books', async () => {
    const place = mall();
    const { runtime } = place;
    const system = place.start();
    await runtime.settle(system.checkout(order));
    await runtime.settle(system.recover());
    const before = await left(place);
    await runtime.advance(retentionMs - dayMs);
    await runtime.settle(system.recover());
    expect(await left(place)).toEqual({ ...before, saga: 'COMPLETED' });
    await runtime.advance(2 * dayMs);
    await runtime.settle(system.recover());
    expect(await left(place)).toEqual({ ...before, saga: undefined });
    expect(await runtime.settle(system.observe(order))).toMatchObject([
      { capturedMinor: 500n, netMinor: 500n },
    ]);
    const refund = { scope: 'shop', key: 'r', order: 'order-1', amountMinor: 1, currency: 'USD' };
    await expect(runtime.settle(system.refund(refund))).rejects.toThrow(ValidationError);
  });
});

describe('pruning', () => {
  /** Stores that have so many to forget, or fail. */
  function storesWith(answers: readonly (number | Error)[]) {
    const asked: unknown[] = [];
    const rest = [...answers];
    const prune = async (request: unknown): Promise<number> => {
      asked.push(request);
      const answer = rest.shift() ?? 0;
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const one = { prune };
    return { asked, stores: { sagas: one, outbox: one, inbox: one, tickets: one } };
  }

  it('happens rarely, and at once again where there is more', async () => {
    let nowMs = 0;
    const { asked, stores } = storesWith([1_000, 1_000, 7]);
    const [prune] = pruning(stores, { retentionMs, pruneEveryMs: 100 }, { monotonicMs: () => nowMs });
    const askedAt = async (ms: number): Promise<number> => {
      nowMs = ms;
      await prune?.();
      return asked.length;
    };
    const counts: number[] = [];
    for (const ms of [0, 99, 100, 101, 102, 103, 201, 202]) counts.push(await askedAt(ms));
    expect(counts).toEqual([0, 0, 1, 2, 3, 3, 3, 4]);
    expect(asked[0]).toEqual({ saga: 'checkout', olderThanMs: retentionMs, limit: 1_000 });
  });

  it('of one store does not wait for another that is down, which is tried again at the next call', async () => {
    const { asked, stores } = storesWith([new StoreUnavailableError('down')]);
    let nowMs = 0;
    const passes = pruning(stores, { retentionMs, pruneEveryMs: 100 }, { monotonicMs: () => nowMs });
    nowMs = 100;
    const ends = await Promise.allSettled(passes.map((pass) => pass()));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', ...passes.slice(1).map(() => 'fulfilled')]);
    for (const pass of passes) await pass();
    expect(asked).toHaveLength(passes.length + 1);
  });

  it.each([
    [{ retentionMs: 5, pruneEveryMs: 1 }, 'ttlMs'],
    [{ retentionMs: 15, pruneEveryMs: 1 }, 'dedupTtlMs'],
    [{ retentionMs: 25, pruneEveryMs: 1 }, 'settlementLagMs'],
    [{ retentionMs: 30, pruneEveryMs: 1 }, 'settlementLagMs'],
    [{ retentionMs: Number.NaN, pruneEveryMs: 1 }, 'retentionMs'],
    [{ retentionMs: 100, pruneEveryMs: 0 }, 'pruneEveryMs'],
  ])('is refused where something may still come back: %o', (retention, named) => {
    const horizons = { ttlMs: 5, dedupTtlMs: 15, settlementLagMs: 30 };
    expect(() => checkRetention(retention, horizons)).toThrow(ValidationError);
    expect(() => checkRetention(retention, horizons)).toThrow(named);
    expect(() => checkRetention({ retentionMs: 31, pruneEveryMs: 1 }, horizons)).not.toThrow();
  });
});
