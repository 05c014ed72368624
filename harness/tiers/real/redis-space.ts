// Room in a Redis for one case after the other: a prefix of keys for each.

import process from 'node:process';
import { connectRedis, type RedisClient } from '../../../src/redis.ts';
import { redisDrivers } from './redis-drivers.ts';
import type { Spaces } from './spaces.ts';

/** Spaces in the Redis at `url`. @throws as `connectRedis` does. */
export async function openRedisSpaces(url: string): Promise<Spaces> {
  // Whoever reads the books waits for as long as it takes: nothing is to be learned from its failing.
  const redis = await connectRedis(url, {
    client: {
      commandTimeout: 5_000,
      socketTimeout: 5_000,
      connectTimeout: 5_000,
      enableOfflineQueue: true,
    },
  });
  redis.on('error', () => {});
  let cases = 0;
  let isClosed = false;
  // A client that is closed while it waits to connect anew would keep commands for as long as their time-out.
  const reader: RedisClient = {
    evalsha: (...args) => (isClosed ? Promise.reject(new Error('closed')) : redis.evalsha(...args)),
    eval: (...args) => (isClosed ? Promise.reject(new Error('closed')) : redis.eval(...args)),
  };
  return {
    async next(nowMs) {
      cases += 1;
      const space = `paystorm-${process.pid}-${cases}`;
      return { space, drivers: redisDrivers({ redis: reader, keyPrefix: space, nowMs }) };
    },
    async close() {
      try {
        for await (const keys of redis.scanStream({ match: `{paystorm-${process.pid}-*`, count: 1_000 }))
          if (Array.isArray(keys) && keys.length > 0) await redis.unlink(...keys.map(String));
      } finally {
        isClosed = true;
        redis.disconnect();
      }
    },
  };
}
