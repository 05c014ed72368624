// What the tests of the breaker's checker share: a breaker that two failures within half a second open for a second.

import type { BreakerTerms, Outcome } from '../history/history.ts';
import { breakerDiscipline } from './breaker-discipline.ts';
import type { Verdict } from './checker.ts';
import { type Tale, tale } from './testing.ts';
import { bad } from './testing-values.ts';

/** See the file comment. */
export const breakerTerms: BreakerTerms = {
  failureThreshold: 2,
  windowMs: 500,
  recoveryTimeoutMs: 1000,
  halfOpenProbes: 1,
};

/** The guard that all of it is about. */
export const guard = 'circuit-breaker';

/** A failure that counts. */
export const timedOut: Outcome = bad('gateway_timeout', 'unknown');

/** What the checker says of a breaker under {@link breakerTerms}, changed by `more`. */
export function checkBreaker(story: Tale, more: Partial<BreakerTerms> = {}): Verdict {
  return breakerDiscipline.check(story.done({ breaker: { ...breakerTerms, ...more } }));
}

/** A call that is let through and fails at once. */
export function fails(story: Tale, actor: string, result: Outcome = timedOut): void {
  story.settles(story.passes(actor, guard), result);
}

/** A breaker that has just been opened by `a` and `b`. */
export function openedBreaker(): Tale {
  const story = tale();
  fails(story, 'a');
  fails(story, 'b');
  return story;
}
