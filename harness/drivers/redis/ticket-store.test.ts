// Convinces by the table: generated takes and endings of tickets whose ids sort differently as bytes go to the table and to a
// real server under the same clock, and every answer has to be the same.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redisTicketStore } from '../../../src/redis.ts';
import { ticketTable } from '../../../src/stores/ticket-table.ts';
import { agree, call, wait } from './parity.ts';
import { suiteOverRedis } from './testing.ts';

const id = fc.constantFrom('1', '2', '\uffff', '\u{1f701}');
const steps = fc.oneof(
  { weight: 2, arbitrary: wait },
  {
    weight: 3,
    arbitrary: call(
      'take',
      fc.record({
        id,
        type: fc.constantFrom('FEE', 'ü'),
        attemptId: fc.constantFrom('x', 'y'),
        leaseMs: fc.integer({ min: 1, max: 40 }),
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: call(
      'leave',
      fc.record({
        id,
        token: fc.integer({ min: 1, max: 3 }),
        state: fc.constantFrom('RETRY', 'OPEN', 'OPEN', 'CLOSED'),
      }),
    ),
  },
  call('close', id),
  call('listOpen', fc.record({ limit: fc.nat(4) })),
  call('prune', fc.record({ olderThanMs: fc.nat(60), limit: fc.nat(3) })),
);

await suiteOverRedis('ticket store in Redis', (lane) => {
  it('agrees with its table', async () => {
    await agree({ table: ticketTable, store: redisTicketStore, steps }, lane);
  });

  it('orders what happened within a millisecond: open ones by id as JavaScript does, closed ones as they were closed', async () => {
    const nowMs = () => 0;
    const { take, leave, close, listOpen, prune } = redisTicketStore({
      redis: lane.redis,
      keyPrefix: lane.keyPrefix(),
      nowMs,
    });
    for (const id of ['\uffff', '\u{1f701}']) {
      await take({ id, type: 'FEE', attemptId: 'a', leaseMs: 1 });
      await leave({ id, token: 1, state: 'OPEN' });
    }
    const first = async () => (await listOpen({ limit: 1 })).map(({ id }) => id);
    expect(await first()).toEqual(['\u{1f701}']);
    await close('\uffff');
    await close('\u{1f701}');
    expect(await prune({ olderThanMs: 0, limit: 1 })).toBe(1);
    const asked = { type: 'FEE', attemptId: 'b', leaseMs: 1 };
    expect(await take({ id: '\u{1f701}', ...asked })).toMatchObject({ taken: false });
    expect(await take({ id: '\uffff', ...asked })).toMatchObject({ taken: true });
  });

  it('leaves nothing of a ticket that it forgot, and gives nothing a TTL', async () => {
    const keyPrefix = lane.keyPrefix();
    const store = redisTicketStore({ redis: lane.redis, keyPrefix });
    await store.take({ id: '1', type: 'FEE', attemptId: 'a', leaseMs: 1_000 });
    await store.leave({ id: '1', token: 1, state: 'CLOSED' });
    const keys = await lane.redis.keys(`{${keyPrefix}:*`);
    expect(await Promise.all(keys.map((key) => lane.redis.pttl(key)))).toEqual(keys.map(() => -1));
    expect(await store.prune({ olderThanMs: 0, limit: 1 })).toBe(1);
    expect(await lane.redis.keys(`{${keyPrefix}:*`)).toEqual([`{${keyPrefix}:tickets}:seq`]);
  });
});
