// The textbook's refund: look at the balance, ask the gateway, write it down.

import { ValidationError } from '../../src/errors/payment-error.ts';
import { type Books, books } from '../../src/ledger/books.ts';
import type { RefundIntent } from '../history/shop.ts';
import { failed } from './as-written-shop-answer.ts';
import { booker } from './as-written-shop-books.ts';
import { remoteCalls } from './as-written-shop-calls.ts';
import { wholeLog } from './as-written-shop-log.ts';
import type { ShopEnv } from './shop-env.ts';
import type { Subject, TargetEnv } from './target.ts';

/**
 * The refunds of the textbook's shop. Weakness: the client's key of the refund is not looked at, so a request that is repeated
 * is another refund for as long as the balance lasts (S3).
 */
export function textbookRefund(env: TargetEnv, shop: ShopEnv): NonNullable<Subject['refund']> {
  const { gateway, runtime } = env;
  const call = remoteCalls(env);
  const book = booker(shop.ledger, runtime);
  const ours = books({ store: shop.ledger });
  const log = wholeLog(runtime);

  return async (intent) => {
    log('refund', intent);
    const { amountMinor, currency } = intent;
    const order = `${intent.scope}/${intent.order}`;
    try {
      // Weakness: check, then act. Between the check and the booking others pass the same check, and a crash in between
      // leaves a refund that no check will ever see (S3).
      const chargeId = await refundableCharge(ours, intent, order);
      const refund = await call((idempotencyKey, options) =>
        gateway.refund({ chargeId, amountMinor, idempotencyKey, merchantReference: order }, options),
      );
      // Weakness: the refund was requested, and is booked and told as made; whether it is pending, or fails later, is not
      // looked at (S2, S13).
      const payment = { merchantReference: order, gatewayId: chargeId };
      await book('refund', { payment, operation: refund.id, amountMinor, currency });
      const body = JSON.stringify({ status: 'refunded', refund: refund.id });
      return { kind: 'ok', chargeId, amountMinor, currency, body, replayed: false };
    } catch (error) {
      log('refund failed', { intent, error });
      return failed(error);
    }
  };
}

/** The charge of an order whose balance covers the refund. */
async function refundableCharge(
  ours: Books,
  { amountMinor, currency }: RefundIntent,
  order: string,
): Promise<string> {
  const balance = (await ours.view(order)).find((row) => row.currency === currency);
  if (balance === undefined || balance.netMinor < amountMinor)
    throw new ValidationError(`order ${order} has less than ${amountMinor} ${currency} to give back`);
  for await (const { kind, payment } of ours.entries())
    if (kind === 'capture' && payment?.merchantReference === order) return payment.gatewayId;
  throw new ValidationError(`order ${order} has no payment to give back`);
}
