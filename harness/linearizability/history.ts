// What was observed of operations on a shared object: the documented format that linearizability is judged from. Anybody
// may record it, of any store and in any language.

/**
 * One operation as its caller saw it, plain JSON. Times come from one monotonic clock that all callers share, in any
 * unit; what was called at the very instant at which something else returned counts as concurrent with it.
 */
export interface ObservedOperation {
  /** Who called, for people who read the verdict; a caller has one operation at a time. */
  readonly caller: string;
  /** The object: operations on different objects are judged apart. */
  readonly object: string;
  /** Which operation, as the model names it. */
  readonly name: string;
  /** What was asked, as the model reads it. */
  readonly request?: unknown;
  readonly calledAt: number;
  /**
   * Absent where the outcome is unknown (a time-out, a lost reply, a caller that died): it may have taken effect at any
   * time after the call, or never.
   */
  readonly returned?: { readonly at: number; readonly reply?: unknown };
}

/** What one object does when it is alone. Its states are immutable values. */
export interface SequentialModel<State> {
  /** The state of an object before the first operation. */
  initial(object: string): State;
  /**
   * The state after the operation; undefined when the object could not have answered so. With `returned` absent
   * whatever it answers is right.
   *
   * @throws TypeError for an operation that the model does not know.
   */
  step(state: State, operation: ObservedOperation): State | undefined;
  /** Whether an operation that returned what it did cannot have changed anything, in whatever state: the search is shorter for it. */
  isQuiet(operation: ObservedOperation): boolean;
  /** Equal for states that behave alike ever after, and for no others. */
  identity(state: State): string;
}
