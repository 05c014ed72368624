// Velocity counts in Postgres.

import type { VelocityAnswer, VelocityStore } from '../../fraud/velocity-store.ts';
import { type PostgresStoreOptions, postgresCalls } from './call.ts';

/**
 * A `VelocityStore` in Postgres, for any number of processes. Each operation is one statement at READ COMMITTED that holds its key
 * meanwhile; time is the server's.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresVelocityStore(options: PostgresStoreOptions): VelocityStore {
  const call = postgresCalls('postgres velocity store', options);
  return {
    async reserve({ key, attemptId, evaluationId, amount, cap, windowMs, holdMs }) {
      const args = [key, attemptId, evaluationId, amount, cap, windowMs, holdMs] as const;
      return (await call('velocity_reserve', ...args)) as VelocityAnswer;
    },
    async confirm({ key, attemptId, amount, windowMs }) {
      await call('velocity_confirm', key, attemptId, amount, windowMs);
    },
    async release({ key, attemptId, evaluationId, windowMs }) {
      await call('velocity_release', key, attemptId, evaluationId, windowMs);
    },
  };
}
