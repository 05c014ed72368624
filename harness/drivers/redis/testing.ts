// What the tests of the drivers in Redis share: a client of a real server, patient because a busy machine may take longer than
// a payment may.

import type { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { connectRedis } from '../../../src/redis.ts';
import { openTestRedis } from '../../backends/testing.ts';

/** Bounds of a client for tests that are about something else. */
export const patience = { commandTimeout: 10_000, connectTimeout: 10_000, socketTimeout: 20_000 } as const;

/** A client with {@link patience}. */
export function patientRedis(url: string): Promise<Redis> {
  return connectRedis(url, { client: patience });
}

/** A real server as a suite sees it. */
export interface RedisLane {
  /** A client; there is one while tests run. */
  readonly redis: Redis;
  /** A prefix that nobody else uses, another at each call. */
  keyPrefix(): string;
}

/** Declares a suite over a real server, with a client of its own. */
export async function suiteOverRedis(name: string, body: (lane: RedisLane) => void): Promise<void> {
  const server = await openTestRedis();
  server.suite(name, () => {
    let connected: Redis | undefined;
    beforeAll(async () => {
      connected = await patientRedis(server.url);
    });
    afterAll(() => connected?.disconnect());
    body({
      get redis() {
        if (connected === undefined) throw new Error('there is a client only while tests run');
        return connected;
      },
      keyPrefix: server.keyPrefix,
    });
  });
}
