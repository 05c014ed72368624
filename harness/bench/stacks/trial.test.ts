// Convinces by made-up laws: a pool that runs no case, but says that certain pairs break. Whatever the law, the trial
// has to come to it from the answers alone, with a story for each pair, and to nothing else. A law that is none of the
// real ones shows that the real ones are not built in.

import { describe, expect, it } from 'vitest';
import type { Case } from '../../cases/case.ts';
import {
  allOrders,
  type LayerPair,
  movedOutside,
  type Order,
  recommendedOrder,
} from '../../targets/orders.ts';
import type { Outcome, Witness } from './campaigns.ts';
import type { ErrandKind, Errands } from './errands.ts';
import { type TriedOrder, unsafePairsIn } from './inference.ts';
import { hasOutside } from './moves.ts';
import type { Pool } from './pool.ts';
import { probesOn } from './probes.ts';
import { type TrialOptions, tryOrders } from './trial.ts';

const options: TrialOptions = {
  gateways: ['stripe', 'none'],
  seed: 1,
  huntRuns: 20,
  stormRuns: 10,
  inFull: [recommendedOrder],
};

interface Law {
  /** Pairs that break wherever they stand. */
  readonly unsafe: readonly LayerPair[];
  /** How they are found out; by hunts unless it says otherwise. */
  readonly by?: 'hunts' | 'probes' | 'storms' | 'one storm';
  /** Errands after which the pool is stopped. */
  readonly stopAfter?: number;
}

const nameOf = ({ outer, inner }: LayerPair): string => `${outer} outside ${inner}`;

/** A witness whose case says which pair it is about. */
function witnessOf(pair: LayerPair, requests: number): Witness {
  const subject: Case = { paystorm: 1, target: '', profile: 'stripe', seed: 1, steps: [] };
  const size = { requests, faults: 0, preemptions: 0 };
  return {
    ...size,
    invariant: 'S6',
    because: nameOf(pair),
    case: { ...subject, expect: { breaks: nameOf(pair) } },
    historyHash: '',
  };
}

function poolUnder({ unsafe, by = 'hunts', stopAfter = Number.POSITIVE_INFINITY }: Law): Pool {
  const witnesses = (order: Order): readonly Witness[] =>
    unsafe.flatMap((pair, index) => (hasOutside(order, pair) ? [witnessOf(pair, index + 1)] : []));
  const outcome = (runs: number, found: readonly Witness[]): Outcome => ({
    runs,
    runsToFailure: found.length > 0 ? 1 : undefined,
    witnesses: found,
    errorCount: 0,
    firstError: undefined,
  });
  let stormsLeft = by === 'one storm' ? 1 : by === 'storms' ? Number.POSITIVE_INFINITY : 0;
  const answers: {
    readonly [Kind in ErrandKind]: (asked: Errands[Kind]['asked']) => Errands[Kind]['answer'];
  } = {
    hunt: ({ order, gateways, runs }) =>
      outcome(gateways.length * runs, by === 'hunts' ? witnesses(order) : []),
    shrink: ({ order }) => (by === 'probes' ? witnesses(order) : []),
    storm: ({ order, runs }) => {
      const found = stormsLeft > 0 ? witnesses(order) : [];
      if (found.length > 0) stormsLeft -= 1;
      return outcome(runs, found);
    },
    confront: ({ order, cases }) => {
      const about = new Set(cases.map((subject) => subject.expect?.breaks));
      const breaks = unsafe.some((pair) => about.has(nameOf(pair)) && hasOutside(order, pair));
      return { broken: breaks ? ['S6'] : [], runs: cases.length };
    },
    measure: () => {
      throw new Error('a trial measures nothing');
    },
  };
  let errands = 0;
  return {
    close: () => {},
    run: async (kind, questions) =>
      questions.map((asked) => (++errands > stopAfter ? undefined : answers[kind](asked))),
  };
}

