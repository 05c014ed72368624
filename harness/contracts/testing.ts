// The test that holds every store that we ship to the contract of its port.

import { fail } from 'node:assert/strict';
import { describe, it } from 'vitest';
import { conformanceTrials } from './conformance.ts';
import type { OpenStore } from './contract.ts';
import type { StoreKind, StorePorts } from './store-kinds.ts';
import { memoryStores } from './testing-memory.ts';
import { postgresStores } from './testing-postgres.ts';
import { redisStores } from './testing-redis.ts';

/** Declares a test of each clause of a kind of store, over memory, Redis and Postgres. */
export async function testContract<Kind extends StoreKind>(kind: Kind): Promise<void> {
  const [redis, postgres] = await Promise.all([redisStores(), postgresStores()]);
  describe('in memory', () => testTrials(kind, memoryStores[kind], 100));
  redis.suite('on Redis', () => testTrials(kind, redis.open[kind], 25));
  postgres.suite('on Postgres', () => testTrials(kind, postgres.open[kind], 25));
}

function testTrials<Kind extends StoreKind>(
  kind: Kind,
  open: OpenStore<StorePorts[Kind]>,
  runs: number,
): void {
  for (const { clause, run } of conformanceTrials(kind, open, { runs })) {
    it(clause, async () => {
      const result = await run();
      if (!result.passed) fail(result.because);
    });
  }
}
