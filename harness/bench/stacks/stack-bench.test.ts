// Convinces by one small bench on one thread and on two, which must come to the same to the last figure, and by one that
// is interrupted, which must keep what it has.

import { describe, expect, it } from 'vitest';
import { movedOutside, recommendedOrder } from '../../targets/orders.ts';
import { benchStacks, type StackBenchOptions } from './stack-bench.ts';

const unsafe = movedOutside(recommendedOrder, { outer: 'logExecution', inner: 'idempotent' });
const options: StackBenchOptions = {
  orders: [recommendedOrder, unsafe],
  weathers: ['healthy', 'crash-loop'],
  gateway: 'none',
  seed: 3,
  runs: 2,
  workers: 1,
  now: () => 0,
};

describe('the stack bench', { timeout: 300_000 }, () => {
  it('comes to the same on any number of threads', async () => {
    const alone = await benchStacks(options);
    expect(await benchStacks({ ...options, workers: 2 })).toEqual(alone);
    expect(alone.days.map(({ order, weather }) => ({ order, weather }))).toEqual([
      { order: recommendedOrder, weather: 'healthy' },
      { order: unsafe, weather: 'healthy' },
      { order: recommendedOrder, weather: 'crash-loop' },
      { order: unsafe, weather: 'crash-loop' },
    ]);
    expect(alone.days.map(({ broken }) => broken)).toEqual([[], ['S20'], [], ['S20']]);
    expect(alone.trial?.orders).toHaveLength(720);
  });

  it('keeps what it has when it is interrupted', async () => {
    const stop = new AbortController();
    const bench = await benchStacks({ ...options, stopSignal: stop.signal }, ({ done }) => {
      if (done === 2) stop.abort();
    });
    expect(bench.days).toHaveLength(2);
    expect(bench).toMatchObject({ trial: undefined, interrupted: true });
  });
});
