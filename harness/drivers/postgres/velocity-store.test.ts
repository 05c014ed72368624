// Convinces against a real server: every generated sequence of calls is answered as the table answers it, and many who reserve at once
// are never admitted beyond the cap.

import { constantFrom, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import { postgresVelocityStore } from '../../../src/stores/postgres/velocity-store.ts';
import { velocityTable } from '../../../src/stores/velocity-table.ts';
import { agree } from './parity.ts';
import { postgresLane } from './testing.ts';

const server = await postgresLane();

const ms = constantFrom(0, 5, 10, 0.5);
const subject = { key: constantFrom('k', 'l\u0000'), attemptId: constantFrom('a', 'b', 'c') };
const evaluationId = constantFrom('1', '2', '3\ud800');
const amount = constantFrom(0, 1, 2, Number.MAX_SAFE_INTEGER);
const calls = oneof(
  {
    weight: 2,
    arbitrary: call('reserve', {
      ...subject,
      evaluationId,
      amount,
      cap: constantFrom(2, 3, Number.MAX_SAFE_INTEGER),
      windowMs: ms,
      holdMs: ms,
    }),
  },
  call('confirm', { ...subject, amount, windowMs: ms }),
  call('release', { ...subject, windowMs: ms }),
  call('release', { ...subject, evaluationId, windowMs: ms }),
);

function call(method: string, members: Parameters<typeof record>[0]) {
  return record({ afterMs: ms, method: constantFrom(method), argument: record(members) });
}

server.suite('the velocity store in Postgres', () => {
  test('answers every sequence of calls as the table does', async () => {
    await agree({ table: velocityTable, store: postgresVelocityStore, calls, maxLength: 50 }, server);
  });

  test('admits of many at once as many as the cap allows', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const store = postgresVelocityStore({ pool, schema });
    const times = { windowMs: 60_000, holdMs: 60_000 };
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, n) =>
          store.reserve({
            key: `${round}`,
            attemptId: `${n}`,
            evaluationId: `${n}`,
            amount: 2,
            cap: 11,
            ...times,
          }),
        ),
      );
      expect(answers.filter(({ admitted }) => admitted)).toHaveLength(5);
      for (const { used } of answers) expect(used).toBeLessThanOrEqual(10);
    }
  });

  test('keeps no rows of subjects that nobody asks about again', async () => {
    const { pool, schema } = await server.fresh();
    let nowMs = 0;
    const store = postgresVelocityStore({ pool, schema, nowMs: () => nowMs });
    const times = { windowMs: 5, holdMs: 5, amount: 1, cap: 1, evaluationId: 'e' };
    for (; nowMs < 100; nowMs++) await store.reserve({ key: `${nowMs}`, attemptId: 'a', ...times });
    const { rows } = await pool.query(`SELECT count(*)::int AS kept FROM ${schema}.velocity_entries`);
    expect(rows[0]?.kept).toBe(10);
  });
});
