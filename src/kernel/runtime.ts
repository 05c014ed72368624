// Everything in paystorm that needs time, chance or an identity takes it from here, so that a simulated
// world can supply all of it and a run can be repeated exactly.

/** Two clocks: one to date things, one to measure spans. They may disagree and only one may be set back. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump in either direction. */
  wallMs(): number;
  /** Monotonic clock of this process, milliseconds from an arbitrary origin. Never runs backwards. */
  monotonicMs(): number;
}

/** Ways to wait. */
export interface Timers {
  /**
   * Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as `signal` is aborted.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fire` once after `ms` milliseconds unless the returned function is called first. */
  after(ms: number, fire: () => void): () => void;
}

/** Randomness by purpose, so that one more draw for one purpose moves nothing elsewhere. */
export interface Chance {
  /** A number in [0, 1) from the stream called `purpose`. */
  random(purpose: string): number;
  /** A fresh identifier that starts with `prefix` and is unique across processes. */
  id(prefix: string): string;
}

/** Where structured log records go; a record is a flat, JSON-serialisable object. */
export interface LogSink {
  /** Writes one record. Never throws. */
  log(record: Readonly<Record<string, unknown>>): void;
}

/** The whole environment of a payment primitive. */
export interface Runtime extends Clock, Timers, Chance, LogSink {}

/** The longest delay that a JavaScript timer can hold, in milliseconds (2^31 - 1); longer ones fire at once. */
export const maxTimerMs = 2_147_483_647;
