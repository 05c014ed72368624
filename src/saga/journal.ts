// The contract of a saga journal. Each method is one atomic operation and one round trip. Every decision about
// time (leases, next looks, deadlines) uses one clock, the journal's, which it reports with each answer.

import type { PruneRequest } from '../kernel/pruning.ts';

/**
 * Where a saga stands. `RUNNING` goes forward and `COMPENSATING` back; the other three are ends.
 * `FAILED_COMPENSATION` is neither finished nor undone: it stays queued until a repair ends it otherwise.
 */
export type SagaState = 'RUNNING' | 'COMPENSATING' | 'COMPLETED' | 'COMPENSATED' | 'FAILED_COMPENSATION';

/** Names a saga: the definition's name, and the id that tells its sagas apart. */
export interface SagaName {
  readonly saga: string;
  readonly id: string;
}

/** One saga. Immutable: a write produces a new value. Times are milliseconds of the journal's clock. */
export interface SagaRecord extends SagaName {
  readonly state: SagaState;
  /** Hash of the context that the saga was begun with. */
  readonly fingerprint: string;
  /** JSON of all that is known of its steps, written by its driver; see `SagaProgress`. */
  readonly progress: string;
  /** Fencing token of the present or last driver; strictly increases. */
  readonly token: number;
  /** How often the saga was written; a write names the one that it makes, so that none is applied late or twice. */
  readonly version: number;
  /** Chosen by the driver; lets it recognise its own claim when the reply was lost. Absent while nobody drives. */
  readonly attemptId?: string;
  readonly startedAtMs: number;
  /** When recovery may take the saga up: the end of its driver's lease, or the next look. Absent when nothing is left to do. */
  readonly dueAtMs?: number;
}

/** Asks to drive a saga that exists. */
export interface SagaClaim extends SagaName {
  readonly attemptId: string;
  readonly leaseMs: number;
  /** `repair` also takes what is not due yet, and what ended in FAILED_COMPENSATION; neither takes it from a driver. */
  readonly why: 'recovery' | 'repair';
}

/** Asks to drive a saga, and begins it when there is none. */
export interface SagaOpening extends SagaName {
  readonly attemptId: string;
  readonly leaseMs: number;
  readonly fingerprint: string;
  /** See {@link SagaRecord.progress}. */
  readonly progress: string;
}

/** The answer to an opening or a claim, with the journal's clock at that instant. */
export type SagaClaimAnswer =
  /** The caller drives the saga under `record.token`, newly or by an earlier request with its attempt id. */
  | { readonly owned: true; readonly record: SagaRecord; readonly nowMs: number }
  /** Somebody else does, or nobody may; null when there is no such saga. */
  | { readonly owned: false; readonly record: SagaRecord | null; readonly nowMs: number };

/** Names a saga as its driver sees it. */
export interface DrivenSaga extends SagaName {
  readonly token: number;
}

/** What every write of progress carries. */
export interface SagaWrite extends DrivenSaga {
  /** One more than the version that it follows. A repetition of the last write changes nothing and is not refused. */
  readonly version: number;
  readonly state: SagaState;
  readonly progress: string;
}

/** The answer to a conditional write. A refused write changed nothing; `record` is what stands there. */
export type SagaWriteAnswer =
  | { readonly written: true; readonly record: SagaRecord; readonly nowMs: number }
  | { readonly written: false; readonly record: SagaRecord | null; readonly nowMs: number };

/** Which sagas to list: those that recovery may take up, or those that wait for a repair. */
export interface SagaQuery {
  /** Names of their definitions. */
  readonly sagas: readonly string[];
  readonly queue: 'recovery' | 'repair';
  readonly limit: number;
}

/**
 * A saga journal. Writes apply only while `token` is the saga's current token. Methods reject with
 * `StoreUnavailableError` when the journal did not answer; the operation may then have been applied or not.
 */
export interface SagaJournal {
  /**
   * Begins the saga, or gives it to the caller with a higher token when it is unfinished and nobody drives it under
   * an unexpired lease. A saga that was begun with another context is never given.
   */
  open(opening: SagaOpening): Promise<SagaClaimAnswer>;
  /** Gives the saga to the caller, with a higher token, when it is due. */
  claim(claim: SagaClaim): Promise<SagaClaimAnswer>;
  /** Writes progress, and extends the lease to now + `leaseMs`. */
  save(write: SagaWrite & { readonly leaseMs: number }): Promise<SagaWriteAnswer>;
  /** Writes progress and gives the saga up until now + `dueInMs`, or for good when that is absent. */
  leave(write: SagaWrite & { readonly dueInMs?: number }): Promise<SagaWriteAnswer>;
  /** Extends the lease to now + `leaseMs`. */
  renew(driven: DrivenSaga & { readonly leaseMs: number }): Promise<SagaWriteAnswer>;
  /** The saga as it stands, or null. */
  read(name: SagaName): Promise<SagaRecord | null>;
  /** Up to `limit` sagas, those that are due longest first; in the repair queue the oldest first. */
  list(query: SagaQuery): Promise<readonly SagaRecord[]>;
  /**
   * Forgets sagas of one definition that are COMPLETED or COMPENSATED with nothing left to do; answers how many. Their ids
   * are new again, so nobody may open them, and no driver of theirs may be left.
   */
  prune(request: PruneRequest & { readonly saga: string }): Promise<number>;
}
