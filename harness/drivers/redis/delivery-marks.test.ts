// Convinces by the table for the meaning, by many askers at once for atomicity, and by the server for what ends by itself.

import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisDeliveryMarks } from '../../../src/redis.ts';
import { deliveryMarksTable } from '../../../src/stores/delivery-marks-table.ts';
import { agree, call, wait } from './parity.ts';
import { freshPrefix, noServer, patientRedis, someServer } from './testing.ts';

const id = fc.constantFrom('evt_1', 'evt_2', 'ü:🜁');
const steps = fc.oneof(
  { weight: 2, arbitrary: call('mark', fc.record({ id, ttlMs: fc.integer({ min: 1, max: 60 }) })) },
  wait,
);

describe.skipIf(noServer)('delivery marks in Redis', () => {
  let server: Awaited<ReturnType<typeof someServer>>;
  let redis: Redis;
  beforeAll(async () => {
    server = await someServer();
    redis = await patientRedis(server.url);
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });

  it('agree with their table', async () => {
    await agree({ table: deliveryMarksTable, store: redisDeliveryMarks, steps }, redis);
  });

  it('call one of many deliveries at once the first', async () => {
    const { mark } = redisDeliveryMarks({ redis, keyPrefix: freshPrefix() });
    const request = { id: 'evt', ttlMs: 60_000 };
    const answers = await Promise.all(Array.from({ length: 50 }, () => mark(request)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('end by themselves, by the command that sets them', async () => {
    const keyPrefix = freshPrefix();
    const key = `{${keyPrefix}:marks}:m:evt`;
    await redisDeliveryMarks({ redis, keyPrefix }).mark({ id: 'evt', ttlMs: 60_000 });
    const ttlMs = await redis.pttl(key);
    expect(ttlMs).toBeGreaterThan(30_000);
    expect(ttlMs).toBeLessThanOrEqual(60_000);
    expect(Number(await redis.get(key))).toBe(await redis.pexpiretime(key));
  });
});
