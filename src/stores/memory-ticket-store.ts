// The store of tickets for tests and single processes: it forgets everything when the process ends.

import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { TicketStore } from '../reconciliation/ticket-store.ts';
import { ticketTable } from './ticket-table.ts';

/** A `TicketStore` in this process's memory. Not for production: a restart would page for everything once more. */
export function memoryTicketStore(clock: Pick<Clock, 'monotonicMs'>): TicketStore {
  const table = ticketTable(() => clock.monotonicMs());
  return forgetful({
    take: async (request) => table.take(request),
    leave: async (ticket) => table.leave(ticket),
    close: async (id) => table.close(id),
    listOpen: async (query) => table.listOpen(query),
    prune: async (request) => table.prune(request),
  });
}
