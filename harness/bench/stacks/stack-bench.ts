// `bench stacks`: which orders of the layers are safe, and what each costs on a bad day.

import type { ProfileName } from '../../cases/case.ts';
import type { Order } from '../../targets/orders.ts';
import type { Measured } from './errands.ts';
import { openPool } from './pool.ts';
import { type Trial, type TrialProgress, tryOrders } from './trial.ts';
import type { WeatherName } from './weather.ts';

/** What to compare, and how. */
export interface StackBenchOptions {
  /** Orders whose days are measured. Whether they are safe is found out for all orders, whichever these are. */
  readonly orders: readonly Order[];
  readonly weathers: readonly WeatherName[];
  /** Gateway of the days. */
  readonly gateway: ProfileName;
  readonly seed: number;
  /** Threads; the result is the same for any number. */
  readonly workers: number;
  readonly stopSignal?: AbortSignal | undefined;
  /** Wall clock, milliseconds; it has no influence on what is found. */
  readonly now: () => number;
  /** Cases that an order must survive on each gateway; pairs are hunted for longer. */
  readonly runs: number;
}

/** One order on one day. */
export interface MeasuredDay extends Measured {
  readonly order: Order;
  readonly weather: WeatherName;
}

/** What the bench came to. */
export interface StackBench {
  /** Fault profile by fault profile; in each the orders as they were given. */
  readonly days: readonly MeasuredDay[];
  /** Undefined when the bench was interrupted before it was over. */
  readonly trial: Trial | undefined;
  readonly interrupted: boolean;
  readonly elapsedMs: number;
}

/** How far the bench has come. */
export type StackProgress =
  | TrialProgress
  | { readonly phase: 'measuring days'; readonly done: number; readonly of: number };

/** There are few hunts, and most end early: they can afford to be longer than the storms. */
const huntFactor = 3;

/** A gateway that remembers every answer, and one that remembers none: what breaks on the others breaks on these. */
const trialGateways: readonly ProfileName[] = ['stripe', 'none'];

/**
 * Runs the bench, or as much of it as the signal leaves time for.
 *
 * Rejects with PoolError when a thread is lost.
 */
export async function benchStacks(
  options: StackBenchOptions,
  observe: (progress: StackProgress) => void = () => {},
): Promise<StackBench> {
  const { orders, gateway, seed, runs, stopSignal, now } = options;
  const startedMs = now();
  const pool = openPool(options);
  try {
    const days = options.weathers.flatMap((weather) =>
      orders.map((order) => ({ order, weather, gateway, seed })),
    );
    const measured = await pool.run('measure', days, (done) =>
      observe({ phase: 'measuring days', done, of: days.length }),
    );
    const gateways = trialGateways.includes(gateway) ? trialGateways : [...trialGateways, gateway];
    const trial = await tryOrders(
      pool,
      { gateways, seed, huntRuns: huntFactor * runs, stormRuns: runs, inFull: orders },
      observe,
    );
    return {
      days: days.flatMap(({ order, weather }, index) => {
        const day = measured[index];
        return day === undefined ? [] : [{ order, weather, ...day }];
      }),
      trial,
      interrupted: stopSignal?.aborted === true,
      elapsedMs: now() - startedMs,
    };
  } finally {
    pool.close();
  }
}
