// The stores on a real Postgres, in a schema of the test file's own that is emptied for each store, and over several
// connections.

import { afterAll } from 'vitest';
import {
  connectPostgres,
  migratePostgres,
  type PostgresPool,
  type PostgresQueryable,
  type PostgresStoreOptions,
  postgresBreakerStore,
  postgresDeliveryMarks,
  postgresIdempotencyStore,
  postgresInboxStore,
  postgresLedgerStore,
  postgresLimiterStore,
  postgresSagaJournal,
  postgresTicketStore,
  postgresVelocityStore,
  postgresVerdictLog,
} from '../../src/postgres.ts';
import { openTestPostgres, type TestPostgres } from '../backends/testing.ts';
import type { OpenStore } from './contract.ts';
import { planted } from './planted-bug.ts';
import type { StoreOpeners } from './store-kinds.ts';

type Pool = Awaited<ReturnType<typeof connectPostgres>>;

/** What is replaced in the drivers, where a bug is planted. */
export interface PostgresPlant {
  /** What stands between a driver and its connection. */
  readonly between?: (pool: PostgresPool) => PostgresQueryable;
  /** Parts of a function that the migrations installed, each with what stands there instead; `{schema}` is where it is. */
  readonly edit?: {
    readonly routine: string;
    readonly parts: readonly (readonly [find: string, put: string])[];
  };
}

/** The stores on Postgres as a test file sees them. */
export interface PostgresStores extends Pick<TestPostgres, 'suite'> {
  readonly open: StoreOpeners;
  /** The same with a bug, in a schema of their own. */
  through(plant: PostgresPlant): StoreOpeners;
}

/** Asks for Postgres; connects when the first store is opened, and disconnects after the file's tests. */
export async function postgresStores(): Promise<PostgresStores> {
  const { suite, url, schema: newSchema } = await openTestPostgres();
  let connecting: Promise<readonly Pool[]> | undefined;
  afterAll(async () => {
    for (const pool of (await connecting) ?? []) await pool.end();
  });
  const through: PostgresStores['through'] = ({ between = (pool) => pool, edit }) => {
    const schema = newSchema();
    let prepared: Promise<unknown> | undefined;
    const on = <Store>(make: (options: PostgresStoreOptions) => Store): OpenStore<Store> => {
      return async (nowMs) => {
        connecting ??= connected(url);
        const pools = await connecting;
        const [first] = pools;
        if (first === undefined) throw new Error('there is no connection');
        prepared ??= prepare(first, schema).then(() => edit && change(first, { schema, ...edit }));
        await prepared;
        await first.query(`SELECT ${schema}.test_empty()`);
        return { connections: pools.map((pool) => make({ pool: between(pool), schema, nowMs })) };
      };
    };
    return {
      'idempotency-store': on(postgresIdempotencyStore),
      'saga-journal': on(postgresSagaJournal),
      'inbox-store': on((options) => postgresInboxStore(options)),
      'breaker-store': on(postgresBreakerStore),
      'limiter-store': on(postgresLimiterStore),
      'delivery-marks': on(postgresDeliveryMarks),
      'ledger-store': on(postgresLedgerStore),
      'velocity-store': on(postgresVelocityStore),
      'ticket-store': on(postgresTicketStore),
      'verdict-log': on(postgresVerdictLog),
    };
  };
  return { suite, open: through({}), through };
}

function connected(url: string): Promise<readonly Pool[]> {
  // A machine that is busy with other tests must not fail one that is about something else.
  const patient = {
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
    statement_timeout: 9_000,
    lock_timeout: 9_000,
  };
  return Promise.all([1, 2, 3, 4, 5].map(() => connectPostgres(url, { ...patient, max: 1 })));
}

/** Makes the schema, and a function that puts its tables back to what they held in the beginning. */
async function prepare(pool: Pool, schema: string): Promise<void> {
  await migratePostgres({ pool, schema });
  // Who refers to others is emptied before them. To truncate would take a file operation for each.
  const { rows } = await pool.query<{ name: string }>(`
    SELECT quote_ident(relname) AS name FROM pg_class WHERE relnamespace = '${schema}'::regnamespace AND relkind = 'r'
      AND relname <> 'migrations'
    ORDER BY EXISTS (SELECT FROM pg_constraint WHERE conrelid = pg_class.oid AND contype = 'f') DESC, relname`);
  const names = rows.map(({ name }) => name);
  const kept = names.map((name) => `CREATE TABLE ${schema}.kept_${name} AS TABLE ${schema}.${name};`);
  const away = names.map((name) => `DELETE FROM ${schema}.${name};`);
  const back = names.map(
    (name) => `INSERT INTO ${schema}.${name} OVERRIDING SYSTEM VALUE SELECT * FROM ${schema}.kept_${name};`,
  );
  await pool.query(`${kept.join('\n')}
    CREATE FUNCTION ${schema}.test_empty() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
      ${away.join(' ')} ${back.join(' ')}
      PERFORM setval(oid::regclass, 1, false) FROM pg_class
        WHERE relnamespace = '${schema}'::regnamespace AND relkind = 'S';
    END $$`);
}

/** Installs a function anew with parts of it replaced. */
async function change(
  pool: Pool,
  { schema, routine, parts }: NonNullable<PostgresPlant['edit']> & { readonly schema: string },
): Promise<void> {
  const { rows } = await pool.query<{ definition: string }>(
    `SELECT pg_get_functiondef(oid) AS definition FROM pg_proc WHERE pronamespace = $1::regnamespace AND proname = $2`,
    [schema, routine],
  );
  let definition = rows[0]?.definition ?? '';
  for (const [find, put] of parts) definition = planted(definition, find, put.replaceAll('{schema}', schema));
  await pool.query(definition);
}
