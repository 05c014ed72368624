// Convinces by migrating a real server from every state in which it can be found: empty, done already, by two at once, from each
// older version with rows in it, and from a version of the future.

import { expect, test } from 'vitest';
import { StoreMisconfiguredError, ValidationError } from '../../../src/errors/payment-error.ts';
import { postgresIdempotencyStore } from '../../../src/stores/postgres/idempotency-store.ts';
import { checkSchema, migratePostgres } from '../../../src/stores/postgres/migrate.ts';
import { migrations } from '../../../src/stores/postgres/migrations.ts';
import { inSchema } from '../../../src/stores/postgres/schema-name.ts';
import { postgresLane } from './testing.ts';

const server = await postgresLane();

server.suite('migrations', () => {
  const newest = migrations.length;
  const claim = { key: 'k', fingerprint: 'f', request: '{}', attemptId: 'x', leaseMs: 60_000 };

  test('make the schema where there is nothing, and change nothing where it is', async () => {
    const pool = await server.connect();
    const schema = server.schema();
    await expect(checkSchema({ pool, schema })).rejects.toThrow(/version 0 .*run migratePostgres/s);
    expect(await migratePostgres({ pool, schema })).toBe(newest);
    const store = postgresIdempotencyStore({ pool, schema });
    const { record } = await store.claim(claim);
    expect(await migratePostgres({ pool, schema })).toBe(newest);
    await checkSchema({ pool, schema });
    expect(await store.read('k')).toEqual(record);
  });

  test('run at once by several leave one schema that is whole', async () => {
    const schema = server.schema();
    const pools = await Promise.all([1, 2, 3].map(() => server.connect()));
    const versions = await Promise.all([...pools, ...pools].map((pool) => migratePostgres({ pool, schema })));
    expect(versions).toEqual(Array(6).fill(newest));
    for (const pool of pools) await checkSchema({ pool, schema });
  });

  test('go on from every older version and keep what is there', async () => {
    const pool = await server.connect();
    for (let version = 1; version < newest; version++) {
      const schema = server.schema();
      await pool.query(`CREATE SCHEMA ${schema}`);
      await pool.query(`CREATE TABLE ${schema}.migrations (version int PRIMARY KEY, applied_at timestamptz NOT NULL
        DEFAULT clock_timestamp())`);
      for (const sql of migrations.slice(0, version)) await pool.query(inSchema(sql, schema));
      await pool.query(`INSERT INTO ${schema}.migrations (version) VALUES (${version})`);
      const store = postgresIdempotencyStore({ pool, schema });
      const { record } = await store.claim(claim);
      await expect(checkSchema({ pool, schema })).rejects.toThrow(
        new RegExp(`version ${version} and .*needs ${newest}; run migratePostgres`, 's'),
      );
      expect(await migratePostgres({ pool, schema })).toBe(newest);
      await checkSchema({ pool, schema });
      expect(await store.read('k')).toEqual(record);
    }
  });

  test('touch nothing of a newer version', async () => {
    const { pool, schema } = await server.fresh();
    await pool.query(`INSERT INTO ${schema}.migrations (version) VALUES (${newest + 1})`);
    for (const run of [migratePostgres, checkSchema]) {
      await expect(run({ pool, schema })).rejects.toThrow(StoreMisconfiguredError);
      await expect(run({ pool, schema })).rejects.toThrow(
        /version \d+, and this paystorm knows only .*update/s,
      );
    }
  });

  test('leave the version that was when one of them fails half-way', async () => {
    const pool = await server.connect();
    const schema = server.schema();
    // The second version wants to make this table.
    await pool.query(`CREATE SCHEMA ${schema}`);
    await pool.query(`CREATE TABLE ${schema}.sagas ()`);
    await expect(migratePostgres({ pool, schema })).rejects.toThrow(/42P07/);
    await expect(checkSchema({ pool, schema })).rejects.toThrow(/version 1 /);
    const { rows } = await pool.query(`SELECT to_regclass('${schema}.saga_endings') AS half`);
    expect(rows[0]?.half).toBeNull();
    await pool.query(`DROP TABLE ${schema}.sagas`);
    expect(await migratePostgres({ pool, schema })).toBe(newest);
  });

  test('refuse the name of a schema that would have to be quoted', async () => {
    const pool = await server.connect();
    for (const schema of ['', 'A', 'a-b', 'a;b', 'pg_x', '1a', 'x'.repeat(64)]) {
      await expect(migratePostgres({ pool, schema })).rejects.toThrow(ValidationError);
      expect(() => postgresIdempotencyStore({ pool, schema })).toThrow(ValidationError);
    }
  });
});
