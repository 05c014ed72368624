// L2. A record in flight means that somebody is at work on it. When all work is over, none may be left.

import type { History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds, isAsk, untraced } from './verdicts.ts';
import { recordAfter } from './view.ts';
import { viewOf } from './view-of.ts';

/** L2 no-orphans: no record is left IN_FLIGHT once the world has healed and been swept. */
export const noOrphans: Checker = {
  id: 'L2',
  name: 'no-orphans',
  statement: 'After healing and two sweeps, no record is left in flight.',
  evidence: ['trace'],
  assumes: [],
  hint:
    'Somebody claimed the record and left it: look for a path from the claim to the answer without a final write, a ' +
    'release or a suspension.',
  check,
};

function check(history: History): Verdict {
  const { terms } = history;
  const lost = untraced(terms);
  if (lost !== undefined) return lost;
  const { slots, settledAt } = viewOf(history);
  if (settledAt === undefined) return holds(0);
  // A target that sweeps must not need the clients to ask again.
  const until = terms.recovers ? firstAsk(history) : Number.POSITIVE_INFINITY;
  let judged = 0;
  for (const { key, operations } of slots) {
    for (let i = operations.length - 1; i >= 0; i -= 1) {
      const operation = operations[i];
      const record = operation === undefined ? undefined : recordAfter(operation);
      if (operation === undefined || record === undefined) continue;
      if ((operation.applied?.order ?? 0) > until) continue;
      judged += 1;
      if (record.state !== 'IN_FLIGHT') break;
      return breaks(
        `the record ${key} is still in flight after everything had settled; ${operation.actor} was the last to ` +
          `touch it (${operation.site})`,
        [operation],
      );
    }
  }
  return holds(judged);
}

/** Where in the order the clients begin to ask once more. */
function firstAsk({ crossings }: History): number {
  return crossings.find(isAsk)?.called.order ?? Number.POSITIVE_INFINITY;
}
