// Convinces by counting statements at the client under a whole idempotent call: what is fresh costs two round trips and what is
// replayed one, and what comes back is what went in to the last character.

import { expect, test } from 'vitest';
import { type IdempotencyOptions, idempotent, systemRuntime } from '../../../src/index.ts';
import { postgresIdempotencyStore } from '../../../src/postgres.ts';
import { countedPool, postgresLane } from './testing.ts';

interface Payment {
  readonly key: string;
  readonly note: string;
}

const server = await postgresLane();

server.suite('an idempotent call over Postgres', () => {
  const note = 'null \u0000, quotes " \\ and \u{1f701} \uffff, lines \r\n';

  test('costs two round trips, and one when it is replayed', async () => {
    const { pool, schema } = await server.fresh();
    const counted = countedPool(pool);
    let charged = 0;
    const options: IdempotencyOptions<Payment, unknown> = {
      runtime: systemRuntime(),
      store: postgresIdempotencyStore({ pool: counted, schema }),
      scope: () => 'shop',
      key: ({ key }) => key,
      resolve: {
        capabilities: {
          dedup: 'every-answer',
          lookup: { by: ['reference'], consistentAfterMs: 0 },
          keyRetentionMs: 86_400_000,
          maxEffectDelayMs: 30_000,
          cancelByKey: false,
          captureModes: ['automatic'],
        },
        find: async () => ({ kind: 'absent' }),
      },
    };
    const charge = idempotent(options)(async (payment) => {
      charged += 1;
      return { id: `ch_${charged}`, note: payment.note };
    });
    const cost = async (key: string): Promise<readonly [unknown, number]> => {
      const before = counted.count();
      const answer = await charge({ key, note });
      return [answer, counted.count() - before];
    };
    expect(await cost('k1')).toEqual([{ id: 'ch_1', note }, 2]);
    expect(await cost('k1')).toEqual([{ id: 'ch_1', note }, 1]);
  });
});
