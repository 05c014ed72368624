// Bringing the tables and functions to the version of this library, and telling whether they are.

import { StoreMisconfiguredError } from '../../errors/payment-error.ts';
import { migrations } from './migrations.ts';
import type { PostgresPool, PostgresQueryable } from './pool.ts';
import { checkedSchema, inSchema } from './schema-name.ts';
import { checkServer } from './server-check.ts';
import { inTransaction } from './transaction.ts';
import { sqlStateOf, unavailable } from './unavailable.ts';

/** Where the tables are. */
export interface PostgresSchema<Pool extends PostgresQueryable = PostgresQueryable> {
  readonly pool: Pool;
  /** `paystorm` by default. */
  readonly schema?: string;
}

const waitMs = 60_000;

/**
 * Brings the schema to this version of the library: makes it, or applies what it lacks, each version in a transaction of its own
 * under an advisory lock, so that several processes may do it at once and one that dies leaves a version that is whole. Answers
 * the version. Versions only go forward. The user needs the right to create in the database, or in the schema once it exists.
 *
 * @throws ValidationError for a name that needs quotes.
 * @throws StoreMisconfiguredError when the server is older than Postgres 14 or does not keep texts in UTF-8, the user may not do
 * this, or the schema belongs to a newer version of the library.
 * @throws StoreUnavailableError when the server did not answer, is read-only or refused; run it again.
 */
export async function migratePostgres({ pool, schema }: PostgresSchema<PostgresPool>): Promise<number> {
  const name = checkedSchema(schema);
  try {
    await checkServer(pool);
    for (;;) {
      const queryTimeoutMs = waitMs + 1_000;
      const applied = await inTransaction(pool, {
        name: 'migratePostgres',
        queryTimeoutMs,
        work: (transaction) => migrateOnce(transaction, name),
      });
      if (!applied) return migrations.length;
    }
  } catch (error) {
    throw unavailable(`migratePostgres: schema ${name}`, error);
  }
}

/**
 * Resolves when the schema is what this version of the library needs.
 *
 * @throws StoreMisconfiguredError when it is missing, older or newer, and says what to run.
 * @throws StoreUnavailableError when the server did not answer.
 */
export async function checkSchema({ pool, schema }: PostgresSchema): Promise<void> {
  const name = checkedSchema(schema);
  let version = 0;
  try {
    await checkServer(pool);
    version = await versionOf(pool, name);
  } catch (error) {
    if (!['42P01', '3F000'].includes(sqlStateOf(error) ?? '')) {
      throw unavailable(`checkSchema: schema ${name}`, error);
    }
  }
  if (version > migrations.length) throw newer(name, version);
  if (version === migrations.length) return;
  throw new StoreMisconfiguredError(
    `postgres: schema ${name} has version ${version} and this paystorm needs ${migrations.length}; run ` +
      `migratePostgres({ pool, schema: '${name}' }) before the stores are used`,
  );
}

/** Applies the next version, and answers whether there was one. */
async function migrateOnce(transaction: PostgresQueryable, schema: string): Promise<boolean> {
  const query = (text: string, ...values: unknown[]) =>
    transaction.query({ text: inSchema(text, schema), values });
  await query(`SET LOCAL lock_timeout = ${waitMs}`);
  await query(`SET LOCAL statement_timeout = ${waitMs}`);
  await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', `paystorm migration of ${schema}`);
  const { rows } = await query('SELECT to_regnamespace($1) IS NOT NULL AS exists', schema);
  // To ask for IF NOT EXISTS needs the right to create one even where it exists.
  if (rows[0]?.['exists'] !== true) await query('CREATE SCHEMA {schema}');
  await query(`CREATE TABLE IF NOT EXISTS {schema}.migrations (
    version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
  const version = await versionOf(transaction, schema);
  if (version > migrations.length) throw newer(schema, version);
  const next = migrations[version];
  if (next === undefined) return false;
  // Without arguments it is a simple query, which may hold many statements.
  await transaction.query({ text: inSchema(next, schema) });
  await query('INSERT INTO {schema}.migrations (version) VALUES ($1)', version + 1);
  return true;
}

async function versionOf(pool: PostgresQueryable, schema: string): Promise<number> {
  const text = inSchema('SELECT coalesce(max(version), 0) AS version FROM {schema}.migrations', schema);
  const { rows } = await pool.query({ text });
  return Number(rows[0]?.['version']);
}

function newer(schema: string, version: number): StoreMisconfiguredError {
  return new StoreMisconfiguredError(
    `postgres: schema ${schema} has version ${version}, and this paystorm knows only ${migrations.length}; update ` +
      'paystorm in this process, or give it a schema of its own',
  );
}
