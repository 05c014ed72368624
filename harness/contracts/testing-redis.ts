// The stores on a real Redis, each opened under a prefix of its own and over several connections.

import type { Redis } from 'ioredis';
import { afterAll } from 'vitest';
import {
  connectRedis,
  type RedisClient,
  type RedisStoreOptions,
  redisBreakerStore,
  redisDeliveryMarks,
  redisIdempotencyStore,
  redisInboxStore,
  redisLedgerStore,
  redisLimiterStore,
  redisSagaJournal,
  redisTicketStore,
  redisVelocityStore,
  redisVerdictLog,
} from '../../src/redis.ts';
import { openTestRedis, type TestRedis } from '../backends/testing.ts';
import type { OpenStore } from './contract.ts';
import type { StoreOpeners } from './store-kinds.ts';

/** What stands between a driver and its client; nothing, unless a bug is planted there. */
export type RedisBetween = (client: RedisClient) => RedisClient;

/** The stores on Redis as a test file sees them. */
export interface RedisStores extends Pick<TestRedis, 'suite'> {
  readonly open: StoreOpeners;
  /** The same with something in between. */
  through(between: RedisBetween): StoreOpeners;
}

/** Asks for Redis; connects when the first store is opened, and disconnects after the file's tests. */
export async function redisStores(): Promise<RedisStores> {
  const { suite, url, keyPrefix } = await openTestRedis();
  let connecting: Promise<readonly Redis[]> | undefined;
  // A machine that is busy with other tests must not fail one that is about something else.
  const client = { commandTimeout: 10_000, connectTimeout: 10_000, socketTimeout: 10_000 };
  const connect = () => Promise.all([1, 2, 3, 4, 5].map(() => connectRedis(url, { client })));
  afterAll(async () => {
    for (const redis of (await connecting) ?? []) redis.disconnect();
  });
  const through = (between: RedisBetween): StoreOpeners => {
    const on = <Store>(make: (options: RedisStoreOptions) => Store): OpenStore<Store> => {
      return async (nowMs) => {
        connecting ??= connect();
        const prefix = keyPrefix();
        const clients = await connecting;
        return {
          connections: clients.map((redis) => make({ redis: between(redis), keyPrefix: prefix, nowMs })),
        };
      };
    };
    return {
      'idempotency-store': on(redisIdempotencyStore),
      'breaker-store': on(redisBreakerStore),
      'limiter-store': on(redisLimiterStore),
      'saga-journal': on(redisSagaJournal),
      'inbox-store': on(redisInboxStore),
      'delivery-marks': on(redisDeliveryMarks),
      'ledger-store': on(redisLedgerStore),
      'velocity-store': on(redisVelocityStore),
      'ticket-store': on(redisTicketStore),
      'verdict-log': on(redisVerdictLog),
    };
  };
  return { suite, open: through((redis) => redis), through };
}
