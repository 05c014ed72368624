// L4. A guard that refuses for ever is an outage of its own: once the world has healed, breakers and limiters must let
// payments through again.

import type { Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds, isAsk, toldBy } from './verdicts.ts';
import { viewOf } from './view-of.ts';

/** L4 guards-recover: breaker and limiter admit again after healing. */
export const guardsRecover: Checker = {
  id: 'L4',
  name: 'guards-recover',
  statement:
    'After healing, breakers and limiters let payments through: a new one is taken, and none is refused.',
  evidence: ['answers'],
  assumes: [],
  hint:
    'A guard is stuck: look for a probe whose place is never given back, a reset that every refusal pushes on, and ' +
    'waiters that nobody wakes.',
  check,
};

function check(history: History): Verdict {
  let judged = 0;
  for (const { requests } of viewOf(history).intents) {
    for (const request of requests) {
      const fresh = isFresh(request);
      if (!fresh && !isAsk(request)) continue;
      const told = toldBy(request);
      const refused =
        told?.kind === 'rejected' && (told.code === 'circuit_open' || told.code === 'rate_limited');
      if (fresh || refused) judged += 1;
      if (fresh ? told?.kind === 'ok' : !refused) continue;
      const what = fresh ? 'made a new payment' : 'asked for its payment';
      const answer =
        told === undefined
          ? 'got no answer'
          : `was told ${told.kind}${told.kind === 'ok' ? '' : ` (${told.code})`}`;
      return breaks(
        `${request.actor} ${what} on ${request.process} after everything had healed and ${answer}`,
        [request],
      );
    }
  }
  return holds(judged);
}

/** Whether a request is one of the new payments that are made where guards had refused or seen a failure. */
function isFresh({ actor }: Crossing): boolean {
  return actor.startsWith('fresh:');
}
