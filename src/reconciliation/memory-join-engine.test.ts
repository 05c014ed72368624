// Convinces by comparing random books, whose rows share ids and contents as often as not, with the plainest reading of
// the contract, in any order of rows; the examples show what that means for money.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryJoinEngine } from './memory-join-engine.ts';
import type { TransactionRecord } from './record.ts';
import { charge, dawnMs, day, expectedFindings, findings } from './testing.ts';

const engine = memoryJoinEngine();

/** Rows that share ids, amounts and times as often as not, some of them beside the day. */
const rows: fc.Arbitrary<TransactionRecord[]> = fc.array(
  fc
    .record({
      kind: fc.constantFrom('charge', 'charge', 'charge', 'refund'),
      gatewayId: fc.option(fc.constantFrom('g1', 'g2', 'g3', 'g4'), { nil: undefined }),
      merchantReference: fc.option(fc.constantFrom('r1', 'r2', 'r3', 'r4'), { nil: undefined }),
      amountMinor: fc.constantFrom(100, 100, 200),
      currency: fc.constantFrom('USD', 'USD', 'JPY'),
      status: fc.constantFrom('captured', 'captured', 'pending'),
      atMs: fc.constantFrom(dawnMs - 1, dawnMs, dawnMs + 1, day.toMs - 1, day.toMs),
      feeMinor: fc.option(fc.constantFrom(0, 3), { nil: undefined, freq: 2 }),
      netMinor: fc.option(fc.constantFrom(97, 100), { nil: undefined, freq: 2 }),
    })
    .filter(({ gatewayId, merchantReference }) => gatewayId !== undefined || merchantReference !== undefined)
    .map((row) => JSON.parse(JSON.stringify(row)) as TransactionRecord),
  { maxLength: 12 },
);

describe('the join in memory', () => {
  it('finds what the contract says, in whatever order the rows come', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.infiniteStream(fc.nat(99)), async (internal, gateway, ranks) => {
        const expected = expectedFindings(internal, gateway);
        expect(await findings(engine, { internal, gateway })).toEqual(expected);
        const shuffled = <Row>(book: readonly Row[]): Row[] =>
          book
            .map((row) => ({ row, rank: ranks.next().value }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ row }) => row);
        expect(await findings(engine, { internal: shuffled(internal), gateway: shuffled(gateway) })).toEqual(
          expected,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('pairs twins that are equal in every column, one to one', async () => {
    const twins = [charge('a'), charge('a'), charge('a')];
    const joined = await engine.join({ internal: twins, gateway: twins, window: day });
    expect(joined).toMatchObject({ pairCount: 3, unmatched: [] });
    const one = await engine.join({ internal: [charge('a')], gateway: twins, window: day });
    expect(one).toMatchObject({ pairCount: 1, unmatched: [{ isCopy: true }, { isCopy: true }] });
  });

  it('reads generators and what arrives over time, and counts places from 1', async () => {
    async function* arriving() {
      yield charge('a');
      await Promise.resolve();
      yield charge('b');
    }
    const internal = new Set([charge('a'), charge('c')]);
    const joined = await engine.join({ internal, gateway: arriving(), window: day });
    expect(joined).toMatchObject({
      pairCount: 1,
      unmatched: [
        { side: 'internal', row: 2 },
        { side: 'gateway', row: 2 },
      ],
    });
  });

  it('fails with a book that breaks off, rather than report what it had not read as missing', async () => {
    async function* broken() {
      yield charge('a');
      await Promise.reject(new Error('connection lost'));
    }
    const joining = engine.join({ internal: [charge('a'), charge('b')], gateway: broken(), window: day });
    await expect(joining).rejects.toThrow('connection lost');
  });

  it('totals exactly beyond 2^53, by kind and currency', async () => {
    const much = Number.MAX_SAFE_INTEGER;
    const book = ['a', 'b', 'c'].map((id) => charge(id, { amountMinor: much, feeMinor: 1 }));
    const refund = charge('r', { kind: 'refund', amountMinor: -7 });
    const yesterday = charge('y', { atMs: day.fromMs - 1 });
    const { totals } = await engine.join({
      internal: [...book, refund, yesterday],
      gateway: book,
      window: day,
    });
    expect(totals).toEqual([
      {
        kind: 'charge',
        currency: 'USD',
        internalMinor: 3n * BigInt(much),
        gatewayMinor: 3n * BigInt(much),
        feeMinor: 3n,
      },
      { kind: 'refund', currency: 'USD', internalMinor: -7n, gatewayMinor: 0n, feeMinor: 0n },
    ]);
  });
});
