// The inbox store for tests and single processes: it forgets everything when the process ends.

import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { InboxStore } from '../webhooks/inbox-store.ts';
import { type ApplyEffects, inboxTable } from './inbox-table.ts';

/**
 * An `InboxStore` in this process's memory. Not for production: an event that was answered 2xx is gone with the process.
 * Uses the monotonic clock, so that a wall clock set back revives nothing. `apply` takes each effect once, in the operation
 * that ends its event; by default effects are only kept, for `effect` to read.
 */
export function memoryInboxStore(clock: Pick<Clock, 'monotonicMs'>, apply?: ApplyEffects): InboxStore {
  const table = inboxTable(() => clock.monotonicMs(), apply);
  return forgetful({
    receive: async (arrival) => table.receive(arrival),
    claim: async (request) => table.claim(request),
    finish: async (write) => table.finish(write),
    postpone: async (write) => table.postpone(write),
    bury: async (write) => table.bury(write),
    revive: async (id) => table.revive(id),
    list: async (query) => table.list(query),
    effect: async (key) => table.effect(key),
    prune: async (request) => table.prune(request),
  });
}
