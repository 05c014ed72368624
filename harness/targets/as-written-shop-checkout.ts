// The textbook's checkout: reserve, authorise, capture, ship, and roll back when something fails.

import { FraudBlockedError, PaymentError } from '../../src/errors/payment-error.ts';
import { chargeThrough } from '../../src/gateway/charge-operation.ts';
import type { ChargeResult } from '../../src/gateway/port.ts';
import type { OrderIntent } from '../history/shop.ts';
import { type FinalAnswer, failed } from './as-written-shop-answer.ts';
import { remoteCalls } from './as-written-shop-calls.ts';
import { wholeLog } from './as-written-shop-log.ts';
import { runSteps, type TextbookStep } from './as-written-shop-saga.ts';
import { sagaRow } from './as-written-shop-saga-log.ts';
import { guardedCharge, retryAnything } from './charge-stack.ts';
import type { ShopEnv } from './shop-env.ts';
import type { Subject, TargetEnv } from './target.ts';

/** What the steps of one order hand on. */
interface Checkout {
  readonly intent: OrderIntent;
  /** The order's number, which everything about it is labelled with. */
  readonly order: string;
  charge?: ChargeResult;
}

/** The checkout of the textbook's shop. */
export function textbookCheckout(env: TargetEnv, shop: ShopEnv): NonNullable<Subject['checkout']> {
  const log = wholeLog(env.runtime);
  const steps = checkoutSteps(env, shop);
  // Weakness: answers are remembered by the process. Another process, or this one after a restart, takes a repeated request
  // for a new order (S1, S7, S17); and what the repetition asks for is not compared with what was asked before (S6).
  const remembered = new Map<string, Promise<FinalAnswer>>();

  async function place(checkout: Checkout): Promise<FinalAnswer> {
    const { intent, order } = checkout;
    log('checkout', checkout);
    try {
      if (intent.risk === 'blocked') throw new FraudBlockedError('the payer is on the blocklist');
      const row = await sagaRow(shop.sagas, { id: env.runtime.id(order), order });
      await runSteps(steps, checkout, { row, log });
      return ordered(checkout);
    } catch (error) {
      log('checkout failed', { ...checkout, error });
      throw error;
    }
  }

  return async (intent) => {
    const order = numberOf(intent);
    const before = remembered.get(order);
    if (before !== undefined) return { ...(await before), replayed: true };
    const placing = place({ intent, order });
    remembered.set(order, placing.catch(failed));
    try {
      return await placing;
    } catch (error) {
      // Weakness: a failure that may pass is forgotten so that the customer can try again, also where it is not known
      // whether he was charged (S1).
      if (error instanceof PaymentError && error.retriable) remembered.delete(order);
      return failed(error);
    }
  };
}

function checkoutSteps(env: TargetEnv, { inventory, shipping }: ShopEnv): readonly TextbookStep<Checkout>[] {
  const { gateway, runtime } = env;
  const call = remoteCalls(env);
  const charge = chargeThrough(gateway);
  // The payment has the whole stack around it, breaker and limiter included, with the weaknesses of the other calls.
  const authorize = guardedCharge(env, { retry: retryAnything })((intent, sent) => {
    const { amountMinor, currency, paymentToken, scope, key } = intent;
    const names = { idempotencyKey: runtime.id('request'), merchantReference: numberOf({ scope, key }) };
    return charge({ amountMinor, currency, paymentToken, capture: 'manual' }, { ...sent, ...names });
  });
  return [
    {
      name: 'reserve_inventory',
      execute: ({ order }) => call((idempotencyKey) => inventory.reserve({ idempotencyKey, order })),
      compensate: ({ order }) => call((idempotencyKey) => inventory.release({ idempotencyKey, order })),
    },
    {
      name: 'authorize_payment',
      async execute(checkout) {
        checkout.charge = await authorize(checkout.intent);
      },
      // Weakness: "cancel the payment" is a void whatever has become of the payment since. After the capture the gateway
      // refuses it, and the money stays (S11).
      compensate: (checkout) =>
        call((idempotencyKey, options) => gateway.void({ ...namesOf(checkout), idempotencyKey }, options)),
    },
    {
      // Weakness: it has nothing that undoes it, because the step before "cancels the payment".
      name: 'capture_payment',
      async execute(checkout) {
        const { amountMinor } = checkout.intent;
        checkout.charge = await call((idempotencyKey, options) =>
          gateway.capture({ ...namesOf(checkout), amountMinor, idempotencyKey }, options),
        );
      },
    },
    {
      name: 'create_shipment',
      async execute({ order }) {
        await call((idempotencyKey) => shipping.ship({ idempotencyKey, order }));
      },
    },
  ];
}

function numberOf({ scope, key }: Pick<OrderIntent, 'scope' | 'key'>): string {
  return `${scope}/${key}`;
}

function namesOf({ charge, order }: Checkout): {
  readonly chargeId: string;
  readonly merchantReference: string;
} {
  return { chargeId: charge?.id ?? '', merchantReference: order };
}

function ordered({ intent, charge }: Checkout): FinalAnswer {
  const { id: chargeId = '', capturedMinor: amountMinor = 0 } = charge ?? {};
  const body = JSON.stringify({ status: 'ordered', charge });
  return { kind: 'ok', chargeId, amountMinor, currency: intent.currency, body, replayed: false };
}
