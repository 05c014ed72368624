// The saga journal for tests and single processes: it forgets everything when the process ends.

import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { SagaJournal } from '../saga/journal.ts';
import { sagaTable } from './saga-table.ts';

/**
 * A `SagaJournal` in this process's memory. Not for production: a restart forgets every saga, and with them what has
 * to be undone. Uses the monotonic clock, so that a wall clock set back revives nothing.
 */
export function memorySagaJournal(clock: Pick<Clock, 'monotonicMs'>): SagaJournal {
  const table = sagaTable(() => clock.monotonicMs());
  return forgetful({
    open: async (opening) => table.open(opening),
    claim: async (claim) => table.claim(claim),
    save: async (write) => table.save(write),
    leave: async (write) => table.leave(write),
    renew: async (driven) => table.renew(driven),
    read: async (name) => table.read(name),
    list: async (query) => table.list(query),
    prune: async (request) => table.prune(request),
  });
}
