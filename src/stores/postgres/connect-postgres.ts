// Connections under which no call can hang, and nothing is sent twice.

import { Pool, type PoolConfig } from 'pg';
import { ValidationError } from '../../errors/payment-error.ts';
import { checkServer } from './server-check.ts';
import { unavailable } from './unavailable.ts';

/** Settings that replace the bounded ones, as `pg` names them. Times are milliseconds. */
export type PostgresConnectOptions = Omit<PoolConfig, 'connectionString'>;

/**
 * A pool of `pg` at `url` (`postgres://…`), once the server has been found fit. A call that has to wait for a connection gives up
 * after 300 ms, one that is not answered after 300 ms, the server stops a statement after 250 ms and one that waits for a lock
 * after 200 ms; a pool of `max` (10) connections therefore serves as many calls at once, and others wait. `pg` sends nothing a
 * second time by itself. End it with `pool.end()`.
 *
 * @throws ValidationError for a URL of another kind.
 * @throws StoreMisconfiguredError when the server does not let the user in, has no such database, is older than Postgres 14 or does
 * not keep texts in UTF-8.
 * @throws StoreUnavailableError when the server did not answer or is read-only. No message holds the password.
 */
export async function connectPostgres(url: string, options: PostgresConnectOptions = {}): Promise<Pool> {
  if (!/^postgres(?:ql)?:\/\//.test(String(url)) || !URL.canParse(url)) {
    throw new ValidationError(
      'connectPostgres: pass a URL such as postgres://user:password@host:5432/database',
    );
  }
  const pool = new Pool({
    connectionTimeoutMillis: 300,
    query_timeout: 300,
    statement_timeout: 250,
    lock_timeout: 200,
    // A process that stops in the middle of a transaction must not keep its locks from the others.
    idle_in_transaction_session_timeout: 1_000,
    keepAlive: true,
    application_name: 'paystorm',
    ...options,
    connectionString: url,
  });
  // Without listeners an idle connection that breaks ends the process; the pool has dropped it by itself when it says so.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    await checkServer(pool);
  } catch (error) {
    await pool.end();
    throw unavailable('connectPostgres', error);
  }
  return pool;
}
