// Convinces by reports of hand-made benches, where the storm and checkStack are made to agree and to differ both ways,
// and by the exit code, which must follow the worst that is known.

import { describe, expect, it } from 'vitest';
import { checkStack } from '../../src/resilience/check-stack.ts';
import type { TriedOrder } from '../bench/stacks/inference.ts';
import type { Metrics } from '../bench/stacks/metrics.ts';
import type { MeasuredDay, StackBench } from '../bench/stacks/stack-bench.ts';
import { allOrders, type Order, orderName, recommendedOrder } from '../targets/orders.ts';
import { type StackReport, stackExitCode, stackReport } from './stack-report.ts';

const metrics: Metrics = {
  goodputPerSecond: 4,
  successRate: 1,
  firstAnswerRate: 1,
  p50Ms: 50,
  p99Ms: 100,
  samples: 600,
  callsPerSuccess: 1,
  doubleCharges: 0,
  declinesRetried: 0,
  refusedByBreaker: 0,
  refusedByLimiter: 0,
};
const unsafe: Order = allOrders.at(-1) ?? [];

function day(order: Order, more: Partial<MeasuredDay> = {}): MeasuredDay {
  return { order, weather: 'healthy', metrics, broken: [], because: undefined, ...more };
}

/** The orders as checkStack sees them, except that what is given breaks or survives. */
function tried(but: readonly TriedOrder[] = []): readonly TriedOrder[] {
  const known = new Map(but.map((one) => [orderName(one.order), one]));
  return allOrders.map((order): TriedOrder => {
    const warned = checkStack(order.map((kind) => ({ kind }))).length > 0;
    return known.get(orderName(order)) ?? { order, broken: warned ? ['S6'] : [] };
  });
}

function report(bench: Partial<StackBench> = {}, orders = tried()): StackReport {
  const trial = { orders, unsafePairs: [], cases: 10, errorCount: 0, firstError: undefined };
  const days = [day(recommendedOrder), day(unsafe)];
  return stackReport(
    { days, trial, interrupted: false, elapsedMs: 5.4, ...bench },
    { version: '1', seed: 1, gateway: 'stripe', savedAs: () => 'a.json' },
  );
}

describe('a stack report', () => {
  it('says of each day whether its order is safe, and recommends only what is', () => {
    const days = [day(recommendedOrder), day(unsafe, { metrics: { ...metrics, goodputPerSecond: 400 } })];
    const made = report({ days });
    expect(made.stacks.map(({ safe }) => safe)).toEqual([true, false]);
    expect(made.orders).toEqual([
      { order: orderName(recommendedOrder), safe: true, broken: [], score: 1 },
      { order: orderName(unsafe), safe: false, broken: ['S6'], score: null },
    ]);
    expect(made).toMatchObject({ recommended: orderName(recommendedOrder), agrees: true, elapsedMs: 5 });
    expect(made.tried).toEqual({ orders: 720, safe: 40, cases: 10 });
    expect(stackExitCode(made)).toBe(0);
  });

  it('lets a day convict an order that survived every small case', () => {
    const made = report({ days: [day(recommendedOrder, { broken: ['S1'] })] });
    expect(made).toMatchObject({ agrees: false, recommended: null });
    expect(made.disagreements).toEqual([
      { order: orderName(recommendedOrder), broken: ['S1'], warnings: [] },
    ]);
    expect(stackExitCode(made)).toBe(1);
  });

  it('names an order that survived although checkStack warns of it, and is inconclusive', () => {
    const made = report({}, tried([{ order: unsafe, broken: [] }]));
    expect(made.agrees).toBe(false);
    expect(made.disagreements[0]?.warnings.length).toBeGreaterThan(0);
    expect(stackExitCode(made)).toBe(3);
  });

  it('claims nothing about safety when it was interrupted', () => {
    const made = report({ trial: undefined, interrupted: true });
    expect(made).toMatchObject({ agrees: null, tried: null, recommended: null });
    expect(made.stacks.map(({ safe }) => safe)).toEqual([null, null]);
    expect(stackExitCode(made)).toBe(130);
  });

  it('tells the story of each pair, where it has one', () => {
    const witness = {
      invariant: 'S6' as const,
      because: 'why',
      case: { paystorm: 1 as const, target: 'reference', profile: 'stripe' as const, seed: 1, steps: [] },
      historyHash: '',
      requests: 2,
      faults: 1,
      preemptions: 0,
    };
    const unsafePairs = [
      { outer: 'retry' as const, inner: 'idempotent' as const, witness, huntedFor: 3 },
      { outer: 'timeout' as const, inner: 'retry' as const, witness: undefined, huntedFor: undefined },
    ];
    const trial = { orders: tried(), unsafePairs, cases: 1, errorCount: 0, firstError: undefined };
    expect(report({ trial }).unsafePairs).toEqual([
      {
        outer: 'retry',
        inner: 'idempotent',
        invariant: 'S6',
        because: 'why',
        case: 'a.json',
        story: { requests: 2, faults: 1, preemptions: 0 },
      },
      { outer: 'timeout', inner: 'retry', invariant: null, because: null, case: null, story: null },
    ]);
  });

  it('cannot be relied upon when cases could not be judged', () => {
    const trial = {
      orders: tried(),
      unsafePairs: [],
      cases: 1,
      errorCount: 2,
      firstError: 'went in circles',
    };
    const made = report({ trial });
    expect(made).toMatchObject({ errorCount: 2, firstError: 'went in circles' });
    expect(stackExitCode(made)).toBe(2);
  });

  it('earns 4 when something got worse', () => {
    const order = orderName(recommendedOrder);
    const regression = { order, profile: 'healthy', figure: 'p99Ms', was: 1, is: 2, percent: 100 } as const;
    expect(stackExitCode({ ...report(), regressions: [regression] })).toBe(4);
    expect(stackExitCode({ ...report(), regressions: [] })).toBe(0);
  });
});
