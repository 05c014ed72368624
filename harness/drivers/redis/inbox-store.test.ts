// Convinces by the table: generated arrivals, claims and endings of events about few objects go to the table and to a real
// server under the same clock, and every answer has to be the same. What is left on the server is looked up there.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redisInboxStore } from '../../../src/redis.ts';
import { inboxTable } from '../../../src/stores/inbox-table.ts';
import type { InboxStore } from '../../../src/webhooks/inbox-store.ts';
import { agree, call, wait } from './parity.ts';
import { suiteOverRedis } from './testing.ts';

const ms = fc.integer({ min: 1, max: 40 });
const id = fc.constantFrom('evt_1', 'evt_2', 'ü:🜁');
const claim = { attemptId: fc.constantFrom('x', 'y', 'z'), leaseMs: ms };
const held = { id, token: fc.constantFrom(1, 1, 2, 2, 3, 3, 4, 5, 8) };
const failure = fc.record({
  code: fc.constantFrom('error', 'parked'),
  message: fc.string({ unit: 'binary' }),
});
const effect = fc.record({ key: fc.constantFrom('e1', 'e2', 'e3'), payload: fc.string({ unit: 'binary' }) });
const move = fc.record({
  to: fc.record(
    { status: fc.constantFrom('paid', 'refunded'), version: fc.nat(3) },
    { requiredKeys: ['status'] },
  ),
  afterRevision: fc.nat(2),
});
const arrival = {
  id,
  object: fc.constantFrom('pi_1', 'pi_2', 'ü'),
  event: fc.string({ unit: 'binary' }),
};

const steps = fc.oneof(
  {
    weight: 3,
    arbitrary: call(
      'receive',
      fc.record({ ...arrival, claim: fc.record(claim) }, { requiredKeys: ['id', 'object', 'event'] }),
    ),
  },
  { weight: 3, arbitrary: wait },
  { weight: 3, arbitrary: call('claim', fc.record(claim)) },
  call('claim', fc.record({ ...claim, id })),
  {
    weight: 3,
    arbitrary: call(
      'finish',
      fc.record(
        { ...held, effects: fc.array(effect, { maxLength: 3 }), move, dedupTtlMs: ms },
        { requiredKeys: ['id', 'token', 'effects', 'dedupTtlMs'] },
      ),
    ),
  },
  call('postpone', fc.record({ ...held, delayMs: fc.nat(40), parked: fc.boolean(), failure })),
  call('bury', fc.record({ ...held, failure })),
  call('revive', id),
  call(
    'list',
    fc.record({
      state: fc.constantFrom('READY', 'PARKED', 'CLAIMED', 'DONE', 'DEAD'),
      limit: fc.nat(4),
    }),
  ),
  call('effect', fc.constantFrom('e1', 'e2', 'e3')),
  call('prune', fc.record({ olderThanMs: fc.nat(40), limit: fc.nat(3) })),
);

await suiteOverRedis('inbox store in Redis', (lane) => {
  const arrivals = async ({ receive }: InboxStore, count: number, object: (at: number) => string) => {
    for (let at = 0; at < count; at += 1) await receive({ id: `evt_${at}`, object: object(at), event: '{}' });
  };

  it('agrees with its table', async () => {
    await agree({ table: inboxTable, store: redisInboxStore, steps }, lane);
  });

  it('gives each event to one of many who ask at once', async () => {
    const store = redisInboxStore({ redis: lane.redis, keyPrefix: lane.keyPrefix() });
    await arrivals(store, 20, String);
    const claims = await Promise.all(
      Array.from({ length: 40 }, (_, at) => store.claim({ attemptId: `a${at}`, leaseMs: 60_000 })),
    );
    const ids = claims.flatMap((found) => (found === null ? [] : [found.record.id]));
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
  });

  it('looks past the many events of an object that is held', async () => {
    const store = redisInboxStore({ redis: lane.redis, keyPrefix: lane.keyPrefix() });
    await arrivals(store, 70, (at) => (at === 69 ? 'other' : 'busy'));
    const leaseMs = 60_000;
    expect((await store.claim({ attemptId: 'a', leaseMs }))?.record.id).toBe('evt_0');
    expect((await store.claim({ attemptId: 'b', leaseMs }))?.record.id).toBe('evt_69');
    expect(await store.claim({ attemptId: 'c', leaseMs })).toBeNull();
  });

  it('forgets no event before its id is new again, however long ago it ended', async () => {
    let now = 0;
    const store = redisInboxStore({ redis: lane.redis, keyPrefix: lane.keyPrefix(), nowMs: () => now });
    for (const [id, dedupTtlMs] of [
      ['long', 100],
      ['short', 10],
    ] as const) {
      const { record } = await store.receive({
        id,
        object: id,
        event: '{}',
        claim: { attemptId: id, leaseMs: 1 },
      });
      await store.finish({ id, token: record.token, effects: [], dedupTtlMs });
    }
    now = 50;
    expect(await store.prune({ olderThanMs: 0, limit: 10 })).toBe(1);
    expect((await store.list({ state: 'DONE', limit: 10 })).map(({ id }) => id)).toEqual(['long']);
  });

  it('leaves of a forgotten event only where its object stands, and gives nothing a TTL', async () => {
    const keyPrefix = lane.keyPrefix();
    const base = `{${keyPrefix}:inbox}`;
    let now = 1;
    const store = redisInboxStore({ redis: lane.redis, keyPrefix, nowMs: () => now });
    const claimed = { attemptId: 'a', leaseMs: 1_000 };
    await store.receive({ id: 'evt', object: 'pi', event: '{}', claim: claimed });
    const effects = [{ key: 'e', payload: '{}' }];
    const to = { status: 'paid' };
    await store.finish({ id: 'evt', token: 1, effects, move: { to, afterRevision: 0 }, dedupTtlMs: 5 });
    const keys = await lane.redis.keys(`${base}*`);
    expect(await Promise.all(keys.map((key) => lane.redis.pttl(key)))).toEqual(keys.map(() => -1));
    now += 5;
    expect(await store.prune({ olderThanMs: 5, limit: 10 })).toBe(2);
    expect((await lane.redis.keys(`${base}*`)).sort()).toEqual([
      `${base}:p:pi`,
      `${base}:seq`,
      `${base}:token`,
    ]);
  });
});
