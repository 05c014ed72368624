// Convinces by counting commands at the client under a whole idempotent call: what is fresh costs two round trips and what is
// replayed one, and what comes back is what went in to the last character.

import { expect, it } from 'vitest';
import { type IdempotencyOptions, idempotent, systemRuntime } from '../../../src/index.ts';
import { type RedisClient, redisIdempotencyStore } from '../../../src/redis.ts';
import { suiteOverRedis } from './testing.ts';

interface Payment {
  readonly key: string;
  readonly note: string;
}

const note = 'null \u0000, quotes " \\ and \u{1f701} \uffff, lines \r\n';

await suiteOverRedis('an idempotent call over Redis', (lane) => {
  it('costs two round trips, and one when it is replayed', async () => {
    let sent = 0;
    let charged = 0;
    const client: RedisClient = {
      evalsha: (...args) => {
        sent += 1;
        return lane.redis.evalsha(...args);
      },
      eval: (...args) => {
        sent += 1;
        return lane.redis.eval(...args);
      },
    };
    const options: IdempotencyOptions<Payment, unknown> = {
      runtime: systemRuntime(),
      store: redisIdempotencyStore({ redis: client, keyPrefix: lane.keyPrefix() }),
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
      const before = sent;
      const answer = await charge({ key, note });
      return [answer, sent - before];
    };
    // The first call of all teaches the server the scripts.
    await cost('k0');
    expect(await cost('k1')).toEqual([{ id: 'ch_2', note }, 2]);
    expect(await cost('k1')).toEqual([{ id: 'ch_2', note }, 1]);
  });
});
