// The broken invariants of a campaign: the first case of each is shrunk, all others are only counted.

import type { Case } from '../cases/case.ts';
import { type CaseSize, measureCase } from '../cases/measure.ts';
import type { InvariantId } from '../checkers/checker.ts';
import type { RunResult } from '../run.ts';
import type { Planned, Strategy } from './plan.ts';
import { type Shrunk, shrinkCase } from './shrink.ts';

/** One broken invariant. */
export interface Violation extends CaseSize {
  readonly invariant: InvariantId;
  /** The checker's own words about the case below. */
  readonly because: string;
  /** The simplest case that was found, and what came of it. */
  readonly case: Case;
  readonly result: RunResult;
  /** The case as it was found. */
  readonly foundCase: Case;
  readonly before: CaseSize;
  readonly foundBy: Strategy;
  /** Index of the case that broke it first. */
  readonly index: number;
  /** Cases run until then, this one included. */
  readonly runsToFailure: number;
  /** Cases in which it broke. */
  readonly timesBroken: number;
  /** Wall-clock milliseconds spent on shrinking; 0 when it was not shrunk. */
  readonly shrinkMs: number;
  /** Candidates that shrinking ran. */
  readonly shrinkExecutions: number;
  /** False when shrinking was switched off, interrupted, or ran out of its budget. */
  readonly shrunkToEnd: boolean;
}

/** A case that was run, about to be looked at for broken invariants. */
export interface Entry {
  readonly index: number;
  /** Cases run so far, this one included. */
  readonly runs: number;
  readonly planned: Planned;
  readonly result: RunResult;
}

/** The book of one campaign. */
export interface ViolationBook {
  /** Enters what the case broke for the first time. */
  enter(entry: Entry): Promise<void>;
  violations(): readonly Violation[];
}

/** What the book needs. */
export interface BookOptions {
  readonly run: (subject: Case) => Promise<RunResult>;
  readonly shrink: boolean;
  readonly shrinkBudget?: number | undefined;
  readonly stopSignal?: AbortSignal | undefined;
  readonly now: () => number;
  readonly observe: (
    event:
      | {
          readonly kind: 'broken';
          readonly invariant: InvariantId;
          readonly index: number;
          readonly case: Case;
        }
      | { readonly kind: 'shrunk'; readonly violation: Violation },
  ) => void;
  /** Hears of candidates on which the harness or the target failed. */
  readonly onError: (index: number, subject: Case, cause: unknown) => void;
}

/** An empty book. */
export function violationBook(options: BookOptions): ViolationBook {
  const { run, shrink, shrinkBudget, stopSignal, now, observe, onError } = options;
  const violations: Violation[] = [];
  const known = new Set<InvariantId>();

  const shrunkFrom = async (invariant: InvariantId, { planned, result }: Entry): Promise<Shrunk> => {
    if (!shrink) return { case: planned.case, result, executions: 0, finished: false, errors: [] };
    const budget = shrinkBudget === undefined ? {} : { budget: shrinkBudget };
    return await shrinkCase(planned.case, { invariant, found: result, run, stopSignal, ...budget });
  };

  return {
    violations: () => violations,
    async enter(entry) {
      const { index, runs, planned, result } = entry;
      for (const invariant of result.broken) {
        if (known.has(invariant)) continue;
        known.add(invariant);
        observe({ kind: 'broken', invariant, index, case: planned.case });
        const startedMs = now();
        const end = await shrunkFrom(invariant, entry);
        for (const { case: subject, error } of end.errors) onError(index, subject, error);
        const violation: Violation = {
          ...measureCase(end.case),
          invariant,
          because: becauseOf(invariant, end.result),
          case: end.case,
          result: end.result,
          foundCase: planned.case,
          before: measureCase(planned.case),
          foundBy: planned.strategy,
          index,
          runsToFailure: runs,
          timesBroken: 1,
          shrinkMs: shrink ? now() - startedMs : 0,
          shrinkExecutions: end.executions,
          shrunkToEnd: end.finished,
        };
        violations.push(violation);
        observe({ kind: 'shrunk', violation });
      }
    },
  };
}

function becauseOf(invariant: InvariantId, { verdicts }: RunResult): string {
  const verdict = verdicts.find(({ id }) => id === invariant)?.verdict;
  return verdict?.verdict === 'breaks' ? verdict.because : '';
}
