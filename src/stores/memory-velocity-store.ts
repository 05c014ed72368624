// The velocity store for tests and single processes: it forgets everything when the process ends.

import type { VelocityStore } from '../fraud/velocity-store.ts';
import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import { velocityTable } from './velocity-table.ts';

/**
 * A `VelocityStore` in this process's memory. Not for production: other processes count on their own, and a restart
 * forgets what was counted. Uses the monotonic clock, so that a wall clock set forward frees nothing.
 */
export function memoryVelocityStore(clock: Pick<Clock, 'monotonicMs'>): VelocityStore {
  const table = velocityTable(() => clock.monotonicMs());
  return forgetful({
    reserve: async (request) => table.reserve(request),
    confirm: async (payment) => table.confirm(payment),
    release: async (payment) => table.release(payment),
  });
}
