// A checker counts only if a planted bug makes it fail. Each bug is hunted by an ordinary campaign under every
// profile that exposes it (those of orders in planted-shop-bugs.test.ts), and has to break the invariant that it was planted for, whatever the seed. How short a story
// becomes depends on the case that it was found in: one of three must end within a step of the shortest that there can
// be, and none may be shorter, since then the shortest would not be known.
// Convinces because the same campaigns find nothing in the reference (see reference-holds.test.ts).

import { describe, expect, it } from 'vitest';
import { checkers } from '../harness/checkers/catalogue.ts';
import { hunt, pairsOf } from '../harness/mutants/hunt.ts';
import { stepsOf } from '../harness/mutants/minimum.ts';
import { mutants } from '../harness/mutants/registry.ts';

const charging = mutants.filter(({ suite }) => suite === 'charge');
const pairs = pairsOf(charging);
const seeds = [7, 8, 9] as const;

describe('planted bugs', () => {
  it.each(pairs.map((pair) => ({ ...pair, id: pair.mutant.id, breaks: pair.expected.breaks })))(
    '$id is caught on $profile by $breaks',
    { timeout: 300_000 },
    async (pair) => {
      const excesses: number[] = [];
      for (const seed of seeds) {
        const { caught } = await hunt({ ...pair, seed, runs: 40_000 });
        expect(caught?.invariant).toBe(pair.expected.breaks);
        if (caught === undefined) return;
        excesses.push(stepsOf(caught) - stepsOf(pair.expected));
        if (Math.min(...excesses) <= 1) break;
      }
      expect(Math.min(...excesses)).toBeGreaterThanOrEqual(0);
      expect(Math.min(...excesses)).toBeLessThanOrEqual(1);
    },
  );

  it('are fifty at least, each with a name of its own', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
    expect(charging.length).toBeGreaterThanOrEqual(50);
  });

  it('prove every checker, together with those in the shop', () => {
    const proven = new Set(pairsOf(mutants).map(({ expected }) => expected.breaks));
    expect(checkers.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([]);
  });
});
