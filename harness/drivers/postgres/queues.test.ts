// Convinces by queues that grew long behind the back of the planner, as after an outage: its plans were made, and its statistics are, of
// when they were empty. A claim then takes as long as ever, or the server would stop it for good.

import { expect, test } from 'vitest';
import { postgresInboxStore, postgresLedgerStore } from '../../../src/postgres.ts';
import { postgresLane } from './testing.ts';

const server = await postgresLane();

server.suite('long queues in Postgres', () => {
  test('are claimed from without looking at all of them', async () => {
    // One connection, which keeps its plans. The bound is far above what is needed, and far below what a look at everything takes.
    const { pool, schema } = await server.fresh({ max: 1, statement_timeout: 2_000 });
    await pool.query(`ALTER TABLE ${schema}.inbox_events SET (autovacuum_enabled = off)`);
    await pool.query(`ALTER TABLE ${schema}.outbox_events SET (autovacuum_enabled = off)`);
    const inbox = postgresInboxStore({ pool, schema });
    const outbox = postgresLedgerStore({ pool, schema });
    const lease = { leaseMs: 600_000 };
    for (let n = 0; n < 8; n++) {
      expect(await inbox.claim({ attemptId: 'x', ...lease })).toBeNull();
      expect(await outbox.claim({ limit: 100, ...lease })).toEqual([]);
    }
    await pool.query(`INSERT INTO ${schema}.inbox_events (id, object, event, received_at_ms, due_at_ms)
      SELECT n, n % 500, '{}', 1, 1 FROM generate_series(1, 10000) n`);
    await pool.query(`INSERT INTO ${schema}.outbox_events (id, type, aggregate, payload, fingerprint)
      SELECT n, 't', n % 5000, '{}', 'f' FROM generate_series(1, 10000) n`);
    for (let n = 0; n < 20; n++) {
      expect(await inbox.claim({ attemptId: `${n}`, ...lease })).toMatchObject({
        record: { id: `${n + 1}` },
      });
      expect(await outbox.claim({ limit: 100, ...lease })).toHaveLength(100);
    }
  });
});
