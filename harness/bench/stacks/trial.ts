// All orders of the layers on trial. Whether an order is safe is decided by the storm alone: nothing here knows which
// pairs of layers are said to be unsafe.
//
// First every pair is turned round in the recommended order, and each order made so is hunted: by ordinary campaigns and
// by the probes. What breaks is shrunk and becomes a witness. Then all orders are confronted with all witnesses and
// probes; those that survive are stormed by campaigns of their own, each from a seed of its own, and what breaks one of
// them is tried on the others. A pair is unsafe when no order that has it survived.

import type { Case, ProfileName } from '../../cases/case.ts';
import type { InvariantId } from '../../checkers/checker.ts';
import {
  allOrders,
  type LayerPair,
  movedOutside,
  type Order,
  orderName,
  recommendedOrder,
} from '../../targets/orders.ts';
import type { Outcome, Witness } from './campaigns.ts';
import type { ErrandKind, Errands } from './errands.ts';
import { inCatalogueOrder, type TriedOrder, unsafePairsIn } from './inference.ts';
import { reversalsOf } from './moves.ts';
import type { Pool } from './pool.ts';
import { probesOn } from './probes.ts';

/** How hard the orders are tried. */
export interface TrialOptions {
  /** Gateways that campaigns are run on. */
  readonly gateways: readonly ProfileName[];
  readonly seed: number;
  /** Cases of the campaigns that hunt each pair: on each gateway in turn, until something breaks. */
  readonly huntRuns: number;
  /** Cases of the campaign that an order must survive, on each gateway. */
  readonly stormRuns: number;
  /** Orders of which everything that they break is wanted; of the others, only whether they break. */
  readonly inFull: readonly Order[];
}

/** A pair that no order survived with. */
export interface UnsafePair extends LayerPair {
  /**
   * The shortest story of what it does; undefined when the recommended order with this pair turned round broke only in
   * company of other pairs.
   */
  readonly witness: Witness | undefined;
  /** Cases that ordinary campaigns took to find it; undefined when they did not. */
  readonly huntedFor: number | undefined;
}

/** What the trial came to. */
export interface Trial {
  /** All orders, the recommended one first. */
  readonly orders: readonly TriedOrder[];
  readonly unsafePairs: readonly UnsafePair[];
  /** Cases that were run, those of shrinking not counted. */
  readonly cases: number;
  /** Cases that could not be judged, and what the first of them said. */
  readonly errorCount: number;
  readonly firstError: string | undefined;
}

/** How far the trial has come. */
export interface TrialProgress {
  readonly phase: 'hunting pairs' | 'probing pairs' | 'confronting orders' | 'storming survivors';
  readonly done: number;
  readonly of: number;
}

/** Tries all orders. Undefined when the pool was stopped before it was over. */
export async function tryOrders(
  pool: Pool,
  options: TrialOptions,
  observe: (progress: TrialProgress) => void = () => {},
): Promise<Trial | undefined> {
  const court = courtOf(pool, observe);
  try {
    const probes = probesOn(options.gateways, options.seed);
    const hunted = await huntPairs(court, options, probes);
    const stories = hunted.flatMap(({ witnesses }) => witnesses.map((witness) => witness.case));
    const { inFull } = options;
    const confronted = await confrontAll(court, allOrders, {
      cases: [...distinct(stories), ...probes],
      inFull,
    });
    const survivors = allOrders.filter((order) => confronted.get(order)?.length === 0);
    const stormed = await stormAll(court, options, survivors);
    const orders = allOrders.map((order): TriedOrder => {
      const broken = [...(confronted.get(order) ?? []), ...(stormed.get(order) ?? [])];
      return { order, broken: inCatalogueOrder(broken) };
    });
    const unsafePairs = unsafePairsIn(orders).map((pair): UnsafePair => {
      const found = hunted.find((one) => one.pair.outer === pair.outer && one.pair.inner === pair.inner);
      return { ...pair, witness: shortest(found?.witnesses ?? []), huntedFor: found?.huntedFor };
    });
    return { orders, unsafePairs, ...court.totals() };
  } catch (cause) {
    if (cause === stopped) return undefined;
    throw cause;
  }
}

/** Thrown within a trial when the pool was stopped. */
const stopped = Symbol('stopped');

interface Court {
  /** All answers; throws {@link stopped} when one is missing. */
  ask<Kind extends ErrandKind>(
    phase: TrialProgress['phase'],
    kind: Kind,
    questions: readonly Errands[Kind]['asked'][],
  ): Promise<readonly Errands[Kind]['answer'][]>;
  note(outcome: Pick<Outcome, 'runs' | 'errorCount' | 'firstError'>): void;
  totals(): Pick<Trial, 'cases' | 'errorCount' | 'firstError'>;
}

