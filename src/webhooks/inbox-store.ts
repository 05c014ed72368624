// The contract of an inbox store. Each method is one atomic operation and one round trip; every decision about time uses
// the store's one clock. One store serves one sender: ids of two senders may be equal.

import type { PruneRequest } from '../kernel/pruning.ts';

/**
 * Where an event stands. `READY` and `PARKED` wait for their time, `CLAIMED` is being handled, `DONE` has had its effect,
 * `DEAD` was given up and waits for an operator.
 */
export type InboxState = 'READY' | 'PARKED' | 'CLAIMED' | 'DONE' | 'DEAD';

/** Why handling did not succeed; never the message of an error that we did not make. */
export interface InboxFailure {
  /** Code of a `PaymentError`, `error` for other things thrown, `parked`, or `abandoned`. */
  readonly code: string;
  readonly message: string;
}

/** One event in the inbox. Immutable: a write produces a new value. Times are milliseconds of the store's clock. */
export interface InboxRecord {
  /** The sender's event id. */
  readonly id: string;
  /** Key of the object that it is about. */
  readonly object: string;
  /** The event as JSON. */
  readonly event: string;
  readonly state: InboxState;
  /** Fencing token of the current or last claim, from a counter of the whole store that strictly increases; 0 before the first. */
  readonly token: number;
  /** Chosen by the claimer; lets it have its claim again when the reply was lost. */
  readonly attemptId: string;
  /** How often it was claimed since it came in or was revived. */
  readonly attempts: number;
  /** How many of those claims ended in parking. */
  readonly parks: number;
  readonly receivedAtMs: number;
  /** When it may be claimed: its time to wait, or the end of the lease. */
  readonly dueAtMs: number;
  /** Why the last handling failed. */
  readonly failure?: InboxFailure;
  /** End of a DONE record's life, after which its id is new again. No other record expires. */
  readonly expiresAtMs?: number;
}

/** A state of an object. */
export interface ObjectState {
  readonly status: string;
  /** The object's version in that state, where the sender has versions. */
  readonly version?: number;
}

/** The furthest state in which an object is known to have been. */
export interface ObjectPosition extends ObjectState {
  /** Counts the moves; 1 after the first. */
  readonly revision: number;
}

/** An effect to be applied once: under a key that was applied before, nothing happens. */
export interface EffectWrite {
  readonly key: string;
  /** JSON. */
  readonly payload: string;
}

/** An event in the hands of one claimer, with where its object stands. */
export interface InboxClaim {
  readonly record: InboxRecord;
  readonly position: ObjectPosition | null;
}

/** Asks for an event to handle. */
export interface InboxClaimRequest {
  /** Chosen by the claimer, anew for each request. */
  readonly attemptId: string;
  readonly leaseMs: number;
}

/** An event that comes in, and the claim of whoever means to handle it at once. */
export interface InboxArrival extends Pick<InboxRecord, 'id' | 'object' | 'event'> {
  readonly claim?: InboxClaimRequest;
}

/** What became of an arrival. */
export interface InboxReceipt {
  /** Whether the event's id was not known. */
  readonly first: boolean;
  readonly record: InboxRecord;
  /** The caller has the event under `record.token`; null when it did not ask for it, or has to leave it to others. */
  readonly claim: Pick<InboxClaim, 'position'> | null;
}

/** Names an event as its claimer sees it. */
export interface HeldEvent {
  readonly id: string;
  readonly token: number;
}

/** What ends an event: everything in it is applied in one atomic operation, or nothing. */
export interface FinishWrite extends HeldEvent {
  readonly effects: readonly EffectWrite[];
  /** Moves the object on, if it has still made `afterRevision` moves (0: none). */
  readonly move?: { readonly to: ObjectState; readonly afterRevision: number };
  readonly dedupTtlMs: number;
}

/**
 * The answer to a conditional write. A refused write changed nothing, for the claim is no longer the caller's (`lost`), or the
 * object has moved since the claim (`moved`); `record` is what stands there.
 */
export type InboxWriteAnswer =
  | { readonly written: true; readonly record: InboxRecord }
  | { readonly written: false; readonly why: 'lost' | 'moved'; readonly record: InboxRecord | null };

/**
 * An inbox store. Methods reject with `StoreUnavailableError` when the store did not answer; the operation may then have
 * been applied or not.
 */
export interface InboxStore {
  /**
   * Keeps an event unless its id is known, and gives it to the caller who asks for it as `claim` would: not while somebody
   * has it, or another one about its object, not before it is due, and not when it is over.
   */
  receive(arrival: InboxArrival): Promise<InboxReceipt>;
  /**
   * Gives the event that has been due for longest (or `id`, if that is due) to the caller for `leaseMs`, under a new token, and counts the
   * attempt; null when there is none. Of two events about one object the second is not given while the first is
   * held. A repeated request with the `attemptId` of a claim still held gets that claim again.
   */
  claim(request: InboxClaimRequest & { readonly id?: string }): Promise<InboxClaim | null>;
  /** Ends a claimed event as DONE, with its effects and the move of its object. */
  finish(write: FinishWrite): Promise<InboxWriteAnswer>;
  /** Puts a claimed event back for `delayMs`: READY, or PARKED. */
  postpone(
    write: HeldEvent & {
      readonly delayMs: number;
      readonly parked: boolean;
      readonly failure: InboxFailure;
    },
  ): Promise<InboxWriteAnswer>;
  /** Gives a claimed event up: DEAD. */
  bury(write: HeldEvent & { readonly failure: InboxFailure }): Promise<InboxWriteAnswer>;
  /** Makes a DEAD event READY, with all its attempts ahead of it; answers whether it was DEAD. */
  revive(id: string): Promise<boolean>;
  /** Up to `limit` events in `state`, in the order in which they came in. */
  list(query: { readonly state: InboxState; readonly limit: number }): Promise<readonly InboxRecord[]>;
  /** The payload of the effect that was applied under `key`, or null. Effects are kept until they are pruned. */
  effect(key: string): Promise<string | null>;
  /**
   * Forgets DONE events whose ids are new again, and applied effects; answers how many. Where objects stand is kept, so that
   * none goes back. An effect that is forgotten can be applied again, so nobody may announce its change any more.
   */
  prune(request: PruneRequest): Promise<number>;
}
