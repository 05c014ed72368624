// How a shrinking pass talks with its driver: it offers a simpler case and hears whether that one still breaks.

import type { Case } from '../cases/case.ts';
import type { History } from '../history/history.ts';

/**
 * One way of making a case simpler. It yields candidates; each answer says whether the candidate was kept, in which
 * case the pass goes on from it. Candidates that are no simpler, not valid, or were tried before are answered
 * false without being run, so a pass may offer freely. `history` is that of the case from which the pass sets out.
 */
export type Pass = (from: Case, history: History) => Generator<Case, void, boolean>;

/**
 * Drops as many of `count(current)` numbered things as possible: all, then halves, then ever smaller chunks from the
 * end (Zeller's delta debugging, without its complements, which single deletions at the end make up for).
 */
export function* dropChunks(
  from: Case,
  count: (current: Case) => number,
  without: (current: Case, dropped: (index: number) => boolean) => Case,
): Generator<Case, Case, boolean> {
  let current = from;
  let size = count(current);
  while (size >= 1) {
    let end = count(current);
    while (end > 0) {
      const start = Math.max(0, end - size);
      const last = end;
      const candidate = without(current, (index) => index >= start && index < last);
      if (yield candidate) current = candidate;
      end = start;
    }
    size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return current;
}
