// A refund that a client asks for.

import { validated } from '../edge/validated.ts';
import type { OrderName } from './order-id.ts';
import { isName, recordSchema } from './record-schema.ts';

/** A request to give money of an order back. `key` is the client's idempotency key of this refund. */
export interface RefundOrder extends OrderName {
  /** The key of the order, in the same scope. */
  readonly order: string;
  /** Minor units of the currency, above 0. */
  readonly amountMinor: number;
  /** ISO 4217 code: that of the order. */
  readonly currency: string;
}

/** Holds what comes in to be a refund. Rejects with `ValidationError`. */
export const checkedRefund: (value: unknown) => Promise<RefundOrder> = validated(
  recordSchema<RefundOrder>(
    {
      required: {
        scope: isName,
        key: isName,
        order: isName,
        amountMinor: Number.isSafeInteger,
        currency: isName,
      },
      optional: {},
    },
    { moneyIn: true },
  ),
  'refund',
);
