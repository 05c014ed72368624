// The store of tickets in Postgres.

import type { Ticket, TicketAnswer, TicketStore } from '../../reconciliation/ticket-store.ts';
import { type PostgresStoreOptions, postgresCalls } from './call.ts';

/**
 * A `TicketStore` in Postgres, for any number of processes. Each operation is one statement at READ COMMITTED; time is the server's.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresTicketStore(options: PostgresStoreOptions): TicketStore {
  const call = postgresCalls('postgres ticket store', options);
  return {
    take: async ({ id, type, attemptId, leaseMs }) =>
      (await call('ticket_take', id, type, attemptId, leaseMs)) as TicketAnswer,
    leave: async ({ id, token, state }) => (await call('ticket_leave', id, token, state)) as boolean,
    close: async (id) => (await call('ticket_close', id)) as boolean,
    listOpen: async ({ limit }) => (await call('ticket_list_open', limit)) as readonly Ticket[],
    prune: async ({ olderThanMs, limit }) => (await call('ticket_prune', olderThanMs, limit)) as number,
  };
}
