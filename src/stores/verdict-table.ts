// The sequential meaning of a log of verdicts: what each operation does when it is alone.

import type { FraudVerdict, VerdictLog } from '../fraud/verdict-log.ts';
import { endings } from './endings.ts';

/** The same operations, synchronously. */
export type VerdictTable = {
  readonly [Name in keyof VerdictLog]: (
    ...args: Parameters<VerdictLog[Name]>
  ) => Awaited<ReturnType<VerdictLog[Name]>>;
};

interface Attempt {
  readonly verdicts: readonly FraudVerdict[];
  readonly standing: FraudVerdict | null;
  /** Evaluations that rely on the standing verdict. */
  readonly relying: readonly string[];
  readonly withdrawn: readonly string[];
}

const nothing: Attempt = { verdicts: [], standing: null, relying: [], withdrawn: [] };

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function verdictTable(nowMs: () => number): VerdictTable {
  const attempts = new Map<string, Attempt>();
  const spokenOf = endings(nowMs);
  return {
    keep(verdict) {
      const after = kept(attempts.get(verdict.attemptId) ?? nothing, verdict);
      attempts.set(verdict.attemptId, after);
      spokenOf.mark(verdict.attemptId);
      return after.standing;
    },
    withdraw({ attemptId, evaluationId }) {
      const { relying, withdrawn, ...before } = attempts.get(attemptId) ?? nothing;
      const left = relying.filter((id) => id !== evaluationId);
      attempts.set(attemptId, {
        ...before,
        standing: left.length === 0 ? null : before.standing,
        relying: left,
        withdrawn: withWord(withdrawn, evaluationId),
      });
      spokenOf.mark(attemptId);
    },
    read(attemptId) {
      const { standing, verdicts } = attempts.get(attemptId) ?? nothing;
      return { standing, verdicts };
    },
    prune(request) {
      const taken = spokenOf.take(request);
      for (const attemptId of taken) attempts.delete(attemptId);
      return taken.length;
    },
  };
}

function kept(before: Attempt, verdict: FraudVerdict): Attempt {
  const { evaluationId } = verdict;
  const isKnown = before.verdicts.some((known) => known.evaluationId === evaluationId);
  const after = isKnown ? before : { ...before, verdicts: [...before.verdicts, verdict] };
  if (verdict.undecided || before.withdrawn.includes(evaluationId)) return after;
  return {
    ...after,
    standing: before.standing ?? verdict,
    relying: withWord(before.relying, evaluationId),
  };
}

function withWord(words: readonly string[], word: string): readonly string[] {
  return words.includes(word) ? words : [...words, word];
}
