// L2. A record in flight means that somebody is at work on it. When all work is over, none may be left.

import type { History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds, untraced } from './verdicts.ts';
import { recordAfter } from './view.ts';
import { viewOf } from './view-of.ts';

/** L2 no-orphans: no record is left IN_FLIGHT when the world has settled. */
export const noOrphans: Checker = {
  id: 'L2',
  name: 'no-orphans',
  statement: 'When the world has settled, no record is left in flight.',
  evidence: ['trace'],
  assumes: [],
  hint:
    'Somebody claimed the record and left it: look for a path from the claim to the answer without a final write, a ' +
    'release or a suspension.',
  check,
};

function check(history: History): Verdict {
  const lost = untraced(history.terms);
  if (lost !== undefined) return lost;
  const { slots, settledAt } = viewOf(history);
  if (settledAt === undefined) return holds(0);
  let judged = 0;
  for (const { key, operations } of slots) {
    for (let i = operations.length - 1; i >= 0; i -= 1) {
      const operation = operations[i];
      const record = operation === undefined ? undefined : recordAfter(operation);
      if (operation === undefined || record === undefined) continue;
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
