// Convinces by counting commands at the client under a whole idempotent call: what is fresh costs two round trips and what is
// replayed one, and what comes back is what went in to the last character.

import { expect, it } from 'vitest';
import { type RedisClient, redisIdempotencyStore } from '../../../src/redis.ts';
import { costOver, note } from '../idempotent-payments.ts';
import { suiteOverRedis } from './testing.ts';

await suiteOverRedis('an idempotent call over Redis', (lane) => {
  it('costs two round trips, and one when it is replayed', async () => {
    let sent = 0;
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
    const store = redisIdempotencyStore({ redis: client, keyPrefix: lane.keyPrefix() });
    const cost = costOver(store, () => sent);
    // The first call of all teaches the server the scripts.
    await cost('k0');
    expect(await cost('k1')).toEqual([{ id: 'ch_2', note }, 2]);
    expect(await cost('k1')).toEqual([{ id: 'ch_2', note }, 1]);
  });
});
