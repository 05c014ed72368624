// Marks about breakers and limiters.

import type { History } from '../history/history.ts';
import { breakersOf } from './breakers.ts';
import type { Reach } from './mark-definitions.ts';

/** Notes the marks that guards reach; those of breakers are what their model goes through. */
export function markGuards(history: History, reach: Reach): void {
  for (const { guard, arrived, admitted, answered } of history.passages) {
    if (guard !== 'rate-limit') continue;
    if (admitted === undefined) {
      if (answered !== undefined) reach('limiter-refused');
    } else if (admitted.atMs > arrived.atMs) {
      reach('limiter-waited');
    }
  }
  for (const { opened, refused, probed, closedAgain, ignoredLate } of breakersOf(history).sights) {
    if (opened) reach('breaker-opened');
    if (refused) reach('breaker-refused');
    if (probed) reach('breaker-probed');
    if (closedAgain) reach('breaker-closed-again');
    if (ignoredLate) reach('breaker-late-result-ignored');
  }
}
