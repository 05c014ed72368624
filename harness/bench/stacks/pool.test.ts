// Convinces by asking real errands of one thread and of two, which must answer alike and in the order of the questions,
// by a helper that dies or throws, which must not be waited for, and by stopping in the middle.

import { describe, expect, it } from 'vitest';
import { allOrders, recommendedOrder } from '../../targets/orders.ts';
import { openPool, PoolError } from './pool.ts';

const storms = allOrders.slice(0, 4).map((order, index) => ({
  order,
  gateway: 'stripe' as const,
  seed: 7,
  // Later questions are answered sooner.
  runs: 40 - 10 * index,
}));
const order = recommendedOrder;

describe('a pool of threads', { timeout: 30_000 }, () => {
  it('answers as the asking thread does, in the order of the questions', async () => {
    const alone = openPool({ workers: 1 });
    const pool = openPool({ workers: 2 });
    try {
      const expected = await alone.run('storm', storms);
      expect(expected.map((outcome) => outcome?.runs)).toEqual([40, 30, 20, 10]);
      const heard: number[] = [];
      expect(await pool.run('storm', storms, (done) => heard.push(done))).toEqual(expected);
      expect(heard).toEqual([1, 2, 3, 4]);
      const cases = [{ paystorm: 1 as const, target: '', profile: 'stripe' as const, seed: 1, steps: [] }];
      const asked = { order, cases, toTheEnd: true };
      expect(await pool.run('confront', [asked])).toEqual([{ broken: [], runs: 1 }]);
    } finally {
      pool.close();
    }
  });

  it('passes on what an errand throws', async () => {
    const pool = openPool({ workers: 2 });
    try {
      const nonsense = {
        paystorm: 1 as const,
        target: '',
        profile: 'stripe' as const,
        seed: 1,
        steps: null as never,
      };
      await expect(pool.run('confront', [{ order, cases: [nonsense], toTheEnd: true }])).rejects.toThrow(
        /steps|iterable|null/,
      );
    } finally {
      pool.close();
    }
  });

  it('does not wait for a thread that is gone', async () => {
    const helper = new URL('data:text/javascript,process.exit(3)');
    const pool = openPool({ workers: 2, helper });
    await expect(pool.run('storm', storms)).rejects.toThrow(PoolError);
    pool.close();
  });

  it.each([1, 2])('begins nothing more on %i threads once it is stopped', async (workers) => {
    const stop = new AbortController();
    const pool = openPool({ workers, stopSignal: stop.signal });
    const answers = await pool.run('storm', storms, () => stop.abort());
    pool.close();
    expect(answers).toHaveLength(4);
    expect(answers.filter((answer) => answer === undefined).length).toBeGreaterThan(0);
    expect(answers.filter((answer) => answer !== undefined).length).toBeGreaterThan(0);
  });
});
