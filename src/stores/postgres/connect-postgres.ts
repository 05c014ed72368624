// Connections under which no call can hang, and nothing is sent twice.

import { Pool, type PoolConfig } from 'pg';
import { ValidationError } from '../../errors/payment-error.ts';
import { checkServer } from './server-check.ts';
import { sqlStateOf, unavailable } from './unavailable.ts';

/** Settings that replace the bounded ones, as `pg` names them. Times are milliseconds. */
export type PostgresConnectOptions = Omit<PoolConfig, 'connectionString'>;

/**
 * A pool of `pg` at `url` (`postgres://…`), once the server has been found fit. A call that has to wait for a connection gives up
 * after 300 ms, one that is not answered after 300 ms, the server stops a statement after 250 ms and one that waits for a lock
 * after 200 ms; a pool of `max` (10) connections therefore serves as many calls at once, and others wait. `pg` sends nothing a
 * second time by itself. End it with `pool.end()`.
 *
 * @throws ValidationError when the URL is no such URL, the server does not let the user in, or it can't be used (see
 * `migratePostgres`).
 * @throws StoreUnavailableError when the server did not answer.
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
    throw refusal(error) ?? unavailable('connectPostgres', error);
  }
  return pool;
}

/** What no waiting helps against. */
function refusal(error: unknown): ValidationError | undefined {
  const sqlState = sqlStateOf(error);
  if (sqlState === '3D000') {
    return new ValidationError(
      'connectPostgres: the server has no such database; create it, or correct the URL',
    );
  }
  if (sqlState !== '28P01' && sqlState !== '28000') return undefined;
  return new ValidationError(
    `connectPostgres: the server did not let the user in (${sqlState}); check user and password of the URL, and pg_hba.conf`,
  );
}
