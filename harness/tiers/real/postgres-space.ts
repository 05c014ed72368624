// Room in a Postgres for one case after the other: one schema, which is emptied in between. Making another takes ten times as
// long, as every table, index and function would be made anew.

import process from 'node:process';
import { connectPostgres, migratePostgres } from '../../../src/postgres.ts';
import { patiently } from './patience.ts';
import { postgresDrivers } from './postgres-drivers.ts';
import type { Spaces } from './spaces.ts';

const patient = {
  max: 4,
  connectionTimeoutMillis: 20_000,
  query_timeout: 20_000,
  statement_timeout: 20_000,
  lock_timeout: 20_000,
  // Books are read, and emptied for the next case; nothing that is lost here is missed.
  options: '-c synchronous_commit=off',
};

/** Spaces in the Postgres at `url`. @throws as `connectPostgres` and `migratePostgres` do. */
export async function openPostgresSpaces(
  url: string,
  prepare: (schema: string) => Promise<void>,
): Promise<Spaces> {
  const pool = await connectPostgres(url, patient);
  const schema = `paystorm_${process.pid}`;
  await migratePostgres({ pool, schema });
  await prepare(schema);
  const { rows } = await pool.query<{ readonly name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = '${schema}' AND tablename <> 'migrations' ORDER BY 1`,
  );
  const tables = rows.map(({ name }) => `${schema}.${name}`);
  // In one statement, at whose end it is asked whether anything refers to what is gone.
  const deletions = tables.map((table, index) => `gone${index} AS (DELETE FROM ${table})`);
  const reset = [`WITH ${deletions.join(', ')} SELECT 1`];
  for (const table of tables) {
    const found = await pool.query<{ readonly row: string }>(
      `SELECT row_to_json(t)::text AS row FROM ${table} t`,
    );
    for (const { row } of found.rows) reset.push(restored(table, row));
  }
  const emptied = reset.join(';');
  return {
    async next(nowMs) {
      await patiently(() => pool.query(emptied));
      return { space: schema, drivers: postgresDrivers({ pool, schema, nowMs }) };
    },
    async close() {
      try {
        await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      } finally {
        await pool.end();
      }
    },
  };
}

/** A row that the migrations have put there, such as a counter at its beginning. */
function restored(table: string, row: string): string {
  return `INSERT INTO ${table} SELECT * FROM json_populate_record(NULL::${table}, '${row.replaceAll("'", "''")}')`;
}
