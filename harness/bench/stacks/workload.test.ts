// Convinces by comparing days: equal for all orders but for the target, equal for equal seeds and no others, fair to
// carry out; and by running the healthy one, on which nobody may be turned away and nothing may break.

import { describe, expect, it } from 'vitest';
import type { Case } from '../../cases/case.ts';
import { checkCase } from '../../cases/codec.ts';
import { runCase } from '../../run.ts';
import { allOrders, orderName, recommendedOrder } from '../../targets/orders.ts';
import { stackTarget } from '../../targets/stacks.ts';
import { metricsOf } from './metrics.ts';
import { episodesOf, loadMs, weathers } from './weather.ts';
import { type Day, workload } from './workload.ts';

const day: Day = { weather: 'brown-out', gateway: 'stripe', seed: 5 };

describe('a day', () => {
  it('is the same for every order but for the target', () => {
    const [first, ...others] = allOrders.slice(0, 6).map((order) => workload(order, day));
    for (const other of others) expect({ ...other, target: first?.target }).toEqual(first);
    expect(new Set([first, ...others].map((one) => one?.target)).size).toBe(6);
  });

  it('depends on the seed, and the fault profile changes nothing but the weather', () => {
    expect(workload(recommendedOrder, day)).toEqual(workload(recommendedOrder, day));
    expect(workload(recommendedOrder, { ...day, seed: 6 }).steps).not.toEqual(
      workload(recommendedOrder, day).steps,
    );
    const { episodes: _without, ...calm } = workload(recommendedOrder, { ...day, weather: 'healthy' });
    const { episodes: _with, ...rough } = workload(recommendedOrder, day);
    expect(rough).toEqual(calm);
  });

  it.each(weathers)('can be carried out as it is written: %s', (weather) => {
    const subject: Case = workload(recommendedOrder, { ...day, weather });
    expect(checkCase(subject)).toEqual(subject);
    expect(subject.target).toBe(`stack:${orderName(recommendedOrder)}`);
    expect(episodesOf(weather).every(({ untilMs }) => untilMs <= loadMs)).toBe(true);
  });

  it('has enough requests for a p99, whatever the seed', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { steps } = workload(recommendedOrder, { ...day, seed });
      const requests = steps.map((step) => 1 + (step.do === 'charge' ? (step.retries?.length ?? 0) : 0));
      expect(requests.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(500);
    }
  });

  it('turns nobody away when the weather is fine', {
    timeout: 20_000,
  }, async () => {
    const subject = workload(recommendedOrder, { ...day, weather: 'healthy' });
    const { history, broken } = await runCase(subject, stackTarget(recommendedOrder));
    const metrics = metricsOf(history, loadMs);
    expect(broken).toEqual([]);
    expect(metrics).toMatchObject({ refusedByBreaker: 0, refusedByLimiter: 0, doubleCharges: 0 });
    expect(metrics.successRate).toBeGreaterThan(0.95);
    expect(metrics.p99Ms).not.toBeNull();
  });
});
