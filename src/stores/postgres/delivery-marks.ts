// Delivery marks in Postgres.

import type { DeliveryMarks } from '../../webhooks/first-delivery.ts';
import { type PostgresStoreOptions, postgresCalls } from './call.ts';

/**
 * `DeliveryMarks` in Postgres, for any number of processes. A mark is one statement at READ COMMITTED; time is the server's.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresDeliveryMarks(options: PostgresStoreOptions): DeliveryMarks {
  const call = postgresCalls('postgres delivery marks', options);
  return { mark: async ({ id, ttlMs }) => (await call('marks_mark', id, ttlMs)) as boolean };
}
