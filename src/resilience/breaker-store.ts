// The contract of a store that several processes keep one circuit breaker in.

import type { BreakerLimits, BreakerState, BreakerVerdict } from './breaker-state.ts';

/** Names a call at a breaker. */
export interface BreakerCall {
  /** What is guarded together, such as one gateway. */
  readonly name: string;
  /** Chosen by the caller, anew for each call; lets it have its admission again when the reply was lost. */
  readonly callId: string;
  readonly limits: BreakerLimits;
}

/** Where the breaker stands. */
export interface BreakerPosition {
  readonly state: BreakerState;
  /** Each transition begins a new one. */
  readonly generation: number;
}

/** The answer to a call that arrives. */
export interface BreakerAnswer extends BreakerPosition {
  readonly admitted: boolean;
}

/** How a call ended that had been let through in `generation`. */
export interface BreakerExit extends BreakerCall {
  readonly generation: number;
  readonly verdict: BreakerVerdict;
}

/**
 * A store of breakers, on one clock of its own; what each operation means is what `circuitBreaker` says of its state. Each
 * method is one atomic operation and rejects with `StoreUnavailableError` when the store did not answer; it may then have
 * been applied or not.
 */
export interface BreakerStore {
  /** Lets a call through, or refuses it. */
  enter(call: BreakerCall): Promise<BreakerAnswer>;
  /** Told how a call ended; what was let through in an older generation, or told before, counts for nothing. */
  leave(exit: BreakerExit): Promise<BreakerPosition>;
}
