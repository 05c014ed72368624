// Which case comes at which index. Everything but the target's own boundaries is a function of the seed and the
// index, so that shards, workers and repeats agree without talking to each other.

import { type CaseOptions, caseAt, focusAt } from '../cases/arbitraries.ts';
import type { Case } from '../cases/case.ts';
import { type Focus, sharesOfAll } from '../checkers/focus.ts';
import type { RunResult } from '../run.ts';
import { systematicCases } from './systematic.ts';
import { systematicOrders } from './systematic-orders.ts';

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

/** When only time bounds a campaign, so many systematic cases of charges may come before the first random one. */
const mostFirst = 2_500;

/** Of a bounded campaign, the part that systematic cases may take before the first random one. */
const firstShare = 0.25;

/** After the first part every so many-th case is the next systematic one. */
const systematicEvery = 4;

/**
 * Of orders every second case is systematic until each kind of fault has struck about once: that finds what random cases take
 * hundreds for. From then on they are random, which was measured to find more.
 */
const orders = { first: 128, every: 2 } as const;

/**
 * The plan of a campaign. `mixed` begins with one fault at every boundary of a few small cases, as far as a quarter of the
 * runs allows, and goes on at random with the rest of the systematic cases strewn in; with orders they are strewn in from the
 * beginning. `random` draws every case. What a case of the suite `all` is about is drawn by its index, whatever the strategy.
 */
export function planOf(options: PlanOptions): Plan {
  const { seed, strategy, suite = 'charge' } = options;
  const lanes = strategy === 'mixed' ? lanesOf(options) : {};
  // The options are given on as one object, because what is drawn from them is remembered by it.
  const random = (index: number): Planned => ({ case: caseAt(seed, index, options), strategy: 'random' });
  let next = 0;

  /** The systematic case of the next index, or undefined when its case is a random one. */
  const advance = async (): Promise<Planned | undefined> => {
    const index = next;
    next += 1;
    if (!goesOn()) return undefined;
    const lane = focusAt(seed, index, suite) === 'charge' ? lanes.charges : lanes.orders;
    return lane?.advance();
  };
  const goesOn = (): boolean => lanes.charges?.goesOn() === true || lanes.orders?.goesOn() === true;

  return {
    async at(index) {
      if (index < next) throw new RangeError(`the plan is past case ${index}; it goes forwards only`);
      // Only the systematic search has to be followed; a random case is drawn by its index alone.
      while (next < index && goesOn()) await advance();
      next = index;
      return (await advance()) ?? random(index);
    },
  };
}

/** The systematic cases among the cases of one sort, be it of charges or of orders. */
interface Lane {
  /** The case in the next place among those of its sort, or undefined when that is a random one. */
  advance(): Promise<Planned | undefined>;
  goesOn(): boolean;
}

function lanesOf(options: PlanOptions): { readonly charges?: Lane; readonly orders?: Lane } {
  const { seed, runs, run, suite = 'charge' } = options;
  const share = suite === 'all' ? sharesOfAll.charge / 100 : 1;
  const first = runs === undefined ? mostFirst : Math.floor(runs * share * firstShare);
  const ofCharges = (): Lane =>
    laneOf(systematicCases(run, { ...options, suite: 'charge', seed }), openingOf(first));
  const ofOrders = (focus: Exclude<Focus, 'charge'>): Lane =>
    laneOf(systematicOrders(run, { ...options, suite: focus, focus, seed }), {
      takes: (place) => place % orders.every === 0,
      ends: (place) => place >= orders.first,
    });
  if (suite === 'charge') return { charges: ofCharges() };
  // The broad mix has the bases of all that is about orders.
  if (suite === 'all') return { charges: ofCharges(), orders: ofOrders('checkout') };
  return { orders: ofOrders(suite) };
}

interface Pace {
  /** Whether the case in this place among those of its sort is a systematic one. */
  takes(place: number): boolean;
  /** Whether no case from this place on is a systematic one. */
  ends?(place: number): boolean;
  /** Hears of every systematic case. */
  heard?(strategy: Strategy): void;
}

/** The first part ends with the first pair: until then single faults are the better use of a run. */
function openingOf(first: number): Pace {
  let opening = true;
  return {
    takes(place) {
      if (place >= first) opening = false;
      return opening || place % systematicEvery === 0;
    },
    heard(strategy) {
      if (strategy === 'two-faults') opening = false;
    },
  };
}

function laneOf(source: AsyncGenerator<Planned, void, void>, pace: Pace): Lane {
  let place = 0;
  let exhausted = false;
  return {
    goesOn: () => !exhausted,
    async advance() {
      const here = place;
      place += 1;
      exhausted ||= pace.ends?.(here) === true;
      if (exhausted || !pace.takes(here)) return undefined;
      const { value } = await source.next();
      if (value === undefined) exhausted = true;
      else pace.heard?.(value.strategy);
      return value ?? undefined;
    },
  };
}
