// How often each invariant must have been judged before "held" means anything. A generator that stops reaching
// something keeps every run green; these numbers are what notices.

import type { InvariantId } from './checker.ts';
import { type Declared, declaresAll } from './declared.ts';
import { type Focus, focuses, type Suite, sharesOfAll } from './focus.ts';

/** What decides how much can be judged. */
export interface Judgeable {
  /** Default: charges. */
  readonly suite?: Suite;
  /** Cases that were run. */
  readonly runs: number;
  /** In how many of them the invariant was not promised. */
  readonly notPromised: number;
  /** Default: a target that declares everything. */
  readonly target?: Declared;
}

/**
 * Judged things in a thousand cases of single charges: about a quarter of the least that campaigns of 500 to 20 000 cases
 * came to, mixed and random, on any gateway and in either tier. They differ by less than a factor of two; a quarter leaves
 * room for chance in a small campaign and none for a generator that has gone blind.
 */
const ofThousandCharges: Readonly<Record<InvariantId, number>> = {
  S1: 400,
  S2: 1_000,
  S3: 0,
  S4: 1_200,
  S5: 500,
  S6: 1_300,
  S7: 1_700,
  S8: 400,
  S9: 0,
  S10: 0,
  S11: 0,
  S12: 0,
  S13: 1_100,
  S14: 500,
  S15: 35,
  S16: 24,
  S17: 500,
  S18: 400,
  S19: 900,
  S20: 1_500,
  S21: 0,
  S22: 0,
  S23: 0,
  S24: 0,
  W1: 0,
  W2: 0,
  W3: 0,
  W4: 0,
  L1: 380,
  L2: 330,
  L3: 0,
  L4: 85,
  L5: 0,
};

/**
 * The same for cases of orders, of campaigns of 700 cases on every gateway; but of S7 and S20 three quarters of campaigns of 200
 * cases, here and in the parts. Every order is asked for once more in the end, so half of what S7 judges is there however blind
 * the generator is: where no client retries, clicks twice or asks again, 883 in a thousand of `saga` are left, and 1 250 of
 * `webhooks`.
 */
const ofThousandOrders: Readonly<Record<InvariantId, number>> = {
  S1: 367,
  S2: 2_600,
  S3: 480,
  S4: 2_600,
  S5: 670,
  S6: 25,
  S7: 1_500,
  S8: 25,
  S9: 160,
  S10: 1_340,
  S11: 110,
  S12: 110,
  S13: 960,
  S14: 370,
  S15: 35,
  S16: 7,
  S17: 900,
  S18: 330,
  S19: 730,
  S20: 5_800,
  S21: 15_000,
  S22: 890,
  S23: 1_200,
  S24: 345,
  W1: 530,
  W2: 940,
  W3: 2,
  W4: 510,
  L1: 500,
  L2: 850,
  L3: 385,
  L4: 25,
  L5: 1_460,
};

/** The same for cases of orders that are about one thing: of what it is about, in 150 cases on two gateways. */
const ofThousand: Readonly<Record<Focus, Readonly<Partial<Record<InvariantId, number>>>>> = {
  charge: ofThousandCharges,
  checkout: ofThousandOrders,
  saga: {
    S1: 280,
    S2: 1_300,
    S7: 1_000,
    S9: 220,
    S10: 1_000,
    S11: 120,
    S12: 120,
    S13: 750,
    S20: 3_400,
    L1: 310,
    L2: 540,
    L3: 310,
  },
  webhooks: { S1: 310, S7: 1_380, S20: 3_900, W1: 380, W2: 770, W3: 25, W4: 350 },
  refunds: { S1: 320, S2: 2_700, S3: 580, S7: 1_900, S20: 7_000, W1: 650, W4: 400, L1: 830 },
  reconciliation: { S1: 320, S7: 1_400, S20: 4_150, S23: 1_350, W2: 780, L5: 1_150 },
  redaction: { S1: 320, S7: 1_400, S13: 780, S20: 4_200, S21: 34_000, S22: 700 },
  fraud: { S1: 220, S7: 800, S11: 210, S13: 600, S18: 110, S20: 3_200, S22: 440, S24: 220 },
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
  { suite = 'charge', runs, notPromised, target = declaresAll }: Judgeable,
): number {
  if (about[id]?.(target) === false) return 0;
  const perThousand = suite === 'all' ? ofThousandOfAll(id) : (ofThousand[suite][id] ?? 0);
  if (perThousand === 0) return 0;
  return Math.max(1, Math.floor(((runs - notPromised) * perThousand) / 1_000));
}

/** Of each part as much as its share. */
function ofThousandOfAll(id: InvariantId): number {
  let sum = 0;
  for (const focus of focuses) sum += ((ofThousand[focus][id] ?? 0) * sharesOfAll[focus]) / 100;
  return sum;
}
