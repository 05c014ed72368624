// Where a run is not exact, whether a broken invariant breaks again is a matter of how often: the case is run several times.

import type { InvariantId } from '../checkers/checker.ts';
import type { RunResult } from '../run.ts';

/** In how many of several runs it broke. */
export interface Reproduced {
  readonly times: number;
  readonly of: number;
}

/** Runs of a case whose outcome may differ. */
export const reproducingRuns = 5;

/** Runs a case {@link reproducingRuns} times and counts in how many of them `invariant` broke. */
export async function reproduce(run: () => Promise<RunResult>, invariant: InvariantId): Promise<Reproduced> {
  let times = 0;
  for (let done = 0; done < reproducingRuns; done++) {
    const { broken } = await run();
    if (broken.includes(invariant)) times += 1;
  }
  return { times, of: reproducingRuns };
}

/** Whether it broke in some runs and not in all. */
export function isFlaky({ times, of }: Reproduced): boolean {
  return times < of;
}
