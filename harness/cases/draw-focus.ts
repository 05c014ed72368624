// Draws what a case of a campaign is about.

import type { Random } from 'fast-check';
import { type Focus, focuses, type Suite, sharesOfAll } from '../checkers/focus.ts';

/** What the case that `dice` will draw is about. Only `all` takes a draw for it. */
export function focusOf(suite: Suite, dice: Random): Focus {
  if (suite !== 'all') return suite;
  let left = dice.nextInt(0, 99);
  for (const focus of focuses) {
    left -= sharesOfAll[focus];
    if (left < 0) return focus;
  }
  return 'checkout';
}
