// Circuit breakers in Postgres.

import type { BreakerAnswer, BreakerPosition, BreakerStore } from '../../resilience/breaker-store.ts';
import { type PostgresStoreOptions, postgresCalls } from './call.ts';

/**
 * A `BreakerStore` in Postgres, for any number of processes. A call past a closed breaker is one read, which writes nothing.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresBreakerStore(options: PostgresStoreOptions): BreakerStore {
  const call = postgresCalls('postgres breaker', options);
  return {
    async enter({ name, callId, limits: { recoveryTimeoutMs, halfOpenProbes } }) {
      const answer = await call('breaker_enter', name, callId, recoveryTimeoutMs, halfOpenProbes);
      return answer as BreakerAnswer;
    },
    async leave({ name, callId, limits, generation, verdict }) {
      const { failureThreshold, windowMs, recoveryTimeoutMs, halfOpenProbes } = limits;
      const terms = [failureThreshold, windowMs, recoveryTimeoutMs, halfOpenProbes];
      return (await call('breaker_leave', name, callId, ...terms, generation, verdict)) as BreakerPosition;
    },
  };
}
