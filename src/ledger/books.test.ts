// Convinces by random histories of payments, whose totals are kept beside the ledger by adding and subtracting alone,
// with amounts whose sums leave the range of safe integers; and by a store that lost half an entry.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryLedgerStore } from '../stores/memory-ledger-store.ts';
import { books } from './books.ts';
import { ledger } from './ledger.ts';
import type { LedgerStore } from './ledger-store.ts';
import { captured, disputed, disputeWon, feeCharged, refunded, refundFailed } from './payment-entries.ts';
import { fact, refusal } from './testing.ts';

const entries = { captured, refunded, refundFailed, disputed, disputeWon, feeCharged };

/** What each kind of fact adds to the five columns of a view: captured, refunded, disputed, fees, net. */
const columns = {
  captured: [1n, 0n, 0n, 0n, 1n],
  refunded: [0n, 1n, 0n, 0n, -1n],
  refundFailed: [0n, -1n, 0n, 0n, 1n],
  disputed: [0n, 0n, 1n, 0n, -1n],
  disputeWon: [0n, 0n, -1n, 0n, 1n],
  feeCharged: [0n, 0n, 0n, 1n, 0n],
} as const;

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const builders = Object.keys(columns) as (keyof typeof columns)[];

const history = fc.array(
  fc.record({
    build: fc.constantFrom(...builders),
    reference: fc.constantFrom('m1', 'm2'),
    currency: fc.constantFrom('USD', 'JPY', 'KWD'),
    amountMinor: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constant(Number.MAX_SAFE_INTEGER)),
  }),
  { minLength: 1, maxLength: 40 },
);

function rig() {
  const store = memoryLedgerStore(manualRuntime());
  return { store, ...ledger({ store }), ...books({ store, pageSize: 3 }) };
}

describe('the books', () => {
  it('say of each payment what was captured, given back, taken back and charged for it, and close', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (facts) => {
        const { post, view, trialBalance, entries: read } = rig();
        const expected = new Map<string, bigint[]>();
        for (const [index, { build, ...rest }] of facts.entries()) {
          await post(entries[build](fact({ ...rest, operation: `op${index}` })));
          const name = `${rest.reference} ${rest.currency}`;
          const row = expected.get(name) ?? [0n, 0n, 0n, 0n, 0n];
          expected.set(
            name,
            row.map((sum, column) => sum + (columns[build][column] ?? 0n) * BigInt(rest.amountMinor)),
          );
        }
        for (const reference of ['m1', 'm2']) {
          const rows = await view(reference);
          const currencies = [...expected.keys()].filter((name) => name.startsWith(reference));
          expect(rows.map(({ currency }) => `${reference} ${currency}`)).toEqual(currencies.sort());
          for (const row of rows) {
            const { capturedMinor, refundedMinor, disputedMinor, feesMinor, netMinor } = row;
            expect([capturedMinor, refundedMinor, disputedMinor, feesMinor, netMinor]).toEqual(
              expected.get(`${reference} ${row.currency}`),
            );
          }
        }
        const { closes, sums } = await trialBalance();
        expect(closes).toBe(true);
        expect(sums.map(({ currency }) => currency)).toEqual(
          [...new Set(facts.map(({ currency }) => currency))].sort(),
        );
        const keys = (await collected(read())).map(({ operation }) => operation);
        expect(keys).toEqual(facts.map((_, index) => `op${index}`));
      }),
      { numRuns: 100 },
    );
  });

  it('hold in the clearing account what the gateway owes', async () => {
    const { post, trialBalance } = rig();
    await post(entries.captured(fact({ amountMinor: 500 })));
    await post(entries.feeCharged(fact({ amountMinor: 15 })));
    await post(entries.refunded(fact({ amountMinor: 200 })));
    expect((await trialBalance()).balances).toEqual([
      { account: 'captured', currency: 'USD', balanceMinor: -500n },
      { account: 'fees', currency: 'USD', balanceMinor: 15n },
      { account: 'gateway-clearing', currency: 'USD', balanceMinor: 285n },
      { account: 'refunded', currency: 'USD', balanceMinor: 200n },
    ]);
  });

  it('do not close when the store lost one side of an entry', async () => {
    const { store, post } = rig();
    await post(entries.captured(fact()));
    const lossy: Pick<LedgerStore, 'entries' | 'totals'> = {
      entries: store.entries,
      totals: async (query) => (await store.totals(query)).slice(1),
    };
    const { closes, sums } = await books({ store: lossy }).trialBalance();
    expect({ closes, sums }).toEqual({ closes: false, sums: [{ currency: 'USD', sumMinor: 500n }] });
  });

  it('are empty before anything is booked, and refuse what cannot be a reference', async () => {
    const { view, trialBalance, entries: read } = rig();
    expect(await view('m1')).toEqual([]);
    expect(await trialBalance()).toEqual({ closes: true, sums: [], balances: [] });
    expect(await collected(read())).toEqual([]);
    expect(await refusal(view(undefined as unknown as string))).toBeInstanceOf(ValidationError);
    expect(() => books({ store: rig().store, pageSize: 0 })).toThrow(ValidationError);
  });
});

describe('the entries', () => {
  it.each([
    [0, 1],
    [2, 1],
    [3, 2],
    [7, 3],
  ])('of which there are %i are read in %i pages of three', async (count, pages) => {
    const { store, post } = rig();
    for (let index = 0; index < count; index += 1)
      await post(entries.captured(fact({ operation: `op${index}` })));
    let reads = 0;
    const counted: typeof store.entries = async (query) => {
      reads += 1;
      return store.entries(query);
    };
    const read = await collected(books({ store: { ...store, entries: counted }, pageSize: 3 }).entries());
    expect({ read: read.length, reads }).toEqual({ read: count, reads: pages });
  });
});

describe('entries of payments', () => {
  it.each(builders)('refuse amounts that move nothing or cannot be: %s', (build) => {
    for (const amountMinor of [0, -5, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => entries[build](fact({ amountMinor }))).toThrow(ValidationError);
    }
    expect(() => entries[build](fact({ currency: 'usd' }))).toThrow(ValidationError);
  });

  it('keep what happened to one object apart by what it was', () => {
    const keys = builders.map((build) => entries[build](fact()).key);
    expect(new Set(keys).size).toBe(builders.length);
  });
});
