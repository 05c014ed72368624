// Whether a server can hold our stores at all: found when it is connected to, and not at the first payment.

import { StoreMisconfiguredError, StoreUnavailableError } from '../../errors/payment-error.ts';
import type { PostgresQueryable } from './pool.ts';

/**
 * Resolves when the server can be used.
 *
 * @throws StoreMisconfiguredError when it is older than Postgres 14 or does not keep its texts in UTF-8; StoreUnavailableError when
 * it is read-only, such as a replica, which a failover may change.
 */
export async function checkServer(pool: PostgresQueryable): Promise<void> {
  const { rows } = await pool.query({
    text: `SELECT current_setting('server_version_num') AS version, pg_is_in_recovery() AS replica,
      current_setting('transaction_read_only') AS readonly, current_setting('server_encoding') AS encoding`,
  });
  const { version, replica, readonly, encoding } = rows[0] ?? {};
  if (Number(version) < 140_000) {
    const major = Math.floor(Number(version) / 10_000);
    throw new StoreMisconfiguredError(
      `postgres: the server is version ${major}, and the stores need 14 or newer`,
    );
  }
  if (replica === true || readonly === 'on') {
    throw new StoreUnavailableError(
      'postgres: the server is read-only, such as a replica; connect to the primary',
    );
  }
  if (encoding !== 'UTF8') {
    throw new StoreMisconfiguredError(
      `postgres: the database keeps its texts in ${encoding}; make one with ENCODING 'UTF8'`,
    );
  }
}
