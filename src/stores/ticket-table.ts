// The sequential meaning of a store of tickets: what each operation does when it is alone.

import type { Ticket, TicketStore } from '../reconciliation/ticket-store.ts';
import { endings } from './endings.ts';

/** The same operations, synchronously. */
export type TicketTable = {
  readonly [Name in keyof TicketStore]: (
    ...args: Parameters<TicketStore[Name]>
  ) => Awaited<ReturnType<TicketStore[Name]>>;
};

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function ticketTable(nowMs: () => number): TicketTable {
  const tickets = new Map<string, Ticket>();
  const closed = endings(nowMs);
  const put = (ticket: Ticket): Ticket => {
    tickets.set(ticket.id, ticket);
    if (ticket.state === 'CLOSED') closed.mark(ticket.id);
    return ticket;
  };
  return {
    take({ id, type, attemptId, leaseMs }) {
      const now = nowMs();
      const old = tickets.get(id);
      if (old?.state === 'WORKING' && old.attemptId === attemptId) return { taken: true, ticket: old };
      const isFree = old?.state === 'WORKING' ? old.leaseUntilMs <= now : old?.state === 'RETRY';
      if (old !== undefined && !isFree) return { taken: false, ticket: old };
      const token = (old?.token ?? 0) + 1;
      const openedAtMs = old?.openedAtMs ?? now;
      const leaseUntilMs = now + leaseMs;
      return {
        taken: true,
        ticket: put({ id, type, state: 'WORKING', token, attemptId, leaseUntilMs, openedAtMs }),
      };
    },
    leave({ id, token, state }) {
      const old = tickets.get(id);
      if (old?.state !== 'WORKING' || old.token !== token) return false;
      put({ ...old, state });
      return true;
    },
    close(id) {
      const old = tickets.get(id);
      if (old?.state !== 'OPEN') return false;
      put({ ...old, state: 'CLOSED' });
      return true;
    },
    listOpen: ({ limit }) =>
      [...tickets.values()]
        .filter(({ state }) => state === 'OPEN')
        .sort((a, b) => a.openedAtMs - b.openedAtMs || (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    prune(request) {
      const taken = closed.take(request);
      for (const id of taken) tickets.delete(id);
      return taken.length;
    },
  };
}
