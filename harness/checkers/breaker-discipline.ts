// S16. A breaker that lets calls through while it is open protects nobody, and one that refuses without reason loses
// sales. Every decision is compared with what a model of the breaker says.

import type { History } from '../history/history.ts';
import { breakersOf } from './breakers.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds, untraced } from './verdicts.ts';

/** S16 breaker-discipline: opens when it must, admits when it must, and nothing is sent past it. */
export const breakerDiscipline: Checker = {
  id: 'S16',
  name: 'breaker-discipline',
  statement:
    'The breaker opens after the declared number of counted failures, lets nothing through while it is open and no more ' +
    'than the declared probes while it is half-open, and only results of the present generation count.',
  evidence: ['trace'],
  assumes: [],
  hint:
    'Follow the failures up to the first wrong decision: what was counted that should not be, or not counted? Then ' +
    'look at results that come late, at probes that never end, and at calls that do not pass the breaker at all.',
  check,
};

function check(history: History): Verdict {
  const lost = untraced(history.terms);
  if (lost !== undefined) return lost;
  const { judged, wrong } = breakersOf(history);
  return wrong === undefined ? holds(judged) : breaks(wrong.because, wrong.shown);
}
