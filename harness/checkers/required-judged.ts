// How often each invariant must have been judged before "held" means anything. A generator that stops reaching
// something keeps every run green; these numbers are what notices.

import type { InvariantId } from './checker.ts';
import { type Declared, declaresAll } from './declared.ts';

/** What decides how much can be judged. */
export interface Judgeable {
  /** Cases that were run. */
  readonly runs: number;
  /** In how many of them the invariant was not promised. */
  readonly notPromised: number;
  /** Default: a target that declares everything. */
  readonly target?: Declared;
}

/**
 * Judged things in a thousand cases: about a quarter of the least that campaigns of 500 to 20 000 cases came to, mixed
 * and random, on any gateway and in either tier. They differ by less than a factor of two; a quarter leaves room for
 * chance in a small campaign and none for a generator that has gone blind. What is about orders has yet to be measured: for
 * it the number only says that it must be met.
 */
const perThousand: Readonly<Record<InvariantId, number>> = {
  S1: 400,
  S2: 1_000,
  S3: 2,
  S4: 1_200,
  S5: 500,
  S6: 1_300,
  S7: 1_700,
  S8: 400,
  S9: 2,
  S10: 2,
  S11: 2,
  S12: 2,
  S13: 1_100,
  S14: 500,
  S15: 35,
  S16: 24,
  S17: 500,
  S18: 400,
  S19: 900,
  S20: 1_500,
  S21: 2,
  S22: 2,
  S23: 2,
  S24: 2,
  W1: 2,
  W2: 2,
  W3: 2,
  W4: 2,
  L1: 380,
  L2: 330,
  L3: 2,
  L4: 85,
  L5: 2,
};

const ofOrders = ({ orders }: Declared): boolean => orders;

/** Invariants about something that a target need not have. */
const about: Readonly<Partial<Record<InvariantId, (target: Declared) => boolean>>> = {
  S3: ofOrders,
  S9: ofOrders,
  S10: ofOrders,
  S11: ofOrders,
  S12: ofOrders,
  S14: ({ retries }) => retries,
  S15: ({ limiter }) => limiter,
  S16: ({ breaker }) => breaker,
  S20: ({ audits }) => audits,
  S22: ofOrders,
  L3: ofOrders,
  S21: ofOrders,
  S23: ofOrders,
  S24: ofOrders,
  W1: ofOrders,
  W2: ofOrders,
  W3: ofOrders,
  W4: ofOrders,
  L4: ({ breaker, limiter }) => breaker || limiter,
  L5: ofOrders,
};

/**
 * How often `id` must have been judged in a campaign; 0 when it is about something that the target does not declare. At
 * least once otherwise, also where no case promised it: what was never judged has not held.
 */
export function requiredJudged(
  id: InvariantId,
  { runs, notPromised, target = declaresAll }: Judgeable,
): number {
  if (about[id]?.(target) === false) return 0;
  return Math.max(1, Math.floor(((runs - notPromised) * perThousand[id]) / 1_000));
}
