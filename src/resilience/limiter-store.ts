// The contract of a store that several processes keep one rate limit in.

/** Asks for one call to be admitted. */
export interface AdmissionRequest {
  /** What is limited together, such as one gateway account. */
  readonly name: string;
  /** Chosen by the caller, anew for each call; lets it have its admission again when the reply was lost. */
  readonly callId: string;
  /** Most admissions in any window of `periodMs`. */
  readonly maxCalls: number;
  readonly periodMs: number;
}

/** The answer. `waitMs` is when to ask again: whole milliseconds ≥ 1, after which an admission may be free. */
export type AdmissionAnswer =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly waitMs: number };

/**
 * A store of admissions, on one clock of its own. Rejects with `StoreUnavailableError` when it did not answer; the call may
 * then have been admitted or not, and counts until the window has passed.
 */
export interface LimiterStore {
  /** Admits the call, in one atomic operation, unless that made too many in a window [t, t + `periodMs`). */
  admit(request: AdmissionRequest): Promise<AdmissionAnswer>;
}
