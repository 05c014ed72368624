// A checker counts only if a planted bug makes it fail. Each bug is hunted by an ordinary campaign under every
// profile that exposes it, and has to break the invariant that it was planted for, in a story that is at most one step
// longer than the shortest that there can be, and never shorter, since then the shortest would not be known.
// Convinces because the same campaigns find nothing in the reference (see reference-holds.test.ts).

import { describe, expect, it } from 'vitest';
import { checkers } from '../harness/checkers/catalogue.ts';
import { hunt, pairsOf } from '../harness/mutants/hunt.ts';
import { stepsOf } from '../harness/mutants/minimum.ts';
import { mutants } from '../harness/mutants/registry.ts';

const pairs = pairsOf(mutants);

describe('planted bugs', () => {
  it.each(pairs.map((pair) => ({ ...pair, id: pair.mutant.id, breaks: pair.expected.breaks })))(
    '$id is caught on $profile by $breaks',
    { timeout: 120_000 },
    async (pair) => {
      const { caught } = await hunt({ ...pair, seed: 7, runs: 20_000 });
      const excess = caught === undefined ? undefined : stepsOf(caught) - stepsOf(pair.expected);
      expect({ broken: caught?.invariant, excess }).toEqual({
        broken: pair.expected.breaks,
        excess: expect.toSatisfy((steps) => steps === 0 || steps === 1),
      });
    },
  );

  it('are fifty at least, each with a name of its own', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(50);
  });

  it('prove every checker', () => {
    const proven = new Set(pairs.map(({ expected }) => expected.breaks));
    expect(checkers.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([]);
  });
});
