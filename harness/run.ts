// The one way to run a case: a case and a target in, a history and its verdicts out. Search, replay, mutants,
// benches and reports are all built on it.

import type { Case } from './cases/case.ts';
import type { History } from './history/history.ts';
import { type Judgement, judge } from './judge.ts';
import { storm } from './storm.ts';
import type { Target } from './targets/target.ts';

/** What came of one case. */
export interface RunResult extends Judgement {
  readonly history: History;
}

/**
 * Runs `subject` against `target` in a fresh world, heals it, lets it settle, and judges what happened.
 * Deterministic: equal arguments give equal digests. One case at a time per thread.
 *
 * Rejects only for faults of the harness itself or for a target that escapes the world or goes in circles.
 */
export async function runCase(subject: Case, target: Target): Promise<RunResult> {
  const history = await storm(subject, target);
  return { history, ...judge(history) };
}
