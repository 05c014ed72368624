// Convinces by drawing a hand-made report: within the columns that there are, the best first, unsafe orders last with
// what they break, nothing hidden behind a green word, and hundreds of orders folded.

import { describe, expect, it } from 'vitest';
import { shortOrderName } from '../bench/stacks/named-orders.ts';
import { allOrders, type Order, orderName, recommendedOrder } from '../targets/orders.ts';
import type { ReportedStack, StackReport } from './stack-report.ts';
import { stackTable } from './stack-table.ts';
import { columnsOf, plainText } from './text.ts';

const [best = recommendedOrder, slow = [], unsafe = []] = [recommendedOrder, allOrders[1], allOrders.at(-1)];

function stack(order: Order, more: Partial<ReportedStack> = {}): ReportedStack {
  return {
    order: orderName(order),
    profile: 'brown-out',
    safe: true,
    broken: [],
    goodputPerSecond: 3.5,
    successRate: 0.98,
    firstAnswerRate: 0.9,
    p50Ms: 48,
    p99Ms: 12_345,
    samples: 600,
    callsPerSuccess: 1.25,
    doubleCharges: 0,
    declinesRetried: 0,
    refusedByBreaker: 12,
    refusedByLimiter: 3,
    ...more,
  };
}

const report: StackReport = {
  tool: 'paystorm',
  version: '0.1.0',
  seed: 1,
  gateway: 'stripe',
  stacks: [
    stack(unsafe, { safe: false, goodputPerSecond: 9, doubleCharges: 7 }),
    stack(slow, { goodputPerSecond: 2, p99Ms: null }),
    stack(best),
  ],
  orders: [
    { order: orderName(unsafe), safe: false, broken: ['S1', 'S16', 'L1'], score: null },
    { order: orderName(slow), safe: true, broken: [], score: 0.6 },
    { order: orderName(best), safe: true, broken: [], score: 1 },
  ],
  recommended: orderName(best),
  documented: orderName(best),
  unsafePairs: [],
  tried: { orders: 720, safe: 40, cases: 50_000 },
  agrees: true,
  disagreements: [],
  regressions: null,
  errorCount: 0,
  firstError: null,
  interrupted: false,
  elapsedMs: 12_300,
};

function drawn(change: Partial<StackReport> = {}, columns = 80): readonly string[] {
  return stackTable({ ...report, ...change }, columns).map(plainText);
}

