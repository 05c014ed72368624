// The sequential meaning of a store of delivery marks. The memory store is this table behind promises; every driver must
// agree with it.

import type { DeliveryMarks } from '../webhooks/first-delivery.ts';

/** The same operation, synchronously. */
export interface DeliveryMarksTable {
  mark(request: Parameters<DeliveryMarks['mark']>[0]): boolean;
}

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function deliveryMarksTable(nowMs: () => number): DeliveryMarksTable {
  const expiries = new Map<string, number>();
  return {
    mark({ id, ttlMs }) {
      const now = nowMs();
      const expiresAtMs = expiries.get(id);
      if (expiresAtMs !== undefined && expiresAtMs > now) return false;
      expiries.set(id, now + ttlMs);
      return true;
    },
  };
}
