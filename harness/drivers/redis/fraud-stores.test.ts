// Convinces by the tables: generated reservations, confirmations and releases of few payments, and verdicts that are kept and
// withdrawn in any order, go to the tables and to a real server under the same clock, and every answer has to be the same.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redisVelocityStore, redisVerdictLog } from '../../../src/redis.ts';
import { velocityTable } from '../../../src/stores/velocity-table.ts';
import { verdictTable } from '../../../src/stores/verdict-table.ts';
import { agree, call, wait } from './parity.ts';
import { suiteOverRedis } from './testing.ts';

const ms = fc.integer({ min: 1, max: 60 });
const payment = { key: fc.constantFrom('card', 'ü:🜁'), attemptId: fc.constantFrom('p1', 'p2', 'p3') };
const evaluationId = fc.constantFrom('e1', 'e2', 'e3');
// No sum of three of them is beyond what a double can hold, and with it the table.
const amount = fc.oneof(fc.nat(10), fc.nat(10), fc.constant(2 ** 51 + 1));
const cap = fc.oneof(fc.nat(25), fc.constant(Number.MAX_SAFE_INTEGER));
const counting = fc.oneof(
  { weight: 2, arbitrary: wait },
  {
    weight: 3,
    arbitrary: call(
      'reserve',
      fc.record({ ...payment, evaluationId, amount, cap, windowMs: ms, holdMs: fc.nat(20) }),
    ),
  },
  call('confirm', fc.record({ ...payment, amount: fc.nat(10), windowMs: ms })),
  call(
    'release',
    fc.record({ ...payment, evaluationId, windowMs: ms }, { requiredKeys: ['key', 'attemptId', 'windowMs'] }),
  ),
);

const attemptId = fc.constantFrom('p1', 'p2', 'p3');
const verdict = fc.record(
  {
    attemptId,
    evaluationId,
    decision: fc.constantFrom('APPROVE', 'REVIEW', 'BLOCK'),
    score: fc.nat(100),
    answers: fc.array(fc.record({ rule: fc.string({ unit: 'binary' }), score: fc.nat(9) }), { maxLength: 2 }),
    atMs: fc.nat(),
    undecided: fc.constant(true),
    resumes: evaluationId,
  },
  { requiredKeys: ['attemptId', 'evaluationId', 'decision', 'score', 'answers', 'atMs'] },
);
const judging = fc.oneof(
  wait,
  { weight: 3, arbitrary: call('keep', verdict) },
  { weight: 2, arbitrary: call('withdraw', fc.record({ attemptId, evaluationId })) },
  call('read', attemptId),
  call('prune', fc.record({ olderThanMs: fc.nat(60), limit: fc.nat(3) })),
);

await suiteOverRedis('stores of the fraud check in Redis', (lane) => {
  const request = { key: 'card', evaluationId: 'e', amount: 1, cap: 3, windowMs: 60_000, holdMs: 0 };

  it('count as their table does', async () => {
    await agree({ table: velocityTable, store: redisVelocityStore, steps: counting }, lane, 120);
  });

  it('remember verdicts as their table does', async () => {
    await agree({ table: verdictTable, store: redisVerdictLog, steps: judging }, lane);
  });

  it('admit no more at once than the cap', async () => {
    const { reserve } = redisVelocityStore({ redis: lane.redis, keyPrefix: lane.keyPrefix() });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => reserve({ ...request, attemptId: `p${at}` })),
    );
    expect(answers.filter(({ admitted }) => admitted)).toHaveLength(3);
  });

  it('count exactly again after a sum that no double can hold', async () => {
    let now = 0;
    const options = { redis: lane.redis, keyPrefix: lane.keyPrefix(), nowMs: () => now };
    const { reserve, confirm } = redisVelocityStore(options);
    const confirmed = { key: 'card', amount: Number.MAX_SAFE_INTEGER, windowMs: 10 };
    await confirm({ ...confirmed, attemptId: 'p1' });
    await confirm({ ...confirmed, attemptId: 'p2', amount: 2, windowMs: 20 });
    now = 10;
    const asked = { ...request, attemptId: 'p3', cap: 100 };
    expect(await reserve(asked)).toEqual({ admitted: true, used: 3 });
  });

  it('leave the server when the last payment is forgotten, and not before', async () => {
    const keyPrefix = lane.keyPrefix();
    const { reserve, confirm } = redisVelocityStore({ redis: lane.redis, keyPrefix });
    await reserve({ ...request, attemptId: 'long' });
    await confirm({ key: 'card', attemptId: 'short', amount: 1, windowMs: 1_000 });
    const keys = await lane.redis.keys(`{${keyPrefix}:*`);
    expect(keys).toHaveLength(3);
    const ends = await Promise.all(keys.map((key) => lane.redis.pexpiretime(key)));
    const [, last] = await lane.redis.zrevrange(`{${keyPrefix}:velocity}:u:card`, 0, 0, 'WITHSCORES');
    expect(ends).toEqual(keys.map(() => Number(last)));
  });

  it('keep verdicts for ever, until they are pruned', async () => {
    const keyPrefix = lane.keyPrefix();
    const log = redisVerdictLog({ redis: lane.redis, keyPrefix });
    const kept = { decision: 'APPROVE', score: 0, answers: [], atMs: 0 } as const;
    await log.keep({ attemptId: 'p', evaluationId: 'e', ...kept });
    const keys = await lane.redis.keys(`{${keyPrefix}:*`);
    expect(await Promise.all(keys.map((key) => lane.redis.pttl(key)))).toEqual(keys.map(() => -1));
    expect(await log.prune({ olderThanMs: 0, limit: 1 })).toBe(1);
    expect(await lane.redis.keys(`{${keyPrefix}:*`)).toEqual([`{${keyPrefix}:verdicts}:seq`]);
  });
});
