// A rate limit in Postgres.

import type { LimiterStore } from '../../resilience/limiter-store.ts';
import { type PostgresStoreOptions, postgresCalls } from './call.ts';

/**
 * A `LimiterStore` in Postgres, for any number of processes. Those who ask for one limit wait for each other, for as long as it takes
 * to make an admission durable: for limits of more than some hundred calls a second Redis is the better place.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresLimiterStore(options: PostgresStoreOptions): LimiterStore {
  const call = postgresCalls('postgres limiter', options);
  return {
    async admit({ name, callId, maxCalls, periodMs }) {
      const waitMs = (await call('limiter_admit', name, callId, maxCalls, periodMs)) as number;
      return waitMs === 0 ? { admitted: true } : { admitted: false, waitMs };
    },
  };
}
