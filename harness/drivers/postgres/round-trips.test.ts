// Convinces by counting statements at the client under a whole idempotent call: what is fresh costs two round trips and what is
// replayed one, and what comes back is what went in to the last character.

import { expect, test } from 'vitest';
import { postgresIdempotencyStore } from '../../../src/postgres.ts';
import { costOver, note } from '../idempotent-payments.ts';
import { countedPool, postgresLane } from './testing.ts';

const server = await postgresLane();

server.suite('an idempotent call over Postgres', () => {
  test('costs two round trips, and one when it is replayed', async () => {
    const { pool, schema } = await server.fresh();
    const counted = countedPool(pool);
    const cost = costOver(postgresIdempotencyStore({ pool: counted, schema }), counted.count);
    expect(await cost('k1')).toEqual([{ id: 'ch_1', note }, 2]);
    expect(await cost('k1')).toEqual([{ id: 'ch_1', note }, 1]);
  });
});
