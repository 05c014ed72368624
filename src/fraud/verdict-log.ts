// The contract of the log of verdicts: the audit trail, and the memory that an approved payment is approved. Without
// the memory an execution that takes over from a crashed one could refuse what has already been charged.

import type { PruneRequest } from '../kernel/pruning.ts';
import type { FraudDecision, RuleAnswer } from './rule.ts';

/** One verdict. Immutable, plain JSON. */
export interface FraudVerdict {
  readonly attemptId: string;
  readonly evaluationId: string;
  readonly decision: FraudDecision;
  /** Sum of the rules' scores. */
  readonly score: number;
  /** What each rule said that was asked, in order. */
  readonly answers: readonly (RuleAnswer & { readonly rule: string })[];
  /** Wall clock of the process that made it, milliseconds since the epoch. For people; nothing is decided by it. */
  readonly atMs: number;
  /** True when a rule failed, so that the decision is BLOCK for want of an answer. Such a verdict never stands. */
  readonly undecided?: true;
  /** The earlier evaluation whose verdict this one took up without asking the rules. */
  readonly resumes?: string;
}

/** What the log holds of one payment. */
export interface AttemptVerdicts {
  /** The verdict that holds for every execution of the payment; null when there is none. */
  readonly standing: FraudVerdict | null;
  /** Every verdict, in the order in which they were kept. */
  readonly verdicts: readonly FraudVerdict[];
}

/**
 * A log of verdicts. Each method is one atomic operation, and may be applied more than once. Methods reject with
 * `StoreUnavailableError` when the log did not answer. What it holds of a payment must live at least as long as the
 * payment's idempotency record.
 */
export interface VerdictLog {
  /**
   * Keeps a verdict, once per evaluation. It stands if no other does, and unless it is `undecided`; else its
   * evaluation relies on the one that stands from now on. Answers the standing verdict, or null.
   */
  keep(verdict: FraudVerdict): Promise<FraudVerdict | null>;
  /**
   * Says that an evaluation led to nothing that was sent. The standing verdict falls when no evaluation relies on it
   * any more. An evaluation that withdrew can't come to rely on it again, should its `keep` arrive late.
   */
  withdraw(evaluation: { readonly attemptId: string; readonly evaluationId: string }): Promise<void>;
  /** What is held of a payment. */
  read(attemptId: string): Promise<AttemptVerdicts>;
  /** Forgets payments whose last word, verdict or withdrawal, is that old; answers how many. */
  prune(request: PruneRequest): Promise<number>;
}
