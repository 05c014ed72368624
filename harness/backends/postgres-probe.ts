// Asks a Postgres whether the stores can work on it, before anything is built upon it.

import type pg from 'pg';
import { BackendError } from './backend-error.ts';
import { shownUrl } from './service-url.ts';

/** The oldest Postgres that the drivers are held to: the oldest that its makers still mend. */
export const oldestPostgres = 14;

/** What a Postgres says of itself. */
export interface PostgresFacts {
  /** Such as `15.18`. */
  readonly version: string;
}

/** How a service is asked. */
export interface PostgresProbeOptions {
  /** Whether a replica is expected (default false). */
  readonly replica?: boolean;
  /** How long to wait for the connection, and for the answer (default 5000): a busy machine is no dead service. */
  readonly patienceMs?: number;
}

/**
 * What the Postgres at a URL says of itself, once it is known that it can be written to, unless a replica is expected.
 *
 * @throws BackendError for one that is unreachable, too old, a replica unasked, or wants another password.
 */
export async function probePostgres(url: string, options: PostgresProbeOptions = {}): Promise<PostgresFacts> {
  const { replica = false, patienceMs = 5000 } = options;
  const { Client } = await pgPackage();
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
  });
  // A connection that breaks later is told by the query that waits for it.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ number: string; version: string; readonly: boolean }>(
      `select current_setting('server_version_num') as number, current_setting('server_version') as version,
              pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as readonly`,
    );
    return factsOf(rows[0], url, replica);
  } catch (error) {
    throw error instanceof BackendError ? error : problemOf(error, url);
  } finally {
    // Ending waits for a goodbye that a stopped server never says.
    client.end().catch(() => {});
  }
}

/**
 * The client library, which users of other stores need not have installed.
 *
 * @throws BackendError (`missing`) without it.
 */
export async function pgPackage(): Promise<typeof pg> {
  try {
    return (await import('pg')).default;
  } catch (cause) {
    throw new BackendError('missing', 'the package pg is not installed; run `npm install pg`', { cause });
  }
}

function factsOf(
  row: { number: string; version: string; readonly: boolean } | undefined,
  url: string,
  replica: boolean,
): PostgresFacts {
  const where = `Postgres at ${shownUrl(url)}`;
  if (row === undefined || !(Number(row.number) >= oldestPostgres * 10_000))
    throw new BackendError(
      'version',
      `${where} is version ${row?.version ?? 'unknown'}, and paystorm needs ${oldestPostgres} or newer; give the address of a newer one`,
    );
  if (row.readonly && !replica)
    throw new BackendError(
      'read-only',
      `${where} is a replica, or otherwise read-only; give the address of its primary`,
    );
  return { version: row.version.split(' ')[0] ?? row.version };
}

function problemOf(error: unknown, url: string): BackendError {
  const message = error instanceof Error ? error.message || String(codeOf(error)) : String(error);
  const where = `Postgres at ${shownUrl(url)}`;
  // 28P01 is a wrong password, 28000 a user who may not come from here; without a password the client itself complains.
  if (['28P01', '28000'].includes(codeOf(error) ?? '') || /password must be a string/.test(message)) {
    const given = URL.canParse(url) && new URL(url).password !== '';
    return new BackendError(
      'password',
      given
        ? `${where} refuses the user or password in its URL; correct it (postgres://user:password@host:port/database)`
        : `${where} needs a password; put it into its URL (postgres://user:password@host:port/database)`,
      { cause: error },
    );
  }
  return new BackendError(
    'unreachable',
    `${where} does not answer (${message}); start it, or correct or unset the URL`,
    { cause: error },
  );
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
