// Convinces against a real server: every generated sequence of calls is answered as the table answers it, and of many verdicts that
// are kept at once one stands for all of them.

import { array, constantFrom, integer, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { FraudVerdict } from '../../../src/fraud/verdict-log.ts';
import { postgresVerdictLog } from '../../../src/stores/postgres/verdict-log.ts';
import { verdictTable } from '../../../src/stores/verdict-table.ts';
import { agree } from './parity.ts';
import { postgresLane } from './testing.ts';

const server = await postgresLane();

const ms = constantFrom(0, 5, 10, 0.5);
const attemptId = constantFrom('a', 'b\u0000');
const evaluationId = constantFrom('1', '2', '3\ud800');
const verdict = record(
  {
    attemptId,
    evaluationId,
    decision: constantFrom('APPROVE', 'BLOCK'),
    score: constantFrom(0, 0.1),
    answers: array(
      record({ rule: constantFrom('r'), decision: constantFrom('APPROVE'), reason: constantFrom('\u0000') }),
      { maxLength: 1 },
    ),
    atMs: ms,
    undecided: constantFrom(true),
    resumes: constantFrom('0'),
  },
  { requiredKeys: ['attemptId', 'evaluationId', 'decision', 'score', 'answers', 'atMs'] },
);
const method = (name: string) => ({ afterMs: ms, method: constantFrom(name) });
const calls = oneof(
  record({ ...method('keep'), argument: verdict }),
  record({ ...method('withdraw'), argument: record({ attemptId, evaluationId }) }),
  record({ ...method('read'), argument: attemptId }),
  record({
    ...method('prune'),
    argument: record({ olderThanMs: ms, limit: integer({ min: 0, max: 2 }) }),
  }),
);

server.suite('the log of verdicts in Postgres', () => {
  test('answers every sequence of calls as the table does', async () => {
    await agree({ table: verdictTable, store: postgresVerdictLog, calls, maxLength: 40 }, server);
  });

  test('lets one of many verdicts stand that are kept at once, and keeps all', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const log = postgresVerdictLog({ pool, schema });
    const approved = (n: number): FraudVerdict => ({
      attemptId: 'a',
      evaluationId: `${n}`,
      decision: 'APPROVE',
      score: n,
      answers: [],
      atMs: 0,
    });
    const standing = await Promise.all(Array.from({ length: 16 }, (_, n) => log.keep(approved(n))));
    const held = await log.read('a');
    expect(held.verdicts).toHaveLength(16);
    for (const one of standing) expect(one).toEqual(held.standing);
    await Promise.all(
      Array.from({ length: 16 }, (_, n) => log.withdraw({ attemptId: 'a', evaluationId: `${n}` })),
    );
    expect((await log.read('a')).standing).toBeNull();
  });
});
