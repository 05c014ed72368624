// The contract of the outbox: committed events, handed out under a lease until somebody has delivered them.

import type { PruneRequest } from '../kernel/pruning.ts';
import type { EventWrite } from './ledger-store.ts';

/** An event that was claimed for delivery. */
export interface ClaimedEvent {
  readonly event: EventWrite;
  /** Fencing token: strictly increases with each claim of the event. */
  readonly token: number;
  /** How often it was claimed since it was committed or requeued, this time included. */
  readonly attempts: number;
  /** Whether a younger event of its aggregate waits for it. */
  readonly hasNext: boolean;
}

/** What became of a claimed event. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** To be handed out again, `delayMs` from now. */
  | { readonly kind: 'failed'; readonly delayMs: number }
  /** Given up, for people to look at; `reason` is a code and never free text. */
  | { readonly kind: 'dead'; readonly reason: string };

/** An event that nobody could deliver. */
export interface DeadLetter {
  readonly event: EventWrite;
  readonly attempts: number;
  readonly reason: string;
  /** By the store's clock, milliseconds. */
  readonly diedAtMs: number;
}

/**
 * The outbox of a ledger's store. Methods reject with `StoreUnavailableError` when the store did not answer; the
 * operation may then have been applied or not.
 */
export interface OutboxStore {
  /**
   * Hands out up to `limit` events that are due and under no lease, in the order of commits; of each aggregate only the
   * first that is neither delivered nor dead, so a claim never holds two of one aggregate.
   */
  claim(request: { readonly limit: number; readonly leaseMs: number }): Promise<readonly ClaimedEvent[]>;
  /** Records the outcome while `token` is the event's current token and it is undecided; tells whether it was. */
  settle(write: {
    readonly id: string;
    readonly token: number;
    readonly outcome: DeliveryOutcome;
  }): Promise<boolean>;
  /** Up to `limit` dead letters, in the order of commits. */
  deadLetters(query: { readonly limit: number }): Promise<readonly DeadLetter[]>;
  /** Makes a dead letter deliverable again, ahead of younger events of its aggregate; tells whether it was dead. */
  requeue(id: string): Promise<boolean>;
  /**
   * Forgets events that were delivered; answers how many. The books still know the effect that told of them, so that it is not
   * told again.
   */
  prune(request: PruneRequest): Promise<number>;
}
