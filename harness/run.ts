// The one way to run a case: a case and a target in, a history and its verdicts out. Search, replay, mutants,
// benches and reports are all built on it.

import type { Case } from './cases/case.ts';
import type { InvariantId, Verdict } from './checkers/checker.ts';
import type { History } from './history/history.ts';
import type { Target } from './targets/target.ts';

/** What came of one case. */
export interface RunResult {
  readonly history: History;
  /** In the catalogue's order. */
  readonly verdicts: readonly { readonly id: InvariantId; readonly verdict: Verdict }[];
  /** Ids of the broken invariants, in the catalogue's order. */
  readonly broken: readonly InvariantId[];
  /** Interesting states that were reached, each at most once, sorted. */
  readonly marks: readonly string[];
}

/**
 * Runs `subject` case against `target` in a fresh world. Deterministic: equal arguments give equal digests.
 * Rejects only for faults of the harness itself or for a target that escapes the world.
 */
export async function runCase(_case: Case, _target: Target): Promise<RunResult> {
  throw new Error('being written');
}
