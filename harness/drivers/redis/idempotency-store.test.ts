// Convinces by the table: generated operations of several owners, with time that jumps, are given to the table and to a real
// server under the same clock, and every answer has to be the same. What the table cannot say (which keys are left on the
// server, what a call costs, what two processes do at once) is looked up there.

import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { CardDeclinedError } from '../../../src/errors/payment-error.ts';
import { serialiseError } from '../../../src/errors/serialise.ts';
import { type RedisClient, redisIdempotencyStore } from '../../../src/redis.ts';
import { idempotencyTable } from '../../../src/stores/idempotency-table.ts';
import { agree, call, wait } from './parity.ts';
import { suiteOverRedis } from './testing.ts';

const failure = serialiseError(new CardDeclinedError('declined', { declineCode: 'do_not_honor' }));
const key = fc.constantFrom('shop/a', 'shop/b', 'ü:🜁');
const ms = fc.integer({ min: 1, max: 60 });
const owned = { key, token: fc.integer({ min: 0, max: 6 }) };
const text = fc.string({ unit: 'binary', maxLength: 20 });

const claim = call(
  'claim',
  fc.record({
    key,
    fingerprint: fc.constantFrom('f', 'f', 'f', 'g'),
    request: text,
    attemptId: fc.constantFrom('x', 'y', 'z'),
    leaseMs: ms,
  }),
);
const suspension = fc.record(
  {
    ...owned,
    state: fc.constantFrom('UNKNOWN', 'PENDING'),
    sent: fc.boolean(),
    sealed: fc.boolean(),
    gatewayId: fc.constantFrom('', 'pi_1'),
  },
  { requiredKeys: ['key', 'token', 'state', 'sent', 'sealed'] },
);
const steps = fc.oneof(
  { weight: 4, arbitrary: claim },
  { weight: 2, arbitrary: wait },
  call('complete', fc.record({ ...owned, result: text, ttlMs: ms })),
  call('fail', fc.record({ ...owned, failure: fc.constant(failure), ttlMs: ms })),
  call('release', fc.record(owned)),
  call('renew', fc.record({ ...owned, leaseMs: ms })),
  call('suspend', suspension),
  call('advance', fc.record(owned)),
  call('read', key),
  call('list', fc.record({ limit: fc.nat(4) })),
);

await suiteOverRedis('idempotency store in Redis', (lane) => {
  const store = (client: RedisClient = lane.redis, keyPrefix = lane.keyPrefix()) =>
    redisIdempotencyStore({ redis: client, keyPrefix });
  const asked = { key: 'k', fingerprint: 'f', request: '{}', leaseMs: 60_000 };

  it('agrees with its table', async () => {
    await agree({ table: idempotencyTable, store: redisIdempotencyStore, steps }, lane);
  });

  it('gives a slot to one of many who ask at once', async () => {
    const { claim: ask } = store();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => ask({ ...asked, attemptId: `a${index}` })),
    );
    expect(answers.filter(({ owned: mine }) => mine)).toHaveLength(1);
    expect(new Set(answers.map(({ record }) => record.attemptId)).size).toBe(1);
  });

  it('takes the time from the server', async () => {
    const before = await serverMs(lane.redis);
    const { nowMs, record } = await store().claim({ ...asked, attemptId: 'a' });
    expect(nowMs).toBeGreaterThanOrEqual(before);
    expect(nowMs).toBeLessThanOrEqual(await serverMs(lane.redis));
    expect(record.leaseUntilMs).toBe(nowMs + 60_000);
  });

  it('keeps every record for ever, because its counters outlive it', async () => {
    const keyPrefix = lane.keyPrefix();
    const { claim: ask, complete } = store(lane.redis, keyPrefix);
    await ask({ ...asked, attemptId: 'a' });
    await complete({ key: 'k', token: 1, result: '{}', ttlMs: 1 });
    const keys = await lane.redis.keys(`{${keyPrefix}:*`);
    expect(keys).toContain(`{${keyPrefix}:idempotency}:r:k`);
    const ttls = await Promise.all(keys.map((name) => lane.redis.pttl(name)));
    expect(ttls).toEqual(keys.map(() => -1));
  });

  it('shares nothing with a store of another prefix, however alike', async () => {
    const root = lane.keyPrefix();
    const prefixes = [root, `${root}:`, `${root}:idempotency`, `${root}:idempotency:r`];
    const keys = ['k', ':k', 'r:k', ':r:k', 'idempotency}:r:k'];
    for (const keyPrefix of prefixes) {
      for (const name of keys) {
        const { record } = await store(lane.redis, keyPrefix).claim({ ...asked, key: name, attemptId: 'a' });
        expect(record.token, `${keyPrefix} ${name}`).toBe(1);
      }
    }
  });
});

async function serverMs(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
