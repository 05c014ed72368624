// Convinces by the table: generated commits of units that repeat, overlap and contradict one another, and deliveries of their
// events, go to the table and to a real server under the same clock, and every answer has to be the same.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redisLedgerStore } from '../../../src/redis.ts';
import { ledgerTable } from '../../../src/stores/ledger-table.ts';
import { agree, call, wait } from './parity.ts';
import { suiteOverRedis } from './testing.ts';

const ms = fc.integer({ min: 1, max: 40 });
const oftenTheSame = fc.constantFrom('f', 'f', 'f', 'f', 'f', 'g');
const amount = fc.oneof(
  fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER),
);
const posting = fc.record({
  account: fc.constantFrom('cash', 'cash-2', 'fees', '\uffff', '\u{1f701}'),
  amountMinor: amount,
  currency: fc.constantFrom('EUR', 'USD'),
});
const payment = fc.record({ merchantReference: fc.constantFrom('m1', 'm2'), gatewayId: fc.constant('pi') });
const entry = fc.record(
  {
    key: fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5'),
    fingerprint: oftenTheSame,
    kind: fc.constant('capture'),
    payment,
    operation: fc.string({ unit: 'binary' }),
    occurredAtMs: fc.nat(),
    postings: fc.array(posting, { maxLength: 3 }),
  },
  { requiredKeys: ['key', 'fingerprint', 'kind', 'occurredAtMs', 'postings'] },
);
const id = fc.constantFrom('v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7');
// An event is always about the same aggregate, whose name its own number leads to.
const event = fc
  .record({ id, fingerprint: oftenTheSame, payload: fc.string({ unit: 'binary' }) })
  .map((drawn) => ({
    ...drawn,
    type: 'captured',
    aggregate: `m${Number(drawn.id.slice(1)) % 3}`,
  }));
const unit = fc.record({
  effect: fc.constantFrom('e1', 'e2', 'e3', 'e4', 'e5', 'e6'),
  entries: fc.array(entry, { maxLength: 2 }),
  events: fc.array(event, { maxLength: 3 }),
});
const outcome = fc.oneof(
  fc.constant({ kind: 'delivered' }),
  fc.record({ kind: fc.constant('failed'), delayMs: fc.nat(40) }),
  fc.record({ kind: fc.constant('dead'), reason: fc.constant('no_route') }),
);

const steps = fc.oneof(
  { weight: 3, arbitrary: call('commit', fc.array(unit, { maxLength: 3 })) },
  { weight: 2, arbitrary: wait },
  call('entries', fc.record({ after: fc.nat(4), limit: fc.nat(4) })),
  call('totals', fc.record({ merchantReference: fc.constantFrom('m1', 'm2', 'm3') }, { requiredKeys: [] })),
  { weight: 4, arbitrary: call('claim', fc.record({ limit: fc.nat(3), leaseMs: ms })) },
  { weight: 5, arbitrary: call('settle', fc.record({ id, token: fc.integer({ min: 1, max: 4 }), outcome })) },
  call('deadLetters', fc.record({ limit: fc.nat(3) })),
  call('requeue', id),
  call('prune', fc.record({ olderThanMs: fc.nat(40), limit: fc.nat(3) })),
);

await suiteOverRedis("ledger's store in Redis", (lane) => {
  it('agrees with its table', async () => {
    await agree({ table: ledgerTable, store: redisLedgerStore, steps }, lane);
  });

  it('sums beyond what the server can count', async () => {
    const { commit, totals } = redisLedgerStore({ redis: lane.redis, keyPrefix: lane.keyPrefix() });
    const amountMinor = Number.MAX_SAFE_INTEGER;
    const postings = Array.from({ length: 100 }, () => ({ account: 'cash', amountMinor, currency: 'JPY' }));
    const units = Array.from({ length: 20 }, (_, at) => ({
      effect: `e${at}`,
      entries: [{ key: `k${at}`, fingerprint: 'f', kind: 'capture', occurredAtMs: 0, postings }],
      events: [],
    }));
    await commit(units);
    const totalMinor = String(2_000n * BigInt(amountMinor));
    expect(await totals({})).toEqual([{ account: 'cash', currency: 'JPY', totalMinor }]);
  });

  it('hands each event to one of many who ask at once, and gives nothing a TTL', async () => {
    const keyPrefix = lane.keyPrefix();
    const { commit, claim } = redisLedgerStore({ redis: lane.redis, keyPrefix });
    const events = Array.from({ length: 30 }, (_, at) => {
      return { id: `v${at}`, type: 't', aggregate: `a${at}`, payload: '{}', fingerprint: 'f' };
    });
    await commit([{ effect: 'e', entries: [], events }]);
    const claims = await Promise.all(Array.from({ length: 10 }, () => claim({ limit: 5, leaseMs: 60_000 })));
    const ids = claims.flat().map(({ event: { id: claimedId } }) => claimedId);
    expect(ids).toHaveLength(30);
    expect(new Set(ids).size).toBe(30);
    const keys = await lane.redis.keys(`{${keyPrefix}:*`);
    expect(await Promise.all(keys.map((key) => lane.redis.pttl(key)))).toEqual(keys.map(() => -1));
  });
});
