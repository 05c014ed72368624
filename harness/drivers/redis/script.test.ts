// Convinces by a real server that is put into each state in which it refuses a script, and by counting what is sent.

import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, type RedisClient, redisIdempotencyStore } from '../../../src/redis.ts';
import { freshPrefix, noOwnServer, type OwnServer, ownServer } from './testing.ts';

const asked = { key: 'k', fingerprint: 'f', request: '{}', attemptId: 'a', leaseMs: 60_000 };

describe.skipIf(noOwnServer)('a script of a store', () => {
  let server: OwnServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await ownServer();
    redis = await connectRedis(server.url);
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });
  afterEach(async () => {
    await redis.config('SET', 'maxmemory', '0');
    await redis.config('SET', 'min-replicas-to-write', '0');
  });
  const counted = () => {
    const sent: string[] = [];
    const client: RedisClient = {
      evalsha: (...args) => {
        sent.push('evalsha');
        return redis.evalsha(...args);
      },
      eval: (...args) => {
        sent.push('eval');
        return redis.eval(...args);
      },
    };
    return { sent, store: redisIdempotencyStore({ redis: client, keyPrefix: freshPrefix() }) };
  };

  it('is one round trip, and one more only after the server has forgotten it', async () => {
    await redis.script('FLUSH');
    const { sent, store } = counted();
    await store.claim(asked);
    await store.claim(asked);
    expect(sent).toEqual(['evalsha', 'eval', 'evalsha']);
    await redis.script('FLUSH');
    await expect(store.claim(asked)).resolves.toMatchObject({ owned: true, record: { token: 1 } });
  });

  it('is refused as a whole when memory is used up, and says so', async () => {
    const { store } = counted();
    await store.claim(asked);
    await redis.config('SET', 'maxmemory', '1');
    const refused = store.complete({ key: 'k', token: 1, result: 'secret', ttlMs: 1 });
    await expect(refused).rejects.toThrow(
      /^redis: idempotency.complete failed with OOM: the server has reached/,
    );
    await expect(refused).rejects.toMatchObject({ name: 'StoreUnavailableError', retriable: true });
    await redis.config('SET', 'maxmemory', '0');
    expect(await store.read('k')).toMatchObject({ state: 'IN_FLIGHT' });
  });

  it('is refused when too few replicas follow', async () => {
    await redis.config('SET', 'min-replicas-to-write', '1');
    await expect(counted().store.claim(asked)).rejects.toThrow(/failed with NOREPLICAS: fewer replicas/);
  });

  it('is refused while a script of somebody else blocks the server', async () => {
    const { store } = counted();
    await store.claim(asked);
    await redis.config('SET', 'busy-reply-threshold', '20');
    const other = await connectRedis(server.url);
    const endless = other.eval('while true do end', 0).catch((error: unknown) => error);
    await expect(store.read('k')).rejects.toThrow(/BUSY: a script of somebody else|Command timed out/);
    await expect(store.read('k')).rejects.toThrow(/failed with BUSY/);
    await redis.script('KILL');
    await endless;
    other.disconnect();
  });

  it('says that a key holds something else, and leaves it alone', async () => {
    const keyPrefix = freshPrefix();
    await redis.set(`{${keyPrefix}:idempotency}:r:k`, 'theirs');
    const store = redisIdempotencyStore({ redis, keyPrefix });
    await expect(store.claim(asked)).rejects.toThrow(/claim failed with WRONGTYPE: a key of this prefix/);
    await expect(store.claim(asked)).rejects.toMatchObject({ name: 'StoreMisconfiguredError' });
    expect(await redis.get(`{${keyPrefix}:idempotency}:r:k`)).toBe('theirs');
  });

  it('says which right a user lacks', async () => {
    await redis.acl('SETUSER', 'weak', 'on', '>pw', '~*', '+@all', '-@scripting');
    const weak = await connectRedis(server.url.replace('//', '//weak:pw@'));
    const store = redisIdempotencyStore({ redis: weak, keyPrefix: freshPrefix() });
    await expect(store.claim(asked)).rejects.toThrow(/failed with NOPERM: the user may not run this/);
    weak.disconnect();
  });

  it('is not sent with what UTF-8 or JSON cannot hold', async () => {
    const { sent, store } = counted();
    await expect(store.claim({ ...asked, key: '\ud800' })).rejects.toMatchObject({
      code: 'validation_error',
    });
    for (const leaseMs of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(store.claim({ ...asked, leaseMs })).rejects.toMatchObject({ code: 'validation_error' });
    }
    expect(sent).toEqual([]);
  });
});
