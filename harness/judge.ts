// Judging a history: every checker, and the marks that it reached.

import { checkers } from './checkers/catalogue.ts';
import type { InvariantId, Verdict } from './checkers/checker.ts';
import { marksOf } from './checkers/marks.ts';
import type { History } from './history/history.ts';

/** What the checkers say of one history. */
export interface Judgement {
  /** In the catalogue's order. */
  readonly verdicts: readonly { readonly id: InvariantId; readonly verdict: Verdict }[];
  /** Ids of the broken invariants, in the catalogue's order. */
  readonly broken: readonly InvariantId[];
  /** Interesting states that were reached, each at most once, sorted. */
  readonly marks: readonly string[];
}

/** Judges a history by every invariant of the catalogue. */
export function judge(history: History): Judgement {
  const verdicts = checkers.map((checker) => ({ id: checker.id, verdict: checker.check(history) }));
  const broken = verdicts.filter(({ verdict }) => verdict.verdict === 'breaks').map(({ id }) => id);
  return { verdicts, broken, marks: marksOf(history) };
}