function courtOf(pool: Pool, observe: (progress: TrialProgress) => void): Court {
  let totals: ReturnType<Court['totals']> = { cases: 0, errorCount: 0, firstError: undefined };
  return {
    async ask(phase, kind, questions) {
      const of = questions.length;
      const answers = await pool.run(kind, questions, (done) => observe({ phase, done, of }));
      const present = answers.filter((answer) => answer !== undefined);
      if (present.length < of) throw stopped;
      return present;
    },
    note({ runs, errorCount, firstError }) {
      totals = {
        cases: totals.cases + runs,
        errorCount: totals.errorCount + errorCount,
        firstError: totals.firstError ?? firstError,
      };
    },
    totals: () => totals,
  };
}

interface HuntedPair {
  readonly pair: LayerPair;
  /** Of everything that broke. */
  readonly witnesses: readonly Witness[];
  readonly huntedFor: number | undefined;
}

async function huntPairs(
  { ask, note }: Court,
  { gateways, seed, huntRuns }: TrialOptions,
  probes: readonly Case[],
): Promise<readonly HuntedPair[]> {
  const pairs = reversalsOf(recommendedOrder).map((pair) => ({
    pair,
    order: movedOutside(recommendedOrder, pair),
  }));
  const hunts = pairs.map(({ order }) => ({ order, gateways, seed, runs: huntRuns }));
  const outcomes = await ask('hunting pairs', 'hunt', hunts);
  for (const outcome of outcomes) note(outcome);
  const probings = pairs.flatMap(({ order }) => probes.map((probe) => ({ order, case: probe })));
  const probed = await ask('probing pairs', 'shrink', probings);
  note({ runs: probings.length, errorCount: 0, firstError: undefined });
  return pairs.map(({ pair, order }, index) => {
    const outcome = outcomes[index];
    const byProbes = probed.filter((_, place) => probings[place]?.order === order).flat();
    return {
      pair,
      witnesses: [...(outcome?.witnesses ?? []), ...byProbes],
      huntedFor: outcome?.runsToFailure,
    };
  });
}

type Broken = ReadonlyMap<Order, readonly InvariantId[]>;

async function confrontAll(
  { ask, note }: Court,
  orders: readonly Order[],
  { cases, inFull }: Pick<TrialOptions, 'inFull'> & { readonly cases: readonly Case[] },
): Promise<Broken> {
  const wanted = new Set(inFull.map(orderName));
  const questions = orders.map((order) => ({ order, cases, toTheEnd: wanted.has(orderName(order)) }));
  const answers = await ask('confronting orders', 'confront', questions);
  const runs = answers.reduce((sum, answer) => sum + answer.runs, 0);
  note({ runs, errorCount: 0, firstError: undefined });
  return new Map(orders.map((order, index) => [order, answers[index]?.broken ?? []]));
}

/** Storms each order from seeds of its own, and confronts those that survive with what broke the others. */
async function stormAll(
  court: Court,
  { gateways, seed, stormRuns, inFull }: TrialOptions,
  orders: readonly Order[],
): Promise<Broken> {
  const storms = orders
    .flatMap((order) => gateways.map((gateway) => ({ order, gateway })))
    .map((storm, place) => ({ ...storm, seed: seed + place, runs: stormRuns }));
  const outcomes = await court.ask('storming survivors', 'storm', storms);
  for (const outcome of outcomes) court.note(outcome);
  const inStorms = orders.map((order): [Order, readonly InvariantId[]] => {
    const own = outcomes.filter((_, index) => storms[index]?.order === order);
    return [order, own.flatMap(({ witnesses }) => witnesses.map(({ invariant }) => invariant))];
  });
  const left = inStorms.filter(([, broken]) => broken.length === 0).map(([order]) => order);
  const found = distinct(outcomes.flatMap(({ witnesses }) => witnesses.map((witness) => witness.case)));
  return new Map([...inStorms, ...(await confrontAll(court, left, { cases: found, inFull }))]);
}

/** The witness with the fewest steps, then the fewest requests and faults; the first one of several. */
function shortest(witnesses: readonly Witness[]): Witness | undefined {
  const size = ({ requests, faults, preemptions }: Witness): readonly number[] => [
    requests + faults + preemptions,
    requests,
    faults,
  ];
  return witnesses.toSorted((a, b) => compare(size(a), size(b)))[0];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const place = a.findIndex((value, index) => value !== b[index]);
  return place < 0 ? 0 : (a[place] ?? 0) - (b[place] ?? 0);
}

/** Cases that differ in nothing but the target count once. */
function distinct(cases: readonly Case[]): readonly Case[] {
  const byText = new Map(cases.map((subject) => [JSON.stringify({ ...subject, target: '' }), subject]));
  return [...byText.values()];
}
