// Calls of delivery marks for parity.

import fc from 'fast-check';
import { deliveryMarksTable } from '../../src/stores/delivery-marks-table.ts';
import type { DeliveryMarks } from '../../src/webhooks/first-delivery.ts';
import type { PortModel } from './parity.ts';

const ids = ['a', 'b', 'c'] as const;

/** Delivery marks as their table. */
export const marksModel: PortModel<DeliveryMarks> = {
  table: deliveryMarksTable,
  calls: fc.record({
    do: fc.constant('mark' as const),
    with: fc.record({ id: fc.constantFrom(...ids), ttlMs: fc.integer({ min: 1, max: 60 }) }),
  }),
  looks: ids.map((id) => ({ do: 'mark', with: { id, ttlMs: 1 } })),
};
