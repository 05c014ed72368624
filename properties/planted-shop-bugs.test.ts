// Mistakes that shops make, planted in the reference shop. Each is hunted by random cases of orders and has to break the
// invariant that it was planted for. Convinces because the same cases find nothing of the kind in the reference: whatever
// case shows a bug is run against it as well.

import { describe, expect, it } from 'vitest';
import { profiles } from '../harness/cases/case.ts';
import { huntShop } from '../harness/mutants/shop-hunt.ts';
import { shopMutants } from '../harness/mutants/shop-registry.ts';
import { runCase } from '../harness/run.ts';
import { shop } from '../harness/targets/shop.ts';

/** What is rare in one campaign need not be in the next. */
const seeds = [5, 3] as const;

const pairs = shopMutants.flatMap((mutant) =>
  profiles.flatMap((profile) => {
    const expected = mutant.exposure[profile];
    return expected === undefined ? [] : [{ mutant, id: mutant.id, profile, expected }];
  }),
);

describe('bugs planted in the shop', () => {
  it.each(pairs)(
    '$id is caught on $profile by $expected.breaks',
    { timeout: 120_000 },
    async ({ mutant, profile, expected }) => {
      let caught: Awaited<ReturnType<typeof huntShop>>['caught'];
      for (const seed of seeds) {
        const one = { mutant, profile, expected, seed };
        caught = (await huntShop({ ...one, runs: 600, shrinkBudget: 0 })).caught;
        if (caught !== undefined) break;
      }
      expect(caught?.invariant).toBe(expected.breaks);
      if (caught === undefined) return;
      const { broken } = await runCase({ ...caught.case, target: shop.name }, shop);
      expect(broken).toEqual([]);
    },
  );

  it('are fifteen at least, each with a name of its own', () => {
    const names = new Set(shopMutants.map(({ id }) => id));
    expect(names.size).toBe(shopMutants.length);
    expect(names.size).toBeGreaterThanOrEqual(15);
  });
});
