// The result of `run` as one plain value: what `--json` prints and what the terminal summary is drawn from, so that
// neither can say what the other does not know.

import type { Distribution } from '../cases/distribution.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { isFlaky } from '../replay/reproduce.ts';

/** One broken invariant, shrunk and saved. */
export interface ReportedViolation {
  readonly invariant: InvariantId;
  readonly name: string;
  readonly because: string;
  /** Path of the saved case; null when it could not be saved and was printed to stderr instead. */
  readonly case: string | null;
  /** Size of the shrunk case: client requests (retries included), faults, and what only moves something in time. */
  readonly requests: number;
  readonly faults: number;
  readonly preemptions: number;
  /** The same before shrinking. */
  readonly before: { readonly requests: number; readonly faults: number; readonly preemptions: number };
  /** Cases run until it broke first, this one included. */
  readonly runsToFailure: number;
  /** Wall-clock milliseconds spent on shrinking; 0 when it was not shrunk. */
  readonly shrinkMs: number;
  /** False when shrinking was switched off, interrupted, or ran out of its budget. */
  readonly shrunkToEnd: boolean;
  /** Cases in which it broke. */
  readonly timesBroken: number;
  /** Which strategy found it first. */
  readonly foundBy: string;
  /** In how many of several further runs it broke, in a tier where no run is exact; null elsewhere. */
  readonly reproduced: { readonly times: number; readonly of: number } | null;
}

/** An invariant that was judged less often than `needed`. */
export interface ReportedUnderjudged {
  readonly invariant: InvariantId;
  readonly judged: number;
  readonly needed: number;
}

/** Something that kept a case from being judged. */
export interface ReportedError {
  readonly index: number;
  readonly during: 'run' | 'recheck' | 'shrink';
  readonly message: string;
  /** Path of the saved case; null for all but the first few, and when it could not be saved. */
  readonly case: string | null;
}

/** See the file comment. Counts by invariant have every invariant of the catalogue, in its order. */
export interface RunReport {
  readonly tool: 'paystorm';
  readonly version: string;
  readonly seed: number;
  readonly suite: string;
  readonly tier: string;
  readonly target: string;
  readonly profile: string;
  readonly stores: string;
  readonly strategy: string;
  readonly shard: string | null;
  /** Threads that cases were run on; nothing but the times depends on it. */
  readonly workers: number;
  readonly runs: number;
  readonly events: number;
  readonly elapsedMs: number;
  readonly runsPerSecond: number;
  readonly eventsPerSecond: number;
  /** Invariants that were judged at least once and never broke. */
  readonly held: readonly InvariantId[];
  /** Invariants that never broke but were judged less often than a green run needs. */
  readonly underjudged: readonly ReportedUnderjudged[];
  /** Invariants that were not judged, about what the target does not declare, such as a breaker, or the suite is not about. */
  readonly undeclared: readonly InvariantId[];
  readonly violations: readonly ReportedViolation[];
  /** How many things were compared, by invariant. */
  readonly judged: Readonly<Record<string, number>>;
  /** In how many cases the world took away what the invariant assumes, by invariant. */
  readonly notPromised: Readonly<Record<string, number>>;
  /** In how many cases each mark was reached; marks that were never reached count 0 when they are required. */
  readonly marks: Readonly<Record<string, number>>;
  /** In how many cases each fault kind struck; kinds that never did are left out. */
  readonly injected: Readonly<Record<string, number>>;
  readonly requiredMarks: readonly string[];
  readonly unreachedMarks: readonly string[];
  readonly determinism: { readonly rechecked: number; readonly mismatches: number };
  /** Path of the first case that came out differently the second time. */
  readonly mismatchCase: string | null;
  /** The first hundred; `errorCount` counts all. */
  readonly errors: readonly ReportedError[];
  readonly errorCount: number;
  /** Cases by the strategy that found them. */
  readonly strategies: Readonly<Record<string, number>>;
  /** What the cases were made of. */
  readonly distribution: Distribution;
  readonly interrupted: boolean;
  /** Covers every history; equal for equal seeds and numbers of runs. */
  readonly digest: string;
}

/**
 * The exit code that a report earns: 130 interrupted, 1 an invariant broke, 2 the harness or the target cannot be
 * trusted (a case that could not be judged, a run that came out differently the second time), 3 inconclusive, where what
 * broke did not break in every further run of its case included, 0 everything held.
 */
export function exitCodeOf(report: RunReport): number {
  if (report.interrupted) return 130;
  if (report.violations.some(({ reproduced }) => reproduced === null || !isFlaky(reproduced))) return 1;
  if (report.errorCount > 0 || report.determinism.mismatches > 0) return 2;
  if (report.violations.length > 0) return 3;
  return report.unreachedMarks.length > 0 || report.underjudged.length > 0 ? 3 : 0;
}
