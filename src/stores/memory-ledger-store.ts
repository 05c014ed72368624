// The ledger's store for tests and single processes: it forgets everything when the process ends.

import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import type { OutboxStore } from '../ledger/outbox-store.ts';
import { ledgerTable } from './ledger-table.ts';

/**
 * A `LedgerStore` with its `OutboxStore` in this process's memory. Not for production: a restart forgets the books.
 * Uses the monotonic clock, so that a wall clock set back neither revives a lease nor dates an entry before another.
 */
export function memoryLedgerStore(clock: Pick<Clock, 'monotonicMs'>): LedgerStore & OutboxStore {
  const table = ledgerTable(() => clock.monotonicMs());
  return forgetful({
    commit: async (units) => table.commit(units),
    entries: async (query) => table.entries(query),
    totals: async (query) => table.totals(query),
    claim: async (request) => table.claim(request),
    settle: async (write) => table.settle(write),
    deadLetters: async (query) => table.deadLetters(query),
    requeue: async (id) => table.requeue(id),
    prune: async (request) => table.prune(request),
  });
}
