// Several statements as one: the little of this that the stores need is here, with what goes wrong with it.

import type { PostgresPool, PostgresQueryable } from './pool.ts';

/** A transaction. */
export interface TransactionWork<T> {
  /** How messages call it. */
  readonly name: string;
  /** For each of its statements, milliseconds, instead of what the connection was made with. */
  readonly queryTimeoutMs?: number;
  work(transaction: PostgresQueryable): Promise<T>;
}

/**
 * Runs `work` in a transaction at READ COMMITTED and commits it. Whatever it throws is thrown on, and nothing was written then; only
 * when the answer to the COMMIT is lost is that not known. The connection is closed after a failure, for what it has still to say
 * is said to nobody.
 */
export async function inTransaction<T>(
  pool: PostgresPool,
  { name, ...asked }: TransactionWork<T>,
): Promise<T> {
  const { queryTimeoutMs, work } = asked;
  const connection = await pool.connect();
  // A connection that breaks between two statements must not end the process: the next statement will tell.
  const ignore = () => {};
  connection.on('error', ignore);
  const bounds = queryTimeoutMs === undefined ? {} : { query_timeout: queryTimeoutMs };
  const transaction: PostgresQueryable = { query: (query) => connection.query({ ...bounds, ...query }) };
  let failed = true;
  try {
    await transaction.query({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED' });
    const result = await work(transaction);
    const { command } = await transaction.query({ text: 'COMMIT' });
    // The server answers so, and with no error, when a statement failed and nobody minded.
    if (command !== 'COMMIT') throw new Error(`${name}: a statement failed, so nothing was committed`);
    failed = false;
    return result;
  } finally {
    connection.release(failed);
    if (!failed) connection.off('error', ignore);
  }
}
