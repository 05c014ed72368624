// Convinces by the report of small books, each of which differs in one thing, and by what the summary says to the letter.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import type { Discrepancy } from './discrepancy.ts';
import { reconciler } from './reconciler.ts';
import type { TransactionRecord } from './record.ts';
import { charge, dawnMs, day } from './testing.ts';
import { dayWindow, widened } from './window.ts';

const hourMs = 3_600_000;

function reconciling(settlementLagMs = 24 * hourMs) {
  const runtime = manualRuntime();
  runtime.setWall(day.toMs + 72 * hourMs);
  const books = reconciler({ runtime, settlementLagMs });
  const compare = (
    internal: readonly TransactionRecord[],
    gateway: readonly TransactionRecord[],
    asOfMs?: number,
  ) => books.reconcile({ internal, gateway, window: day, ...(asOfMs === undefined ? {} : { asOfMs }) });
  return { ...books, compare };
}

describe('the taxonomy', () => {
  it.each<[string, TransactionRecord[], TransactionRecord[], string[]]>([
    ['nothing, for equal books', [charge('a')], [charge('a')], []],
    ['the gateway has it alone', [], [charge('a')], ['MISSING_INTERNAL']],
    ['we have it alone', [charge('a')], [], ['MISSING_GATEWAY']],
    ['another amount', [charge('a')], [charge('a', { amountMinor: 501 })], ['AMOUNT_MISMATCH']],
    ['another currency', [charge('a')], [charge('a', { currency: 'EUR' })], ['AMOUNT_MISMATCH']],
    ['another status', [charge('a', { status: 'pending' })], [charge('a')], ['STATUS_MISMATCH']],
    [
      'another amount and status',
      [charge('a')],
      [charge('a', { status: 'x', amountMinor: 1 })],
      ['AMOUNT_MISMATCH'],
    ],
    ['a settlement row twice', [charge('a')], [charge('a'), charge('a')], ['DUPLICATE']],
    ['two charges of an order', [charge('a')], [charge('a'), charge('a', { gatewayId: 'b' })], ['DUPLICATE']],
    ['a row twice that we lack', [], [charge('a'), charge('a')], ['MISSING_INTERNAL', 'DUPLICATE']],
    [
      'another kind',
      [charge('a')],
      [charge('a', { kind: 'refund' })],
      ['MISSING_GATEWAY', 'MISSING_INTERNAL'],
    ],
    ['another fee', [charge('a', { feeMinor: 1 })], [charge('a', { feeMinor: 2 })], []],
  ])('%s', async (...[, internal, gateway, types]) => {
    const { discrepancies } = await reconciling().compare(internal, gateway);
    expect(discrepancies.map(({ type }) => type).sort()).toEqual([...types].sort());
  });

  it('does not miss yet what the gateway may still report', async () => {
    const { compare } = reconciling();
    const late = charge('a');
    const dueMs = late.atMs + 24 * hourMs;
    const [early] = (await compare([late], [], dueMs - 1)).discrepancies;
    expect(early).toMatchObject({ type: 'NOT_YET_DUE', dueAtMs: dueMs });
    expect((await compare([late], [], dueMs)).discrepancies).toMatchObject([{ type: 'MISSING_GATEWAY' }]);
    expect((await compare([], [late], dueMs - 1)).discrepancies).toMatchObject([
      { type: 'MISSING_INTERNAL' },
    ]);
  });

  it('knows a movement that the gateway dates on the next day, and reports it in neither run', async () => {
    const ours = charge('a', { atMs: day.toMs - 1 });
    const theirs = charge('a', { atMs: day.toMs + hourMs });
    const { compare, reconcile } = reconciling();
    expect(await compare([ours], [theirs])).toMatchObject({ matched: 1, discrepancies: [] });
    const window = dayWindow('2026-03-30');
    const next = await reconcile({ internal: [ours], gateway: [theirs], window });
    expect(next).toMatchObject({ matched: 0, total: 0, discrepancies: [] });
  });
});

