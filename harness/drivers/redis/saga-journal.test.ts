// Convinces by the table: generated operations on sagas of three definitions, whose ids sort differently as bytes, go to the
// table and to a real server under the same clock, and every answer has to be the same.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redisSagaJournal } from '../../../src/redis.ts';
import { sagaTable } from '../../../src/stores/saga-table.ts';
import { agree, call, wait } from './parity.ts';
import { suiteOverRedis } from './testing.ts';

const ms = fc.integer({ min: 1, max: 60 });
const text = fc.string({ unit: 'binary', maxLength: 10 });
const saga = fc.constantFrom('checkout', 'checkout:1', 'refund');
const name = { saga, id: fc.constantFrom('1', '1:1', '\uffff', '\u{1f701}') };
const attemptId = fc.constantFrom('x', 'y', 'z');
const state = fc.constantFrom(
  'RUNNING',
  'COMPENSATING',
  'COMPLETED',
  'COMPLETED',
  'COMPENSATED',
  'FAILED_COMPENSATION',
);
const write = {
  ...name,
  token: fc.integer({ min: 1, max: 3 }),
  version: fc.integer({ min: 1, max: 3 }),
  state,
  progress: text,
};

const steps = fc.oneof(
  {
    weight: 3,
    arbitrary: call(
      'open',
      fc.record({
        ...name,
        attemptId,
        leaseMs: ms,
        fingerprint: fc.constantFrom('f', 'f', 'f', 'g'),
        progress: text,
      }),
    ),
  },
  { weight: 2, arbitrary: wait },
  call('claim', fc.record({ ...name, attemptId, leaseMs: ms, why: fc.constantFrom('recovery', 'repair') })),
  call('save', fc.record({ ...write, leaseMs: ms })),
  {
    weight: 2,
    arbitrary: call(
      'leave',
      fc.record(
        { ...write, dueInMs: fc.nat(60) },
        { requiredKeys: ['saga', 'id', 'token', 'version', 'state', 'progress'] },
      ),
    ),
  },
  call('renew', fc.record({ ...name, token: write.token, leaseMs: ms })),
  call('read', fc.record(name)),
  call(
    'list',
    fc.record({
      sagas: fc.array(saga, { maxLength: 3 }),
      queue: fc.constantFrom('recovery', 'repair'),
      limit: fc.nat(6),
    }),
  ),
  call('prune', fc.record({ saga, olderThanMs: fc.nat(60), limit: fc.nat(3) })),
);

await suiteOverRedis('saga journal in Redis', (lane) => {
  it('agrees with its table', async () => {
    await agree({ table: sagaTable, store: redisSagaJournal, steps }, lane);
  });

  it('leaves nothing of a saga that it forgot', async () => {
    const keyPrefix = lane.keyPrefix();
    const journal = redisSagaJournal({ redis: lane.redis, keyPrefix });
    const begun = { saga: 's', id: '1', fingerprint: 'f', progress: '{}' };
    await journal.open({ ...begun, attemptId: 'a', leaseMs: 60_000 });
    await journal.leave({ ...begun, token: 1, version: 1, state: 'COMPLETED' });
    const kept = await lane.redis.keys(`{${keyPrefix}:*`);
    expect(await Promise.all(kept.map((key) => lane.redis.pttl(key)))).toEqual(kept.map(() => -1));
    expect(await journal.prune({ saga: 's', olderThanMs: 0, limit: 1 })).toBe(1);
    expect(await lane.redis.keys(`{${keyPrefix}:*`)).toEqual([`{${keyPrefix}:saga}:seq`]);
  });
});
