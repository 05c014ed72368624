// Convinces by the table for the meaning, by many askers at once for atomicity, and by the server for what ends by itself.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redisDeliveryMarks } from '../../../src/redis.ts';
import { deliveryMarksTable } from '../../../src/stores/delivery-marks-table.ts';
import { agree, call, wait } from './parity.ts';
import { suiteOverRedis } from './testing.ts';

const id = fc.constantFrom('evt_1', 'evt_2', 'ü:🜁');
const steps = fc.oneof(
  { weight: 2, arbitrary: call('mark', fc.record({ id, ttlMs: fc.integer({ min: 1, max: 60 }) })) },
  wait,
);

await suiteOverRedis('delivery marks in Redis', (lane) => {
  it('agree with their table', async () => {
    await agree({ table: deliveryMarksTable, store: redisDeliveryMarks, steps }, lane);
  });

  it('call one of many deliveries at once the first', async () => {
    const { mark } = redisDeliveryMarks({ redis: lane.redis, keyPrefix: lane.keyPrefix() });
    const request = { id: 'evt', ttlMs: 60_000 };
    const answers = await Promise.all(Array.from({ length: 50 }, () => mark(request)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('end by themselves, by the command that sets them', async () => {
    const keyPrefix = lane.keyPrefix();
    const key = `{${keyPrefix}:marks}:m:evt`;
    await redisDeliveryMarks({ redis: lane.redis, keyPrefix }).mark({ id: 'evt', ttlMs: 60_000 });
    const ttlMs = await lane.redis.pttl(key);
    expect(ttlMs).toBeGreaterThan(30_000);
    expect(ttlMs).toBeLessThanOrEqual(60_000);
    expect(Number(await lane.redis.get(key))).toBe(await lane.redis.pexpiretime(key));
  });
});
