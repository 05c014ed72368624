// The breaker store for tests and single processes: it forgets everything when the process ends.

import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { BreakerStore } from '../resilience/breaker-store.ts';
import { breakerTable } from './breaker-table.ts';

/** A `BreakerStore` in this process's memory: other processes find out by themselves. Uses the monotonic clock. */
export function memoryBreakerStore(clock: Pick<Clock, 'monotonicMs'>): BreakerStore {
  const table = breakerTable(() => clock.monotonicMs());
  return forgetful({ enter: async (call) => table.enter(call), leave: async (exit) => table.leave(exit) });
}
