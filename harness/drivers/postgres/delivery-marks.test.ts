// Convinces against a real server: marks are answered as the table answers them, one of many at once is the first, and marks whose time is
// over go.

import { constantFrom, record } from 'fast-check';
import { expect, test } from 'vitest';
import { deliveryMarksTable } from '../../../src/stores/delivery-marks-table.ts';
import { postgresDeliveryMarks } from '../../../src/stores/postgres/delivery-marks.ts';
import { agree } from './parity.ts';
import { postgresLane } from './testing.ts';

const server = await postgresLane();

const ms = constantFrom(0, 5, 10, 0.5);
const mark = record({
  afterMs: ms,
  method: constantFrom('mark'),
  argument: record({ id: constantFrom('1', '2', '3\u0000'), ttlMs: ms }),
});

server.suite('delivery marks in Postgres', () => {
  test('are answered as the table answers them', async () => {
    await agree(
      { table: deliveryMarksTable, store: postgresDeliveryMarks, calls: mark, maxLength: 30 },
      server,
    );
  });

  test('are made once of many at once, each time anew when their time is over', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    let nowMs = 0;
    const marks = postgresDeliveryMarks({ pool, schema, nowMs: () => nowMs });
    for (; nowMs < 200; nowMs += 10) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => marks.mark({ id: 'one', ttlMs: 10 })),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
    }
  });

  test('do not stay when their time is over', async () => {
    const { pool, schema } = await server.fresh();
    let nowMs = 0;
    const marks = postgresDeliveryMarks({ pool, schema, nowMs: () => nowMs });
    for (; nowMs < 50; nowMs++) await marks.mark({ id: `${nowMs}`, ttlMs: 10 });
    const { rows } = await pool.query(`SELECT count(*)::int AS kept FROM ${schema}.delivery_marks`);
    expect(rows[0]?.kept).toBe(10);
  });
});
