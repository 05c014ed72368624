// The smallest story that can show a planted bug, as far as reasoning goes: what shrinking is measured against.

import type { CaseSize } from '../cases/measure.ts';

/** The fewest requests and faults (delays, crashes and jumps of clocks included) that make a planted bug show. */
export interface Minimum {
  readonly requests: number;
  readonly faults: number;
}

/** How much has to come together before a bug shows; see {@link difficultyOf}. */
export type Difficulty = 'easy' | 'medium' | 'hard';

/** Steps of a story: its requests and everything that befalls them. */
export function stepsOf({ requests, faults, preemptions = 0 }: Minimum & Partial<CaseSize>): number {
  return requests + faults + preemptions;
}

/**
 * How hard a bug is to find, by what has to come together beyond the one request without which nothing happens: one
 * more thing at most is easy, two are medium, three and more are hard. With every further thing the cases that have
 * all of them grow rarer by about the number of places where it could be.
 */
export function difficultyOf(minimum: Minimum): Difficulty {
  const more = stepsOf(minimum) - 1;
  if (more <= 1) return 'easy';
  return more === 2 ? 'medium' : 'hard';
}
