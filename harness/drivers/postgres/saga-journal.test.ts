// Convinces as the test of the idempotency store does: against a real server, every generated sequence of calls is answered as the
// table answers it, and of many who ask at once for what only one may have exactly one gets it.

import { constantFrom, integer, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import { postgresSagaJournal } from '../../../src/stores/postgres/saga-journal.ts';
import { sagaTable } from '../../../src/stores/saga-table.ts';
import { agree } from './parity.ts';
import { postgresLane } from './testing.ts';

const server = await postgresLane();

const saga = constantFrom('s', 't\u0000');
const id = constantFrom('1', '2');
const attemptId = constantFrom('x', 'y');
const ms = constantFrom(0, 5, 10, 0.5);
const written = {
  saga,
  id,
  token: integer({ min: 1, max: 3 }),
  version: integer({ min: 1, max: 3 }),
  state: constantFrom('RUNNING', 'COMPLETED', 'COMPENSATED', 'FAILED_COMPENSATION'),
  progress: constantFrom('{}', '{ "a": 1.0 }'),
};
const calls = oneof(
  call('open', {
    saga,
    id,
    attemptId,
    leaseMs: ms,
    fingerprint: constantFrom('f', 'g'),
    progress: constantFrom('[]'),
  }),
  call('claim', { saga, id, attemptId, leaseMs: ms, why: constantFrom('recovery', 'repair') }),
  call('save', { ...written, leaseMs: ms }),
  call('leave', written),
  call('leave', { ...written, dueInMs: ms }),
  call('renew', { saga, id, token: written.token, leaseMs: ms }),
  call('read', { saga, id }),
  call('list', {
    sagas: constantFrom(['s'], ['t\u0000', 's'], []),
    queue: constantFrom('recovery', 'repair'),
    limit: integer({ min: 0, max: 3 }),
  }),
  call('prune', { saga, olderThanMs: ms, limit: integer({ min: 0, max: 2 }) }),
);

function call(method: string, members: Parameters<typeof record>[0]) {
  return record({ afterMs: ms, method: constantFrom(method), argument: record(members) });
}

server.suite('the saga journal in Postgres', () => {
  const opening = { saga: 's', id: '1', leaseMs: 60_000, fingerprint: 'f', progress: '[]' };

  test('answers every sequence of calls as the table does', async () => {
    await agree({ table: sagaTable, store: postgresSagaJournal, calls, maxLength: 50 }, server);
  });

  test('is opened, and claimed for recovery, by exactly one of many at once', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const journal = postgresSagaJournal({ pool, schema });
    for (let round = 0; round < 20; round++) {
      const named = { ...opening, id: `${round}` };
      const opened = await atOnce((attemptId) => journal.open({ ...named, attemptId }));
      expect(opened.filter(({ owned }) => owned)).toHaveLength(1);
      await journal.leave({ ...named, token: 1, version: 1, state: 'RUNNING', dueInMs: 0 });
      const claimed = await atOnce((attemptId) => journal.claim({ ...named, attemptId, why: 'recovery' }));
      expect(claimed.filter(({ owned }) => owned)).toHaveLength(1);
      for (const { record: one } of claimed) expect(one).toMatchObject({ token: 2, version: 1 });
    }
  });

  test('applies a write that is repeated at once by many no more than once', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const journal = postgresSagaJournal({ pool, schema });
    await journal.open({ ...opening, attemptId: 'x' });
    const progress = (attemptId: string) =>
      journal.save({ ...opening, token: 1, version: 1, state: 'RUNNING', progress: attemptId });
    const answers = await atOnce(progress);
    const [first] = answers;
    for (const answer of answers) {
      expect(answer).toMatchObject({
        written: true,
        record: { version: 1, progress: first?.record?.progress },
      });
    }
  });
});

function atOnce<T>(ask: (attemptId: string) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: 16 }, (_, n) => ask(`attempt ${n}`)));
}
