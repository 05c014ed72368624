// The idempotency store for tests and single processes: it forgets everything when the process ends.

import type { IdempotencyStore } from '../idempotency/store.ts';
import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import { idempotencyTable } from './idempotency-table.ts';

/**
 * An `IdempotencyStore` in this process's memory. Not for production: a restart forgets every claim, and with
 * them the protection. Uses the monotonic clock, so that a wall clock set back revives nothing.
 */
export function memoryIdempotencyStore(clock: Pick<Clock, 'monotonicMs'>): IdempotencyStore {
  const table = idempotencyTable(() => clock.monotonicMs());
  return forgetful({
    claim: async (request) => table.claim(request),
    complete: async (write) => table.complete(write),
    fail: async (write) => table.fail(write),
    release: async (write) => table.release(write),
    renew: async (write) => table.renew(write),
    suspend: async (write) => table.suspend(write),
    advance: async (write) => table.advance(write),
    read: async (key) => table.read(key),
    list: async (query) => table.list(query),
  });
}
