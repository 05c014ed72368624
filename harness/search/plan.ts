// Which case comes at which index. Everything but the target's own boundaries is a function of the seed and the
// index, so that shards, workers and repeats agree without talking to each other.

import { type CaseOptions, caseAt, focusAt } from '../cases/arbitraries.ts';
import type { Case } from '../cases/case.ts';
import { sharesOfAll } from '../checkers/focus.ts';
import type { RunResult } from '../run.ts';
import { systematicCases } from './systematic.ts';

/** How a case was found. */
export type Strategy = 'no-fault' | 'one-fault' | 'two-faults' | 'three-faults' | 'random';

/** One case of a campaign. */
export interface Planned {
  readonly case: Case;
  readonly strategy: Strategy;
}

/** What a plan depends on. */
export interface PlanOptions extends CaseOptions {
  readonly seed: number;
  readonly strategy: 'mixed' | 'random';
  /** Cases of the whole campaign; undefined when only time bounds it. */
  readonly runs?: number | undefined;
  /** Discovers which boundaries a small case crosses. */
  readonly run: (subject: Case) => Promise<RunResult>;
}

/** The cases of a campaign in the order of their indices. */
export interface Plan {
  /** The case at `index`; each index asked for must be higher than the one before. What lies between costs little. */
  at(index: number): Promise<Planned>;
}

/** When only time bounds a campaign, so many systematic cases may come before the first random one. */
const mostFirst = 2_500;

/** Of a bounded campaign, the part that systematic cases may take before the first random one. */
const firstShare = 0.25;

/** After the first part every so many-th case is the next systematic one. */
const systematicEvery = 4;

/**
 * The plan of a campaign. Cases of orders are drawn, every one; of single charges `mixed` begins with one fault at every
 * boundary, as far as a quarter of the runs allows, and goes on at random with the rest of the systematic cases strewn in;
 * `random` draws every case. What a case of the suite `all` is about is drawn by its index, whatever the strategy.
 */
export function planOf(options: PlanOptions): Plan {
  const { seed, strategy, runs, run, suite = 'charge' } = options;
  // The systematic search knows single charges only.
  const share = suite === 'all' ? sharesOfAll.charge / 100 : suite === 'charge' ? 1 : 0;
  const systematic =
    strategy === 'mixed' && share > 0
      ? systematicCases(run, { ...options, suite: 'charge', seed })
      : undefined;
  const first = runs === undefined ? mostFirst : Math.floor(runs * share * firstShare);
  // The options are given on as one object, because what is drawn from them is remembered by it.
  const random = (index: number): Planned => ({ case: caseAt(seed, index, options), strategy: 'random' });
  let next = 0;
  /** Cases of single charges until now. */
  let charges = 0;
  let exhausted = systematic === undefined;
  // The first part ends with the first pair: until then single faults are the better use of a run.
  let opening = !exhausted;

  /** The systematic case of the next index, or undefined when its case is a random one. */
  const advance = async (): Promise<Planned | undefined> => {
    const index = next;
    next += 1;
    if (exhausted || systematic === undefined) return undefined;
    if (focusAt(seed, index, suite) !== 'charge') return undefined;
    const place = charges;
    charges += 1;
    if (place >= first) opening = false;
    if (!opening && place % systematicEvery !== 0) return undefined;
    const { value } = await systematic.next();
    if (value === undefined) {
      exhausted = true;
      return undefined;
    }
    if (value.strategy === 'two-faults') opening = false;
    return value;
  };

  return {
    async at(index) {
      if (index < next) throw new RangeError(`the plan is past case ${index}; it goes forwards only`);
      // Only the systematic search has to be followed; a random case is drawn by its index alone.
      while (next < index && !exhausted) await advance();
      next = index;
      return (await advance()) ?? random(index);
    },
  };
}
