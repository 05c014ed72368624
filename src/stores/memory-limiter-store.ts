// The limiter store for tests and single processes: it forgets everything when the process ends.

import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { LimiterStore } from '../resilience/limiter-store.ts';
import { limiterTable } from './limiter-table.ts';

/** A `LimiterStore` in this process's memory: other processes are limited apart. Uses the monotonic clock. */
export function memoryLimiterStore(clock: Pick<Clock, 'monotonicMs'>): LimiterStore {
  const table = limiterTable(() => clock.monotonicMs());
  return forgetful({ admit: async (request) => table.admit(request) });
}
