// The contract of a velocity store: how much of something has been approved, or may yet be, in a sliding window.
//
// An amount counts from its check until it is known to have come to nothing, or until a window after the last instant
// at which it can have taken effect. Whatever takes effect was therefore counted by every later check in its window,
// and the sum of what took effect within any window cannot exceed the cap.

/** What every operation names. */
export interface VelocityEntry {
  /** What is counted together, such as one card under one rule. */
  readonly key: string;
  /** The payment: counted once, however often it is checked. */
  readonly attemptId: string;
}

/** Asks to count an amount. */
export interface VelocityRequest extends VelocityEntry {
  /** The evaluation that asks; the amount stays counted while one of them may have led to a payment. */
  readonly evaluationId: string;
  /** 1, or minor units of one currency: a safe integer ≥ 0. */
  readonly amount: number;
  /** Most that may be counted at once, a safe integer ≥ 0. */
  readonly cap: number;
  readonly windowMs: number;
  /** How long after this check the payment may still take effect without the store being told. */
  readonly holdMs: number;
}

/** The answer: whether the amount is counted now. */
export interface VelocityAnswer {
  readonly admitted: boolean;
  /** What is counted under the key, this amount included if it was admitted. */
  readonly used: number;
}

/**
 * A velocity store, shared by all processes. Each method is one atomic operation, and may be applied more than once
 * or late: an evaluation that was released is never admitted again. Methods reject with `StoreUnavailableError` when
 * the store did not answer; the operation may then have been applied or not.
 */
export interface VelocityStore {
  /**
   * Counts the amount for `windowMs + holdMs` from now if the sum with all others under the key stays within the cap.
   * A payment that is counted already is admitted without being counted twice, and if it has not been confirmed its
   * time starts anew.
   */
  reserve(request: VelocityRequest): Promise<VelocityAnswer>;
  /**
   * Says that the payment took effect: from its first confirmation it counts for another `windowMs`. Never refused,
   * even if the store had forgotten the payment, because it is true.
   */
  confirm(payment: VelocityEntry & { readonly amount: number; readonly windowMs: number }): Promise<void>;
  /**
   * Gives an unconfirmed amount back: for one evaluation, after which it counts only while others hold it, or, without
   * `evaluationId`, for all of them. An evaluation is remembered as released for `windowMs` at least, though the store
   * has not seen it yet.
   */
  release(
    payment: VelocityEntry & { readonly evaluationId?: string; readonly windowMs: number },
  ): Promise<void>;
}
