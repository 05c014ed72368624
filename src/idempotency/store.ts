// The contract of an idempotency store. Each method is one atomic operation and one round trip. Every decision
// about time (leases, expiry, horizons) uses one clock, the store's, which it reports with each claim.

import type { SerialisedError } from '../errors/serialise.ts';

/** Where a record stands. `RELEASED` keeps the counters of a cleared slot and nothing else. */
export type RecordState = 'IN_FLIGHT' | 'COMPLETED' | 'FAILED' | 'UNKNOWN' | 'PENDING' | 'RELEASED';

/** One idempotency record. Immutable: a write produces a new value. Times are milliseconds of the store's clock. */
export interface IdempotencyRecord {
  /** Scoped lookup key. */
  readonly key: string;
  readonly state: RecordState;
  /** Hash of the payload that owns the slot. */
  readonly fingerprint: string;
  /** The request itself as JSON, so that a sweep can send it again. Tokens only, never card data. */
  readonly request: string;
  /** Fencing token of the current or last owner; strictly increases and outlives the record. */
  readonly token: number;
  /** Chosen by the claimer; lets it recognise its own claim when the reply was lost. */
  readonly attemptId: string;
  /** How often the slot has been reused after its time to live; part of the gateway key. */
  readonly epoch: number;
  /** How often the operation moved to a fresh gateway key within the epoch. */
  readonly generation: number;
  /** When the current owner's lease ends. */
  readonly leaseUntilMs: number;
  /** No owner can have sent anything after this instant, the current owner excepted. */
  readonly sendableUntilMs: number;
  /** When the present generation's key may first have been used. */
  readonly keyUsedFromMs: number;
  /** Whether an earlier owner may have sent something whose effect is not known. */
  readonly unresolved: boolean;
  /** When the present generation's key was seen to be finally answered. */
  readonly sealedAtMs?: number;
  /** Gateway id of a pending payment. */
  readonly gatewayId?: string;
  /** JSON of the result, exactly as it is replayed; present when COMPLETED. */
  readonly result?: string;
  /** Present when FAILED. */
  readonly failure?: SerialisedError;
  /** End of a final record's life. IN_FLIGHT, UNKNOWN and PENDING records never expire. */
  readonly expiresAtMs?: number;
}

/** Asks for the slot of a key. */
export interface ClaimRequest {
  readonly key: string;
  readonly fingerprint: string;
  /** See {@link IdempotencyRecord.request}. */
  readonly request: string;
  readonly attemptId: string;
  readonly leaseMs: number;
}

/** The answer to a claim, with the store's clock at that instant. */
export interface ClaimAnswer {
  /** True when the caller owns the record under `record.token`, newly or by an earlier claim with its attempt id. */
  readonly owned: boolean;
  readonly record: IdempotencyRecord;
  readonly nowMs: number;
}

/** Names a slot as its owner sees it. */
export interface Owned {
  readonly key: string;
  readonly token: number;
}

/** The answer to a conditional write. A refused write changed nothing; `record` is what stands there. */
export type WriteAnswer =
  | { readonly written: true; readonly record: IdempotencyRecord; readonly nowMs: number }
  | { readonly written: false; readonly record: IdempotencyRecord | null; readonly nowMs: number };

/** How an owner leaves an operation that it could not decide. */
export interface Suspension extends Owned {
  readonly state: 'UNKNOWN' | 'PENDING';
  /** Whether this owner may have sent anything. */
  readonly sent: boolean;
  /** Whether the present generation's key is known to be finally answered. */
  readonly sealed: boolean;
  readonly gatewayId?: string;
}

/**
 * An idempotency store. Every write except `claim` applies only while `token` is the record's current token.
 * Methods reject with `StoreUnavailableError` when the store did not answer; the operation may then have
 * been applied or not.
 */
export interface IdempotencyStore {
  /**
   * Gives the slot to the caller when it is free, released, expired, unresolved (UNKNOWN, PENDING) or held
   * under an expired lease, each time with a higher token; else reports who has it. A record with another
   * fingerprint is never taken, in any state.
   */
  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  /** Stores the result; starts the time to live. */
  complete(write: Owned & { readonly result: string; readonly ttlMs: number }): Promise<WriteAnswer>;
  /** Stores a final failure; starts the time to live. */
  fail(write: Owned & { readonly failure: SerialisedError; readonly ttlMs: number }): Promise<WriteAnswer>;
  /** Clears the slot, keeping token, epoch and generation. Only for operations without any effect. */
  release(write: Owned): Promise<WriteAnswer>;
  /** Extends the lease to now + `leaseMs`. */
  renew(write: Owned & { readonly leaseMs: number }): Promise<WriteAnswer>;
  /** Leaves the operation undecided, for the next caller or the sweep to resolve. */
  suspend(write: Suspension): Promise<WriteAnswer>;
  /** Moves the operation to the next generation of its gateway key. */
  advance(write: Owned): Promise<WriteAnswer>;
  /** The record as it stands, or null. */
  read(key: string): Promise<IdempotencyRecord | null>;
  /** Up to `limit` records that need resolving: UNKNOWN, PENDING, or IN_FLIGHT past the lease; oldest first. */
  list(query: { readonly limit: number }): Promise<readonly IdempotencyRecord[]>;
}
