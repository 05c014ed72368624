// What the tests of the drivers in Postgres need of the server that every suite finds: pools that give a busy machine time, and schemas of
// their own.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { afterAll } from 'vitest';
import {
  connectPostgres,
  migratePostgres,
  type PostgresConnectOptions,
  type PostgresQueryable,
} from '../../../src/postgres.ts';
import { openTestPostgres, type TestPostgres } from '../../backends/testing.ts';

/** A server that tests may do anything to, in schemas of their own. */
export interface PostgresLane extends TestPostgres {
  /** A pool that is ended after the file's tests; at the server's URL or another one of it. */
  connect(options?: PostgresConnectOptions, otherUrl?: string): Promise<Pool>;
  /** A pool with a schema of its own that no other test knows, migrated. */
  fresh(options?: PostgresConnectOptions): Promise<{ readonly pool: Pool; readonly schema: string }>;
  /** Resolves when `count` statements about one schema wait for a lock. */
  waiting(asked: { readonly pool: Pool; readonly schema: string; readonly count?: number }): Promise<void>;
}

/** A pool that counts what is sent through it. */
export function countedPool(pool: PostgresQueryable): PostgresQueryable & { count(): number } {
  let count = 0;
  return {
    query(query) {
      count += 1;
      return pool.query(query);
    },
    count: () => count,
  };
}

/** The server for the tests of one file. */
export async function postgresLane(): Promise<PostgresLane> {
  const postgres = await openTestPostgres();
  const pools: Pool[] = [];
  const schemas: string[] = [];
  afterAll(async () => {
    for (const schema of schemas) await pools[0]?.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    // A pool waits for what a failed test still holds.
    await Promise.race([Promise.all(pools.map((pool) => pool.end())), sleep(2_000)]);
  });
  const connect: PostgresLane['connect'] = async (options, otherUrl = postgres.url) => {
    const pool = await connectPostgres(otherUrl, { ...patience, ...options });
    pools.push(pool);
    return pool;
  };
  const schema = (): string => {
    const name = postgres.schema();
    schemas.push(name);
    return name;
  };
  return {
    ...postgres,
    schema,
    connect,
    async fresh(options) {
      const made = { pool: await connect(options), schema: schema() };
      await migratePostgres(made);
      return made;
    },
    async waiting({ pool, schema: waited, count = 1 }) {
      const text = `SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query LIKE $1`;
      for (;;) {
        const { rows } = await pool.query({ text, values: [`%${waited}.%`] });
        if (rows[0]?.waiting >= count) return;
        await sleep(2);
      }
    },
  };
}

/** A machine that runs other things as well must not fail a test that is about something else. */
const patience = {
  connectionTimeoutMillis: 10_000,
  query_timeout: 10_000,
  statement_timeout: 9_000,
  lock_timeout: 9_000,
} satisfies PostgresConnectOptions;
