// checkStack calls an order of the layers unsafe exactly when the storm breaks it, over all 720 orders.
//
// Convinces from both sides. Unsafe orders: each breaks in a case that was run against that very order. Safe orders:
// each survives every case that broke another order, and campaigns of its own, from seeds of its own, under all four
// gateway profiles; campaigns of that length find most unsafe pairs alone, the others are left to probes. The trial
// knows nothing of checkStack's table: what it says of pairs is inferred from which orders broke.

import { beforeAll, describe, expect, it } from 'vitest';
import { openPool } from '../harness/bench/stacks/pool.ts';
import { type Trial, tryOrders } from '../harness/bench/stacks/trial.ts';
import { profiles } from '../harness/cases/case.ts';
import { orderName } from '../harness/targets/orders.ts';
import { checkStack } from '../src/resilience/check-stack.ts';
import { orderRules } from '../src/resilience/order-rules.ts';

/** Cases on each of the four gateways. */
const stormRuns = 250;

describe('all orders of the layers', () => {
  let trial: Trial;
  beforeAll(async () => {
    const pool = openPool({ workers: 2 });
    try {
      const came = await tryOrders(pool, {
        gateways: profiles,
        seed: 11,
        huntRuns: 3 * stormRuns,
        stormRuns,
        inFull: [],
      });
      if (came === undefined) throw new Error('nobody stopped the trial');
      trial = came;
    } finally {
      pool.close();
    }
  }, 240_000);

  const unsafe = (isUnsafe: (one: Trial['orders'][number]) => boolean): readonly string[] =>
    trial.orders.filter(isUnsafe).map(({ order }) => orderName(order));

  it('are judged without a case that could not be', () => {
    expect(trial).toMatchObject({ errorCount: 0, firstError: undefined });
  });

  it('break exactly where checkStack warns', () => {
    const broken = unsafe((one) => one.broken.length > 0);
    expect(broken).toEqual(unsafe(({ order }) => checkStack(order.map((kind) => ({ kind }))).length > 0));
    expect(broken).toHaveLength(680);
  });

  it('are unsafe for the pairs of the table, and no others', () => {
    const named = (pairs: readonly { readonly outer: string; readonly inner: string }[]): readonly string[] =>
      pairs.map(({ outer, inner }) => `${outer} outside ${inner}`).sort();
    expect(named(trial.unsafePairs)).toEqual(named(orderRules));
  });

  it('survive campaigns that find most unsafe pairs alone, the quickest of them in a tenth', () => {
    const length = stormRuns * profiles.length;
    const hunted = trial.unsafePairs.map(({ huntedFor = Number.POSITIVE_INFINITY }) => huntedFor);
    expect(hunted.filter((cases) => cases <= length).length).toBeGreaterThan(orderRules.length / 2);
    expect(Math.min(...hunted)).toBeLessThanOrEqual(length / 10);
  });

  it('have a short story for each unsafe pair', () => {
    for (const { witness } of trial.unsafePairs) {
      const { requests = 9, faults = 9, preemptions = 9 } = witness ?? {};
      expect(requests + faults + preemptions).toBeLessThanOrEqual(3);
    }
  });
});
