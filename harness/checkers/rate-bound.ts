// S15. A gateway grants so many calls in so much time; a limiter that lets more through only seems to be one. Judged
// where it counts: by what was sent, sweeps and repeated attempts included.

import type { History, LimitTerms, Passage } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds, untraced } from './verdicts.ts';
import type { LifeView } from './view.ts';
import { viewOf } from './view-of.ts';

/** S15 rate-bound: sends of one process in every window [t, t + period) ≤ the limit, and no refusal below it. */
export const rateBound: Checker = {
  id: 'S15',
  name: 'rate-bound',
  statement:
    'No process sends the gateway more than its limiter allows in any window as long as the period, and the limiter ' +
    'refuses no call that it allows.',
  evidence: ['trace'],
  assumes: [],
  hint:
    'Something is sent without asking the limiter, or long after it was let through: look at what stands between ' +
    'the limiter and the gateway, at sweeps and repeated attempts, and at windows that begin anew. Where a call was ' +
    'refused for nothing, look for refusals that are counted as calls, and for windows that are too long.',
  check,
};

function check(history: History): Verdict {
  const { limit } = history.terms;
  const lost = untraced(history.terms);
  if (lost !== undefined) return lost;
  if (limit === undefined) return holds(0);
  const { maxCalls, periodMs } = limit;
  let judged = 0;
  for (const life of viewOf(history).lives) {
    const { process, sends } = life;
    const refused = limit.mode === 'reject' ? refusedForNothing(life, limit) : 0;
    if (typeof refused !== 'number') return refused;
    judged += refused;
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

/** A limiter that refuses what it need not is an outage of its own; one that makes calls wait may have its reasons. */
function refusedForNothing(
  { process, passages }: LifeView,
  { maxCalls, periodMs }: LimitTerms,
): Verdict | number {
  const admittedMs: number[] = [];
  let judged = 0;
  for (const passage of passages) {
    if (passage.guard !== 'rate-limit') continue;
    if (passage.admitted !== undefined) admittedMs.push(passage.admitted.atMs);
    if (!wasRefused(passage)) continue;
    judged += 1;
    const { atMs } = passage.arrived;
    // A limiter that makes nobody wait admits on arrival, so those that arrived before are those admitted before.
    const recent = admittedMs.filter((earlierMs) => earlierMs > atMs - periodMs).length;
    if (recent >= maxCalls) continue;
    return breaks(
      `the limiter of ${process} refused the call of ${passage.actor} at ${atMs} ms, although it had let through ` +
        `${recent} in the last ${periodMs} ms and allows ${maxCalls}`,
      [],
    );
  }
  return judged;
}

function wasRefused({ admitted, answer }: Passage): boolean {
  return admitted === undefined && answer?.ok === false && answer.error.code === 'rate_limited';
}
