// Delivery marks for tests and single processes: they are gone when the process ends.

import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { DeliveryMarks } from '../webhooks/first-delivery.ts';
import { deliveryMarksTable } from './delivery-marks-table.ts';

/** `DeliveryMarks` in this process's memory, by the monotonic clock. Not for production: a restart forgets every mark. */
export function memoryDeliveryMarks(clock: Pick<Clock, 'monotonicMs'>): DeliveryMarks {
  const table = deliveryMarksTable(() => clock.monotonicMs());
  return forgetful({ mark: async (request) => table.mark(request) });
}