describe('the table of stacks', () => {
  it.each([80, 100, 160])('fits into %i columns', (columns) => {
    const all = {
      disagreements: [{ order: orderName(unsafe), broken: ['S1'], warnings: [] }],
      agrees: false,
    };
    for (const text of drawn(all, columns)) expect(columnsOf(text)).toBeLessThanOrEqual(columns);
  });

  it('shows the best order first and unsafe ones last, however much they sell', () => {
    const rows = drawn().slice(1, 4);
    expect(rows.map((row) => row.split(/\s+/).slice(0, 3))).toEqual([
      ['★', shortOrderName(best), '3.50'],
      ['✓', shortOrderName(slow), '2.00'],
      ['✗', shortOrderName(unsafe), '9.00'],
    ]);
    expect(rows[2]).toMatch(/ {2}S1 S16 L1$/);
  });

  it('has a dash where there are too few samples', () => {
    expect(drawn()[2]).toMatch(/ 48 ms +–$/);
  });

  it('has every figure where there is room', () => {
    const [head = '', row = ''] = drawn({}, 160);
    expect(head).toMatch(
      /ok\/s.*paid.*at once.*p50.*p99.*calls.*twice.*declines again.*by breaker.*by limiter.*breaks/,
    );
    expect(row).toMatch(/3\.50 +98\.0 % +90\.0 % +48 ms +12\.3 s +1\.25 +0 +0 +12 +3$/);
  });

  it('folds what nobody would read', () => {
    const many = allOrders
      .slice(0, 40)
      .map((order, index) => stack(order, { goodputPerSecond: 4 - index / 100 }));
    const rows = drawn({ stacks: many, orders: [] });
    expect(rows.slice(0, 13).join('\n')).toContain('  … 30 more, 3.90 to 3.61 ok/s');
    expect(rows.indexOf('')).toBe(12);
  });

  it('gives one row to orders that do alike, where there are many', () => {
    const many = allOrders
      .slice(0, 40)
      .map((order, index) => stack(order, { goodputPerSecond: 4 - (index % 2) }));
    const broken = allOrders.slice(40, 60).map((order) => stack(order, { safe: false }));
    const orders = broken.map(({ order }) => ({
      order,
      safe: false,
      broken: ['S6', 'S15', 'S16'],
      score: null,
    }));
    const rows = drawn({ stacks: [...many, ...broken], orders }).slice(1, 4);
    expect(rows.map((row) => /(?<= s {2}).*$/.exec(row)?.[0])).toEqual(['×20', '×20', 'S6 S1…  ×20']);
    expect(rows[0]).toContain('★');
    expect(Math.max(...rows.map(columnsOf))).toBeLessThanOrEqual(80);
  });

  it('always shows the recommended order', () => {
    const many = allOrders.slice(0, 40).map((order, index) => stack(order, { goodputPerSecond: index }));
    const rows = drawn({ stacks: many, orders: [] });
    expect(rows[11]).toContain(`★ ${shortOrderName(best)}  0.00`);
    expect(rows[12]).toContain('… 29 more, 29.00 to 1.00 ok/s');
  });

  it('cuts the list of what broke rather than the figures', () => {
    const broken = ['S1', 'S2', 'S6', 'S13', 'S15', 'S16', 'S20', 'L1', 'L4'];
    const rows = drawn({ orders: [{ order: orderName(unsafe), safe: false, broken, score: null }] });
    expect(rows[0]).toMatch(/p50 +p99/);
    expect(rows[3]).toMatch(/ {2}S1 S2 S6 S…$/);
  });

  it('says what is recommended and that the documentation says the same', () => {
    const text = drawn().join('\n');
    expect(text).toContain(`recommended  ${shortOrderName(best)}  best of 2, as documented`);
    expect(text).toContain('40 of 720 safe · checkStack agrees · 50 000 cases · 12.3 s');
  });

  it('says by how much the documented order is behind', () => {
    const text = drawn({ recommended: orderName(best), documented: orderName(slow) }).join('\n');
    expect(text).toContain(`documented   ${shortOrderName(slow)}  40.0 % less goodput`);
  });

  it('hides no doubt', () => {
    const one = { order: orderName(slow), broken: [], warnings: ['retry outside idempotent: S6'] };
    const worse = {
      order: orderName(best),
      profile: 'healthy',
      figure: 'p99Ms',
      was: 50,
      is: 2_000,
      percent: 3_900,
    };
    const text = drawn({
      agrees: false,
      disagreements: Array.from({ length: 7 }, () => one),
      errorCount: 2,
      firstError: 'it went in circles',
      interrupted: true,
      recommended: null,
      regressions: [{ ...worse, figure: 'p99Ms' }],
    }).join('\n');
    expect(text).toContain('checkStack disagrees');
    expect(text).toMatch(/disagree +.* {2}survived, warned of/);
    expect(text).toContain('… and 2 more');
    expect(text).toContain('2 cases, the first said: it went in circles');
    expect(text).toContain('interrupted: these figures cover what was measured until then');
    expect(text).toContain('nothing was measured');
    expect(text).toContain('p99 50 ms → 2.00 s (3900 % worse)');
  });

  it('marks orders of which nothing is known', () => {
    const unknown = report.stacks.map((one) => ({ ...one, safe: null }));
    expect(drawn({ stacks: unknown, tried: null, agrees: null })[1]).toMatch(/^\? /);
  });
});