describe('the report', () => {
  it('reads as it should', async () => {
    const { compare } = reconciling();
    const both = Array.from({ length: 1_248 }, (_, nth) => charge(`${nth}`));
    const gateway = [...both, charge('x'), charge('y'), charge('z')];
    const internal = [...both, charge('z', { status: 'pending' })];
    const report = await compare(internal, gateway);
    expect(report.summary()).toBe(
      '1248/1251 matched, 3 discrepancies: 2 missing_internal, 1 status_mismatch',
    );
    expect((await compare(both, both)).summary()).toBe('1248/1248 matched, 0 discrepancies');
    expect((await compare(both, both.slice(1))).summary()).toBe(
      '1247/1248 matched, 1 discrepancy: 1 missing_gateway',
    );
  });

  it('names rows that make no sense, with their place and why, and reconciles the others', async () => {
    const nonsense = [
      null,
      'row',
      { ...charge('b'), gatewayId: undefined, merchantReference: undefined },
      { ...charge('c'), gatewayId: 7 },
      { ...charge('d'), amountMinor: '500' },
      { ...charge('e'), amountMinor: 5.5 },
      { ...charge('f'), amountMinor: Number.NaN },
      { ...charge('g'), amountMinor: 2 ** 53 },
      { ...charge('h'), amountMinor: -1 },
      { ...charge('i'), currency: 'usd' },
      { ...charge('j'), status: '' },
      { ...charge('k'), atMs: '2026-03-29' },
      { ...charge('l'), kind: 'transfer' },
      { ...charge('m'), feeMinor: 0.1 },
      { ...charge('n'), netMinor: Number.POSITIVE_INFINITY },
      { ...charge('o'), merchantReference: '' },
    ] as TransactionRecord[];
    const report = await reconciling().compare([charge('a')], [...nonsense, charge('a')]);
    expect(report).toMatchObject({ matched: 1, total: 1, discrepancies: [] });
    expect(report.invalid.map(({ side, row }) => `${side} ${row}`)).toEqual(
      nonsense.map((_, nth) => `gateway ${nth + 1}`),
    );
    const reasons = report.invalid.map(({ reason }) => reason);
    expect(reasons[2]).toContain('neither gatewayId nor merchantReference');
    for (const reason of reasons.slice(4, 9)) expect(reason).toContain('amountMinor');
    expect(report.summary()).toBe('1/1 matched, 0 discrepancies; 16 rows could not be read');
  });

  it('says where a row that makes no sense may be what is missing', async () => {
    const broken = { ...charge('a'), amountMinor: '500' } as unknown as TransactionRecord;
    const { discrepancies } = await reconciling().compare([broken], [charge('a'), charge('b')]);
    expect(
      discrepancies.map(({ gateway, hiddenBy }) => [gateway?.record.gatewayId, hiddenBy?.row]).sort(),
    ).toEqual([
      ['ch_a', 1],
      ['ch_b', undefined],
    ]);
  });

  it('has the fees that are to be booked, and nets that are not gross less fee', async () => {
    const { compare } = reconciling();
    const ours = [charge('a'), charge('b', { feeMinor: 17 }), charge('c', { feeMinor: 17 }), charge('d')];
    const theirs = [
      charge('a', { feeMinor: 17, netMinor: 483 }),
      charge('b', { feeMinor: 17, netMinor: 484 }),
      charge('c', { feeMinor: 18 }),
      charge('d'),
    ];
    const report = await compare(ours, theirs);
    expect(report.matched).toBe(4);
    expect(
      report.fees.map(({ gateway, bookedMinor, feeMinor }) => [gateway.row, bookedMinor, feeMinor]).sort(),
    ).toEqual([
      [1, 0, 17],
      [3, 17, 18],
    ]);
    expect(report.badNets).toMatchObject([{ side: 'gateway', row: 2 }]);
    expect(report.summary()).toBe('4/4 matched, 0 discrepancies; 1 row with a wrong net');
  });

  it('names discrepancies alike in every run, whatever the order and the time of the rows', async () => {
    const { compare } = reconciling();
    const theirs = [charge('a'), charge('b'), charge('c', { amountMinor: 1 }), charge('d'), charge('d')];
    const ours = [charge('c'), charge('d'), charge('e')];
    const ids = ({ discrepancies }: { readonly discrepancies: readonly Discrepancy[] }) =>
      discrepancies.map(({ id }) => id);
    const first = ids(await compare(ours, theirs));
    expect(new Set(first).size).toBe(5);
    expect(ids(await compare([...ours].reverse(), [...theirs].reverse()))).toEqual(first);
    const corrected = theirs.map((row) => ({ ...row, atMs: row.atMs + hourMs }));
    expect(ids(await compare(ours, corrected)).sort()).toEqual([...first].sort());
    for (const id of first) expect(id).toMatch(/^[a-z_]+:[0-9a-f]{40}$/);
  });

  it('keeps the name of one of two mismatches that cannot be told apart when the other is repaired', async () => {
    const { compare } = reconciling();
    const pending = charge('a', { status: 'pending' });
    const twins = [charge('a'), charge('a')];
    const before = (await compare([pending, pending], twins)).discrepancies.map(({ id }) => id);
    const after = (await compare([pending, charge('a')], twins)).discrepancies.map(({ id }) => id);
    expect(before).toHaveLength(2);
    expect(after).toEqual([before[1]]);
  });
});

