// A checker counts only if a planted bug makes it fail. Each bug is hunted by an ordinary campaign under every
// profile that exposes it, and has to break the invariant that it was planted for, in a story no longer than stated.
// Convinces because the same campaigns find nothing in the reference (see reference-holds.test.ts).

import { describe, expect, it } from 'vitest';
import { checkers } from '../harness/checkers/catalogue.ts';
import { hunt, huntsFor } from '../harness/mutants/hunt.ts';
import { mutants } from '../harness/mutants/registry.ts';

const hunts = huntsFor(mutants, { seed: 7, runs: 60_000 });

describe('planted bugs', () => {
  it.each(hunts.map((one) => ({ ...one, id: one.mutant.id, breaks: one.expected.breaks })))(
    '$id is caught on $profile by $breaks',
    { timeout: 120_000 },
    async (one) => {
      const found = await hunt(one);
      expect(found?.invariant).toBe(one.expected.breaks);
      expect((found?.faults ?? 0) + (found?.preemptions ?? 0)).toBeLessThanOrEqual(one.expected.faults);
    },
  );

  it('prove every checker', () => {
    const proven = new Set(hunts.map(({ expected }) => expected.breaks));
    expect(checkers.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([]);
  });
});