const laws: readonly { readonly name: string; readonly unsafe: readonly LayerPair[] }[] = [
  { name: 'nothing', unsafe: [] },
  { name: 'one pair', unsafe: [{ outer: 'timeout', inner: 'circuitBreaker' }] },
  {
    name: 'pairs that share a layer',
    unsafe: [
      { outer: 'timeout', inner: 'retry' },
      { outer: 'logExecution', inner: 'retry' },
      { outer: 'logExecution', inner: 'rateLimit' },
    ],
  },
];

describe('a trial of all orders', () => {
  it.each(laws.flatMap((law) => (['hunts', 'probes', 'storms'] as const).map((by) => ({ ...law, by }))))(
    'comes to the law by which breaks $name, found by $by',
    async ({ unsafe, by }) => {
      const trial = await tryOrders(poolUnder({ unsafe, by }), options);
      expect(trial?.unsafePairs.map(nameOf)).toEqual(unsafe.map(nameOf));
      for (const { order, broken } of trial?.orders ?? [])
        expect(broken.length > 0).toBe(unsafe.some((pair) => hasOutside(order, pair)));
      expect(trial?.orders.map(({ order }) => order)).toEqual(allOrders);
      const stories = by === 'storms' ? unsafe.map(() => undefined) : unsafe.map(nameOf);
      expect(trial?.unsafePairs.map(({ witness }) => witness?.because)).toEqual(stories);
      expect(trial?.unsafePairs.map(({ huntedFor }) => huntedFor)).toEqual(
        unsafe.map(() => (by === 'hunts' ? 1 : undefined)),
      );
    },
  );

  it('tries what one storm has found on all orders that are left', async () => {
    const [pair] = [{ outer: 'timeout', inner: 'circuitBreaker' } as const];
    const trial = await tryOrders(poolUnder({ unsafe: [pair], by: 'one storm' }), options);
    expect(trial?.unsafePairs.map(nameOf)).toEqual([nameOf(pair)]);
    expect(trial?.orders.filter(({ broken }) => broken.length > 0)).toHaveLength(360);
  });

  it('takes the shortest of several stories', async () => {
    const shorter = { outer: 'logExecution', inner: 'timeout' } as const;
    const longer = { outer: 'logExecution', inner: 'circuitBreaker' } as const;
    const trial = await tryOrders(poolUnder({ unsafe: [shorter, longer] }), options);
    // The second law's order breaks the first one too, in a story of one request less.
    expect(trial?.unsafePairs.map(({ witness }) => witness?.requests)).toEqual([1, 1]);
  });

  it('counts the cases of hunts, probes, confrontations and storms', async () => {
    const probes = probesOn(options.gateways, 1).length;
    const trial = await tryOrders(poolUnder({ unsafe: [] }), options);
    expect(trial?.cases).toBe(15 * 2 * 20 + 15 * probes + 720 * probes + 720 * 2 * 10);
  });

  it.each([0, 20, 400, 1_500])('comes to nothing when it is stopped after %i errands', async (stopAfter) => {
    expect(await tryOrders(poolUnder({ unsafe: [], stopAfter }), options)).toBeUndefined();
  });
});

describe('inferring unsafe pairs', () => {
  const pair = { outer: 'timeout', inner: 'retry' } as const;
  const tried = (broken: (order: Order) => boolean) =>
    allOrders.map((order): TriedOrder => ({ order, broken: broken(order) ? ['S1'] : [] }));

  it('blames no pair that one order survived', () => {
    const fell = tried((order) => hasOutside(order, pair));
    expect(unsafePairsIn(fell)).toEqual([pair]);
    const last = fell.findLastIndex(({ broken }) => broken.length > 0);
    const order = fell[last]?.order ?? [];
    expect(unsafePairsIn(fell.with(last, { order, broken: [] }))).toEqual([]);
  });

  it('speaks of no pair that no order has', () => {
    const fell = { order: movedOutside(recommendedOrder, pair), broken: ['S1'] as const };
    expect(unsafePairsIn([{ order: recommendedOrder, broken: [] }, fell])).toEqual([
      { outer: 'timeout', inner: 'retry' },
      { outer: 'timeout', inner: 'rateLimit' },
    ]);
  });

  it('does not blame the order where all of them break', () => {
    expect(unsafePairsIn(tried(() => true))).toEqual([]);
  });
});