describe('handlers', () => {
  it('are told of their type, in order, until they are taken away', async () => {
    const { on, compare } = reconciling();
    const paged: string[] = [];
    const off = on('MISSING_GATEWAY', async ({ internal }) => {
      paged.push(internal?.record.gatewayId ?? '');
    });
    const theirs = [charge('x')];
    const ours = [charge('b', { atMs: dawnMs + 2 }), charge('a', { atMs: dawnMs + 1 })];
    await compare(ours, theirs);
    expect(paged).toEqual(['ch_a', 'ch_b']);
    off();
    await compare(ours, theirs);
    expect(paged).toHaveLength(2);
  });

  it('that fail keep neither the report nor the other handlers', async () => {
    const { on, compare } = reconciling();
    const told: string[] = [];
    on('MISSING_GATEWAY', () => {
      throw new Error('pager down');
    });
    on('MISSING_GATEWAY', ({ id }) => told.push(id));
    const report = await compare([charge('a')], []);
    expect(report.handlerFailures).toEqual([
      { id: report.discrepancies[0]?.id, error: expect.objectContaining({ message: 'pager down' }) },
    ]);
    expect(told).toHaveLength(1);
  });

  it('of a type that there is none of are refused', () => {
    expect(() => reconciling().on('MISSING' as never, () => {})).toThrow(ValidationError);
  });
});

describe('a window', () => {
  it('is a day in UTC, on the day on which clocks change as on any', () => {
    expect(dayWindow('2026-03-29')).toEqual(day);
    expect(dayWindow('2024-02-29').toMs - dayWindow('2024-02-29').fromMs).toBe(24 * hourMs);
    expect(widened(day, hourMs)).toEqual({ fromMs: day.fromMs - hourMs, toMs: day.toMs + hourMs });
  });

  it.each(['2026-02-29', '2026-02-30', '2026-13-01', '29.03.2026', '2026-3-9', '', '2026-03-29T00:00'])(
    'is not %j',
    (text) => {
      expect(() => dayWindow(text)).toThrow(ValidationError);
    },
  );

  it('holds its first instant and not its last', async () => {
    const edges = [day.fromMs - 1, day.fromMs, day.toMs - 1, day.toMs].map((atMs) =>
      charge(`${atMs}`, { atMs }),
    );
    const { discrepancies } = await reconciling().compare([], edges);
    expect(discrepancies.map(({ gateway }) => gateway?.row)).toEqual([2, 3]);
  });

  it.each<[string, unknown]>([
    ['backwards', { fromMs: 1, toMs: 1 }],
    ['of fractions', { fromMs: 0.5, toMs: 1 }],
    ['of nothing', {}],
  ])('%s is refused', async (_, window) => {
    const reconciled = reconciling().reconcile({ internal: [], gateway: [], window: window as never });
    await expect(reconciled).rejects.toThrow(ValidationError);
  });
});

describe('what makes no sense', () => {
  it('is refused at construction or before anything is read', async () => {
    const runtime = manualRuntime();
    expect(() => reconciler({ runtime, settlementLagMs: -1 })).toThrow(ValidationError);
    expect(() => reconciler({ runtime: {} as never })).toThrow(ValidationError);
    expect(() => reconciler({ runtime, engine: {} as never })).toThrow(ValidationError);
    const given = { internal: 7 as never, gateway: [], window: day };
    await expect(reconciler({ runtime }).reconcile(given)).rejects.toThrow(ValidationError);
    const timeless = { internal: [], gateway: [], window: day, asOfMs: Number.NaN };
    await expect(reconciler({ runtime }).reconcile(timeless)).rejects.toThrow(ValidationError);
  });
});
