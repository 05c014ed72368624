// The contract of a store of tickets: which discrepancies have been taken care of, or are left to people.

import type { PruneRequest } from '../kernel/pruning.ts';

/**
 * - `WORKING`: somebody holds it, until the lease ends;
 * - `RETRY`: its remedy failed; the next run tries again;
 * - `OPEN`: people were told, and nothing more is done until they close it;
 * - `CLOSED`: taken care of.
 */
export type TicketState = 'WORKING' | 'RETRY' | 'OPEN' | 'CLOSED';

/** One ticket. Immutable, plain JSON. Times are milliseconds of the store's clock. */
export interface Ticket {
  /** The id of the discrepancy or fee that it is about. */
  readonly id: string;
  /** The type of the discrepancy, or `FEE`. */
  readonly type: string;
  readonly state: TicketState;
  /** Fencing token of the current or last holder; strictly increases. */
  readonly token: number;
  /** Chosen by the holder; lets it recognise its own take when the reply was lost. */
  readonly attemptId: string;
  readonly leaseUntilMs: number;
  readonly openedAtMs: number;
}

/** Asks for a ticket. */
export interface TicketRequest {
  readonly id: string;
  readonly type: string;
  readonly attemptId: string;
  readonly leaseMs: number;
}

/** The answer: whether the caller holds the ticket now, and the ticket as it stands. */
export interface TicketAnswer {
  readonly taken: boolean;
  readonly ticket: Ticket;
}

/**
 * A store of tickets. Each method is one atomic operation. Tickets must not be forgotten while a report may still find
 * what they are about. Methods reject with `StoreUnavailableError` when the store did not answer; the operation may
 * then have been applied or not.
 */
export interface TicketStore {
  /** Takes a ticket that is new, up for a retry, or held under an expired lease, each time with a higher token. */
  take(request: TicketRequest): Promise<TicketAnswer>;
  /** Leaves a ticket in another state, while `token` is current and the ticket `WORKING`; false when refused. */
  leave(ticket: {
    readonly id: string;
    readonly token: number;
    readonly state: Exclude<TicketState, 'WORKING'>;
  }): Promise<boolean>;
  /** Closes an open ticket, when people have taken care of it; false when there is no open ticket with this id. */
  close(id: string): Promise<boolean>;
  /** Up to `limit` open tickets, oldest first, then by id. */
  listOpen(query: { readonly limit: number }): Promise<readonly Ticket[]>;
  /** Forgets closed tickets; answers how many. */
  prune(request: PruneRequest): Promise<number>;
}
