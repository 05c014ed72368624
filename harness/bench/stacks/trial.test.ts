// Convinces by made-up laws: a pool that runs no case, but says that certain pairs break. Whatever the law, the trial
// has to come to it from the answers alone, with a story for each pair, and to nothing else. A law that is none of the
// real ones shows that the real ones are not built in.

import { describe, expect, it } from 'vitest';
import type { Case } from '../../cases/case.ts';
import { allOrders, type Order, orderName, orderNamed, recommendedOrder } from '../../targets/orders.ts';
import type { Campaigned, ErrandKind, Errands, Outcome } from './errands.ts';
import { hasOutside, type LayerPair, movedOutside } from './moves.ts';
import type { Pool } from './pool.ts';
import { type TrialOptions, type TriedOrder, tryOrders, unsafePairsIn } from './trial.ts';

const options: TrialOptions = { gateways: ['stripe', 'none'], seed: 1, huntRuns: 20, stormRuns: 10 };

interface Law {
  /** Pairs that break wherever they stand. */
  readonly unsafe: readonly LayerPair[];
  /** Whether the case that one order broke on breaks the others as well. */
  readonly witnessesTravel?: boolean;
  /** Errands after which the pool is stopped. */
  readonly stopAfter?: number;
}

function poolUnder({ unsafe, witnessesTravel = true, stopAfter = Number.POSITIVE_INFINITY }: Law): Pool {
  const broken = (order: Order): readonly LayerPair[] => unsafe.filter((pair) => hasOutside(order, pair));
  const campaign = ({ order, gateway, seed, runs }: Campaigned): Outcome => ({
    runs,
    witnesses: broken(order).map((pair, index) => ({
      invariant: 'S6',
      because: `${pair.outer} outside ${pair.inner}`,
      case: { paystorm: 1, target: orderName(order), profile: gateway, seed, steps: [] },
      historyHash: '',
      requests: index + 1,
      faults: 0,
      preemptions: 0,
      runsToFailure: 1,
    })),
    errorCount: 0,
    firstError: undefined,
  });
  const confront = (order: Order, cases: readonly Case[]): Errands['confront']['answer'] => {
    const found = cases.flatMap(({ target }) => {
      const of = orderNamed(target);
      return of === undefined ? [] : broken(of).filter((pair) => hasOutside(order, pair));
    });
    return witnessesTravel && found.length > 0 ? ['S6'] : [];
  };
  const answers = {
    hunt: ({ gateways, ...rest }: Errands['hunt']['asked']) =>
      campaign({ ...rest, gateway: gateways[0] ?? 'none', runs: gateways.length * rest.runs }),
    storm: campaign,
    confront: ({ order, cases }: Errands['confront']['asked']) => confront(order, cases),
    measure: () => {
      throw new Error('a trial measures nothing');
    },
  };
  let errands = 0;
  return {
    close: () => {},
    run: async <Kind extends ErrandKind>(kind: Kind, questions: readonly Errands[Kind]['asked'][]) => {
      const answer = answers[kind] as (asked: Errands[Kind]['asked']) => Errands[Kind]['answer'];
      return questions.map((asked) => (++errands > stopAfter ? undefined : answer(asked)));
    },
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
  it.each(laws)('comes to the law by which breaks $name', async ({ unsafe }) => {
    const trial = await tryOrders(poolUnder({ unsafe }), options);
    expect(trial?.unsafePairs.map(({ outer, inner }) => ({ outer, inner }))).toEqual(unsafe);
    expect(trial?.unsafePairs.map(({ witness }) => witness?.because)).toEqual(
      unsafe.map(({ outer, inner }) => `${outer} outside ${inner}`),
    );
    for (const { order, broken } of trial?.orders ?? [])
      expect(broken.length > 0).toBe(unsafe.some((pair) => hasOutside(order, pair)));
    expect(trial?.orders.map(({ order }) => order)).toEqual(allOrders);
  });

  it('takes the shortest of several stories', async () => {
    const shorter = { outer: 'logExecution', inner: 'timeout' } as const;
    const longer = { outer: 'logExecution', inner: 'circuitBreaker' } as const;
    const trial = await tryOrders(poolUnder({ unsafe: [shorter, longer] }), options);
    // The second law's order breaks the first one too, in a story of one request less.
    expect(trial?.unsafePairs.map(({ witness }) => witness?.requests)).toEqual([1, 1]);
  });

  it('storms orders that no witness breaks, and believes the storm', async () => {
    const unsafe = [{ outer: 'timeout', inner: 'circuitBreaker' }] as const;
    const trial = await tryOrders(poolUnder({ unsafe, witnessesTravel: false }), options);
    expect(trial?.unsafePairs).toMatchObject(unsafe);
    expect(trial?.orders.filter(({ broken }) => broken.length > 0)).toHaveLength(360);
  });

  it('counts the cases of hunts, confrontations and storms', async () => {
    const trial = await tryOrders(poolUnder({ unsafe: [] }), options);
    expect(trial?.cases).toBe(15 * 2 * 20 + 720 * 2 * 10);
  });

  it.each([0, 20, 400, 1_000])('comes to nothing when it is stopped after %i errands', async (stopAfter) => {
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
