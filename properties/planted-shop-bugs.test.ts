// Mistakes that shops make, planted in the reference shop. Each is hunted by an ordinary campaign of orders under one of the
// profiles that expose it, another for the next bug, and has to break the invariant that it was planted for; under all of
// them it is replayed from its committed cases.
// Convinces because the same cases find nothing of the kind in the reference: whatever case shows a bug is run against it
// as well.

import { describe, expect, it } from 'vitest';
import { hunt, pairsOf } from '../harness/mutants/hunt.ts';
import { mutants } from '../harness/mutants/registry.ts';
import { runCase } from '../harness/run.ts';
import { reference } from '../harness/targets/reference.ts';

const inShop = mutants.filter(({ suite }) => suite === 'checkout');

/** One pair of each bug, so that profiles take turns. */
const pairs = inShop.flatMap((mutant, index) => {
  const ofIt = pairsOf([mutant]);
  return ofIt.slice(index % ofIt.length).slice(0, 1);
});

describe('bugs planted in the shop', () => {
  it.each(pairs.map((pair) => ({ ...pair, id: pair.mutant.id, breaks: pair.expected.breaks })))(
    '$id is caught on $profile by $breaks',
    { timeout: 120_000 },
    async (pair) => {
      const { caught } = await hunt({ ...pair, seed: 5, runs: 2_000 }, { shrink: false });
      expect(caught?.invariant).toBe(pair.expected.breaks);
      if (caught === undefined) return;
      const { broken } = await runCase({ ...caught.case, target: reference.name }, reference);
      expect(broken).toEqual([]);
    },
  );

  it('are forty at least', () => {
    expect(inShop.length).toBeGreaterThanOrEqual(40);
  });
});
