// Runs that are decided by a rule on the case, for tests of the search: no world, so every minimum is known.

import type { Case } from '../cases/case.ts';
import type { InvariantId, Verdict } from '../checkers/checker.ts';
import { digest } from '../history/digest.ts';
import type { Crossing, History } from '../history/history.ts';
import { usualTerms } from '../history/testing.ts';
import type { RunResult } from '../run.ts';

/** What a made-up run reports beyond what it broke. */
export interface MadeUp {
  readonly broken?: readonly InvariantId[];
  readonly notPromised?: readonly InvariantId[];
  readonly marks?: readonly string[];
  readonly crossings?: readonly Crossing[];
  /** Changes the history's digest without changing the case. */
  readonly salt?: number;
}

/** A result for `subject` with the digest of the case itself. */
export function madeUpResult(subject: Case, madeUp: MadeUp = {}): RunResult {
  const { broken = [], notPromised = [], marks = [], crossings = [], salt = 0 } = madeUp;
  const sum = digest();
  sum.value(subject);
  sum.word(salt);
  const verdictOf = (id: InvariantId): Verdict => {
    if (broken.includes(id)) return { verdict: 'breaks', because: 'the rule says so', crossings: [] };
    if (notPromised.includes(id)) return { verdict: 'not-promised', why: 'the rule says so' };
    return { verdict: 'holds', judged: 1 };
  };
  const ids: readonly InvariantId[] = ['S1', 'S6', 'L1'];
  return {
    history: historyOf(subject, { crossings, digest: sum.hex() }),
    verdicts: ids.map((id) => ({ id, verdict: verdictOf(id) })),
    broken,
    marks,
  };
}

function historyOf(subject: Case, madeUp: Pick<History, 'crossings' | 'digest'>): History {
  return {
    ...madeUp,
    terms: { ...usualTerms, target: subject.target, profile: subject.profile, consistentAfterMs: 0 },
    incidents: [{ kind: 'healed', at: { atMs: 1_000_000, order: 1_000_000 } }],
    books: { charges: [] },
    passages: [],
    logs: [],
    deadlocked: [],
    events: 10,
  };
}
