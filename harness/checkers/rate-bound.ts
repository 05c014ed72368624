// S15. A gateway grants so many calls in so much time; a limiter that lets more through only seems to be one. Judged
// where it counts: by what was sent, sweeps and repeated attempts included.

import type { History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds, untraced } from './verdicts.ts';
import { viewOf } from './view-of.ts';

/** S15 rate-bound: sends of one process in every window [t, t + period) ≤ the limit. */
export const rateBound: Checker = {
  id: 'S15',
  name: 'rate-bound',
  statement: 'No process sends the gateway more than its limiter allows in any window as long as the period.',
  evidence: ['trace'],
  assumes: [],
  hint:
    'Something is sent without asking the limiter, or long after it was let through: look at what stands between ' +
    'the limiter and the gateway, at sweeps and repeated attempts, and at windows that begin anew.',
  check,
};

function check(history: History): Verdict {
  const { limit } = history.terms;
  const lost = untraced(history.terms);
  if (lost !== undefined) return lost;
  if (limit === undefined) return holds(0);
  const { maxCalls, periodMs } = limit;
  let judged = 0;
  for (const { process, sends } of viewOf(history).lives) {
    for (let i = maxCalls; i < sends.length; i += 1) {
      const last = sends[i]?.crossing;
      const first = sends[i - maxCalls]?.crossing;
      if (last === undefined || first === undefined) continue;
      judged += 1;
      const spanMs = last.called.atMs - first.called.atMs;
      if (spanMs >= periodMs) continue;
      const shown = sends.slice(i - maxCalls, i + 1).map(({ crossing }) => crossing);
      return breaks(
        `${process} sent ${maxCalls + 1} charges within ${spanMs} ms, from ${first.actor} to ${last.actor}; its limiter ` +
          `allows ${maxCalls} in ${periodMs} ms`,
        shown,
      );
    }
  }
  return holds(judged);
}
