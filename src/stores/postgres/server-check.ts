// Whether a server can hold our stores at all: found when it is connected to, and not at the first payment.

import { ValidationError } from '../../errors/payment-error.ts';
import type { PostgresQueryable } from './pool.ts';

/**
 * Resolves when the server can be used.
 *
 * @throws ValidationError when it is older than Postgres 14, a replica or read-only, or does not keep its texts in UTF-8.
 */
export async function checkServer(pool: PostgresQueryable): Promise<void> {
  const { rows } = await pool.query({
    text: `SELECT current_setting('server_version_num') AS version, pg_is_in_recovery() AS replica,
      current_setting('transaction_read_only') AS readonly, current_setting('server_encoding') AS encoding`,
  });
  const { version, replica, readonly, encoding } = rows[0] ?? {};
  if (Number(version) < 140_000) {
    const major = Math.floor(Number(version) / 10_000);
    throw new ValidationError(`postgres: the server is version ${major}, and the stores need 14 or newer`);
  }
  if (replica === true || readonly === 'on') {
    throw new ValidationError('postgres: the server is read-only, such as a replica; connect to the primary');
  }
  if (encoding !== 'UTF8') {
    throw new ValidationError(
      `postgres: the database keeps its texts in ${encoding}; make one with ENCODING 'UTF8'`,
    );
  }
}
