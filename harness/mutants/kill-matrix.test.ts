// Convinces by putting the judge before bugs whose fate is known: one that shows in every case, one that none of the
// given cases can show, and no bug at all, which must be told from a catch.

import { describe, expect, it } from 'vitest';
import { type Pair, pairsOf } from './hunt.ts';
import { type KillMatrix, killMatrix, type MatrixEvent, seedsOf } from './kill-matrix.ts';
import { difficultyOf, stepsOf } from './minimum.ts';
import { type Mutant, plant } from './mutant.ts';
import { plantShop } from './planted-shop.ts';
import { withEntrances } from './shop-replace.ts';

const expected = { breaks: 'S13', requests: 1, faults: 0 } as const;

const runs = { charge: 30, checkout: 3 } as const;

const harmless: Mutant = plant({
  id: 'harmless',
  class: 'money',
  mistake: 'none at all',
  exposure: { stripe: expected },
  parts: {},
});

const blatant: Mutant = plant({
  id: 'blatant',
  class: 'money',
  mistake: 'the money is only reserved',
  exposure: { none: expected, stripe: expected },
  parts: {
    gateway: ({ gateway }) => ({
      ...gateway,
      authorize: (request, options) => gateway.authorize({ ...request, capture: 'manual' }, options),
    }),
  },
});

const blatantInOrders: Mutant = plantShop({
  id: 'blatant-in-orders',
  class: 'money',
  mistake: 'nothing is done, and everything is told to be',
  exposure: { stripe: expected },
  start: withEntrances(() => ({
    checkout: async ({ amountMinor, currency }) => ({
      kind: 'ok',
      chargeId: 'ch_0',
      amountMinor,
      currency,
      body: '',
      replayed: false,
    }),
  })),
});

async function matrixOf(
  pairs: readonly Pair[],
  stopSignal?: AbortSignal,
  observe?: (event: MatrixEvent) => void,
): Promise<KillMatrix> {
  return killMatrix({ pairs, trials: 2, runs, seed: 9, now: () => 0, stopSignal }, observe);
}

describe('pairs', () => {
  it('come in the order of the mutants, the profiles in their usual one', () => {
    const names = pairsOf([harmless, blatant]).map(({ mutant, profile }) => `${mutant.id} ${profile}`);
    expect(names).toEqual(['harmless stripe', 'blatant stripe', 'blatant none']);
  });
});

describe('seeds', () => {
  it('are half fixed, half fresh, and the fresh ones follow from the given seed', () => {
    const [one, two] = [seedsOf({ trials: 5, seed: 1 }), seedsOf({ trials: 5, seed: 2 })];
    expect(one.slice(0, 3)).toEqual([1, 2, 3]);
    expect(two.slice(0, 3)).toEqual([1, 2, 3]);
    expect(new Set([...one.slice(3), ...two.slice(3)]).size).toBe(4);
    expect(seedsOf({ trials: 5, seed: 1 })).toEqual(one);
    expect(seedsOf({ trials: 1, seed: 1 })).toEqual([1]);
  });
});

describe('the kill matrix', () => {
  it('catches what shows at once, in the shortest story, and lets what does no harm survive', async () => {
    const { pairs, reference, interrupted } = await matrixOf(pairsOf([harmless, blatant]));
    const fates = pairs.map(({ mutant, profile, trials }) => ({
      pair: `${mutant.id} ${profile}`,
      trials: trials.map(({ seed, runs, caught }) => ({
        fixed: seed === 1,
        runs,
        steps: caught === undefined ? null : stepsOf(caught),
      })),
    }));
    const survived = { runs: 30, steps: null };
    const caught = { runs: 1, steps: 1 };
    const twice = (fate: object): readonly object[] => [
      { fixed: true, ...fate },
      { fixed: false, ...fate },
    ];
    expect(fates).toEqual([
      { pair: 'harmless stripe', trials: twice(survived) },
      { pair: 'blatant stripe', trials: twice(caught) },
      { pair: 'blatant none', trials: twice(caught) },
    ]);
    expect(interrupted).toBe(false);
    const stormed = reference.map(({ profile, runs, broken }) => ({ profile, runs, broken }));
    const calm = { runs: 30, broken: [] };
    expect(stormed).toEqual([
      { profile: 'stripe', ...calm },
      { profile: 'stripe', ...calm },
      { profile: 'none', ...calm },
      { profile: 'none', ...calm },
    ]);
  });

  it('hunts bugs of orders with cases of orders, and storms the shop that they are planted in', async () => {
    const { pairs, reference } = await matrixOf(pairsOf([blatantInOrders, blatant]));
    const caught = pairs.map(({ trials }) => trials.map((trial) => trial.caught));
    expect(caught.flat()).toMatchObject([
      { invariant: 'S13', requests: 1, faults: 0, case: { suite: 'checkout' } },
      { invariant: 'S13', requests: 1, faults: 0, case: { suite: 'checkout' } },
      { invariant: 'S13', requests: 1, faults: 0 },
      { invariant: 'S13', requests: 1, faults: 0 },
      { invariant: 'S13', requests: 1, faults: 0 },
      { invariant: 'S13', requests: 1, faults: 0 },
    ]);
    expect(reference.map(({ suite, profile, runs: ran, broken }) => [suite, profile, ran, broken])).toEqual([
      ['checkout', 'stripe', 3, []],
      ['checkout', 'stripe', 3, []],
      ['charge', 'stripe', 30, []],
      ['charge', 'stripe', 30, []],
      ['charge', 'none', 30, []],
      ['charge', 'none', 30, []],
    ]);
  });

  it('keeps what was hunted until it was interrupted, and counts the hunt that was given up as none', async () => {
    const controller = new AbortController();
    const pairs = pairsOf([blatant, harmless]);
    const matrix = await matrixOf(pairs, controller.signal, (event) => {
      if (event.kind === 'hunting' && event.pair.mutant === harmless) controller.abort();
    });
    expect(matrix.interrupted).toBe(true);
    expect(matrix.pairs.map(({ mutant, trials }) => [mutant.id, trials.length])).toEqual([
      ['blatant', 2],
      ['blatant', 2],
      ['harmless', 0],
    ]);
    expect(matrix.reference).toEqual([]);
  });
});

describe('difficulty', () => {
  it('grows with what has to come together beyond the first request', () => {
    const sizes = [
      { requests: 1, faults: 0 },
      { requests: 1, faults: 1 },
      { requests: 2, faults: 0 },
      { requests: 2, faults: 1 },
      { requests: 2, faults: 2 },
    ];
    expect(sizes.map(difficultyOf)).toEqual(['easy', 'easy', 'easy', 'medium', 'hard']);
    expect(stepsOf({ requests: 2, faults: 1, preemptions: 3 })).toBe(6);
  });
});
