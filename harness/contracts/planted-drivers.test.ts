// Convinces by drivers that are the real ones but for one mistake each: the clause that is named for it must not hold. That
// it holds without the mistake is what the tests of the contracts show.

import { expect, it } from 'vitest';
import { conformanceTrials } from './conformance.ts';
import type { ClauseResult, OpenStore } from './contract.ts';
import type { PlantedBug } from './planted-bug.ts';
import { postgresBugs } from './planted-postgres.ts';
import { redisBugs } from './planted-redis.ts';
import { type StoreKind, type StoreOpeners, type StorePorts, storeKinds } from './store-kinds.ts';
import { postgresStores } from './testing-postgres.ts';
import { redisStores } from './testing-redis.ts';

const [redis, postgres] = await Promise.all([redisStores(), postgresStores()]);

redis.suite('a driver for Redis that', () => testBugs(redisBugs, (plant) => redis.through(plant)));
postgres.suite('a driver for Postgres that', () =>
  testBugs(postgresBugs, (plant) => postgres.through(plant)),
);

function testBugs<Plant>(bugs: readonly PlantedBug<Plant>[], open: (plant: Plant) => StoreOpeners): void {
  it.each(bugs)('$bug', async ({ kind, clause, plant }) => {
    const results = await tried(kind, clause, open(plant)[kind]);
    const broken = results.find(({ passed }) => !passed);
    // A mistake of ours in planting would show as a driver that fails, and not as one that answers wrongly.
    expect(broken).toMatchObject({
      clause,
      because: expect.not.stringMatching(/^(redis|postgres)|\bthrew\b/),
    });
  });

  it('is planted in every kind of store', () => {
    expect([...new Set(bugs.map(({ kind }) => kind))].sort()).toEqual(Object.keys(storeKinds).sort());
  });
}

/** What became of the clause, up to the first time that it does not hold: a race may be won once. */
async function tried<Kind extends StoreKind>(
  kind: Kind,
  clause: string,
  open: OpenStore<StorePorts[Kind]>,
): Promise<readonly ClauseResult[]> {
  const trial = conformanceTrials(kind, open, { runs: 50 }).find((each) => each.clause === clause);
  if (trial === undefined) throw new Error(`the contract has no clause ${clause}`);
  const results: ClauseResult[] = [];
  while (results.length < 10 && results.every(({ passed }) => passed)) results.push(await trial.run());
  return results;
}
