// For tests of shrinking: breaks a rule in many ways and collects what shrinking leaves of them.

import { type CaseOptions, caseAt } from '../cases/arbitraries.ts';
import type { Case } from '../cases/case.ts';
import { checkCase } from '../cases/codec.ts';
import { shrinkCase } from './shrink.ts';
import { madeUpResult } from './testing.ts';

/** Whether a case breaks the made-up invariant. */
export type Rule = (subject: Case) => boolean;

/** What was left of many cases. */
export interface Minima {
  /** Every different end, less the members that all cases share. */
  readonly left: readonly unknown[];
  /** How many cases were shrunk. */
  readonly shrunk: number;
  /** Executions of the dearest one. */
  readonly mostExecutions: number;
}

/** The simplest charge: what shrinking makes of a step of which nothing matters, less its id and time. */
export const plainCharge = {
  do: 'charge',
  key: 'k1',
  amountMinor: 100,
  currency: 'USD',
  process: 0,
} as const;

/** What test cases are drawn by. */
export const drawing = { target: 'reference', profile: 'stripe', dedup: 'every-answer' } as const;

/** {@link Shrinking} of cases of single charges. */
export const minima: Shrinking = minimaOf(drawing);

/**
 * Shrinks every case that breaks `rule` among `tries` random ones, each first changed by `plant`. Throws when the
 * end does not break the rule, when the search did not come to an end, or when a candidate is not a case.
 */
export type Shrinking = (
  rule: Rule,
  tries: number,
  plant?: (subject: Case, index: number) => void,
) => Promise<Minima>;

/** Shrinks cases that are drawn by `options`. */
export function minimaOf(options: CaseOptions): Shrinking {
  return async (rule, tries, plant = () => {}) => {
    const left = new Set<string>();
    let shrunk = 0;
    let mostExecutions = 0;
    const run = async (candidate: Case) =>
      madeUpResult(checkCase(candidate), { broken: rule(candidate) ? ['S1'] : ['S6'] });
    for (let index = 0; index < tries; index++) {
      const subject = caseAt(5, index, options);
      plant(subject, index);
      if (!rule(subject)) continue;
      shrunk += 1;
      const end = await shrinkCase(subject, { invariant: 'S1', found: await run(subject), run });
      if (end.errors.length > 0) throw end.errors[0]?.error;
      if (!end.finished || !rule(end.case))
        throw new Error(`not shrunk to an end: ${JSON.stringify(subject)}`);
      mostExecutions = Math.max(mostExecutions, end.executions);
      const { paystorm: _version, target: _target, profile: _profile, ...rest } = end.case;
      left.add(JSON.stringify(rest));
    }
    return { left: [...left].map((text): unknown => JSON.parse(text)), shrunk, mostExecutions };
  };
}
