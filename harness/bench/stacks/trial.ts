// All orders of the layers on trial. Whether an order is safe is decided by the storm alone: nothing here knows which
// pairs of layers are said to be unsafe.
//
// First every pair is turned round in the recommended order, and each order made so is hunted by ordinary campaigns;
// what breaks is shrunk and becomes a witness. Then all orders are confronted with all witnesses, and those that
// survive are stormed by campaigns of their own. A pair is unsafe when no order that has it survived.

import type { Case, ProfileName } from '../../cases/case.ts';
import { checkers } from '../../checkers/catalogue.ts';
import type { InvariantId } from '../../checkers/checker.ts';
import { allOrders, type Order, recommendedOrder } from '../../targets/orders.ts';
import type { Outcome, Witness } from './errands.ts';
import { hasOutside, type LayerPair, movedOutside, reversalsOf } from './moves.ts';
import type { Pool } from './pool.ts';

/** How hard the orders are tried. */
export interface TrialOptions {
  /** Gateways that campaigns are run on. */
  readonly gateways: readonly ProfileName[];
  readonly seed: number;
  /** Cases of the campaigns that hunt each pair: on each gateway in turn, until something breaks. */
  readonly huntRuns: number;
  /** Cases of the campaign that an order must survive, on each gateway. */
  readonly stormRuns: number;
}

/** How an order fared. */
export interface TriedOrder {
  readonly order: Order;
  /** In the order of the catalogue; empty when it survived. */
  readonly broken: readonly InvariantId[];
}

/** A pair that no order survived with, and the shortest story of what it does. */
export interface UnsafePair extends LayerPair {
  /** Undefined when the recommended order with this pair turned round broke only in company of other pairs. */
  readonly witness: Witness | undefined;
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
  readonly phase: 'hunting pairs' | 'confronting orders' | 'storming survivors';
  readonly done: number;
  readonly of: number;
}

/** Tries all orders. Undefined when the pool was stopped before it was over. */
export async function tryOrders(
  pool: Pool,
  { gateways, seed, huntRuns, stormRuns }: TrialOptions,
  observe: (progress: TrialProgress) => void = () => {},
): Promise<Trial | undefined> {
  const told = (phase: TrialProgress['phase'], of: number) => (done: number) => observe({ phase, done, of });

  const pairs = reversalsOf(recommendedOrder);
  const hunted = whole(
    await pool.run(
      'hunt',
      pairs.map((pair) => ({ order: movedOutside(recommendedOrder, pair), gateways, seed, runs: huntRuns })),
      told('hunting pairs', pairs.length),
    ),
  );
  if (hunted === undefined) return undefined;
  const witnesses = pairs.flatMap((pair, index) => {
    const witness = shortest(hunted[index]?.witnesses ?? []);
    return witness === undefined ? [] : [{ pair, witness }];
  });

  const cases = distinct(witnesses.map(({ witness }) => witness.case));
  const confronted = whole(
    await pool.run(
      'confront',
      allOrders.map((order) => ({ order, cases })),
      told('confronting orders', allOrders.length),
    ),
  );
  if (confronted === undefined) return undefined;

  const survivors = allOrders.filter((_, index) => confronted[index]?.length === 0);
  const storms = survivors.flatMap((order) =>
    gateways.map((gateway) => ({ order, gateway, seed, runs: stormRuns })),
  );
  const stormed = whole(await pool.run('storm', storms, told('storming survivors', storms.length)));
  if (stormed === undefined) return undefined;

  const orders = allOrders.map((order, index): TriedOrder => {
    const inStorms = stormed.filter((_, place) => storms[place]?.order === order);
    const broken = inStorms.flatMap((outcome) => outcome.witnesses.map(({ invariant }) => invariant));
    return { order, broken: inCatalogueOrder([...(confronted[index] ?? []), ...broken]) };
  });
  const outcomes = [...hunted, ...stormed];
  return {
    orders,
    unsafePairs: unsafePairsIn(orders).map((pair) => ({
      ...pair,
      witness: witnesses.find((found) => isSame(found.pair, pair))?.witness,
    })),
    cases: outcomes.reduce((sum, { runs }) => sum + runs, cases.length * allOrders.length),
    errorCount: outcomes.reduce((sum, { errorCount }) => sum + errorCount, 0),
    firstError: outcomes.find(({ firstError }) => firstError !== undefined)?.firstError,
  };
}

/**
 * The pairs with which no order survived, each where at least one order that has it was tried; none where no order
 * survived at all, because then it is not the order that breaks. Only as good as the orders are many: with few of them,
 * a pair may be blamed for what another does.
 */
export function unsafePairsIn(orders: readonly TriedOrder[]): readonly LayerPair[] {
  const [any] = orders;
  if (any === undefined || orders.every(({ broken }) => broken.length > 0)) return [];
  const both = [...reversalsOf(any.order), ...reversalsOf(any.order.toReversed())];
  return both.filter((pair) => {
    const having = orders.filter(({ order }) => hasOutside(order, pair));
    return having.length > 0 && having.every(({ broken }) => broken.length > 0);
  });
}

/** Each invariant once, in the order of the catalogue. */
export function inCatalogueOrder(broken: readonly InvariantId[]): readonly InvariantId[] {
  return checkers.map(({ id }) => id).filter((id) => broken.includes(id));
}

/** Every answer, or undefined when one is missing. */
function whole<T>(answers: readonly (T | undefined)[]): readonly T[] | undefined {
  const present = answers.filter((answer) => answer !== undefined);
  return present.length === answers.length ? present : undefined;
}

/** The witness with the fewest steps, then the fewest requests and faults; the first one of several. */
function shortest(witnesses: readonly Witness[]): Witness | undefined {
  const size = ({ requests, faults, preemptions }: Outcome['witnesses'][number]): readonly number[] => [
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

function isSame(a: LayerPair, b: LayerPair): boolean {
  return a.outer === b.outer && a.inner === b.inner;
}
