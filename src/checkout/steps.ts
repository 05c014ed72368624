// The steps of a checkout. What comes before the shipment can be undone; the shipment is the pivot: until it is known
// to have happened everything may still go back, and afterwards nothing does.

import type { ChargeResult, PaymentGateway } from '../gateway/port.ts';
import type { SagaStep, StepCall } from '../saga/step.ts';
import { type UndoPaymentOptions, undoPayment } from '../saga/undo-payment.ts';
import type { Once } from './once.ts';
import type { Order } from './order.ts';
import { orderId } from './order-id.ts';
import { type Authorization, authorizationReference, type CaptureOrder, demandWhole } from './payments.ts';
import type { Inventory, ServiceRequest, Shipping } from './services.ts';

/** The context of a checkout's saga: the order, and what its steps have achieved. */
export interface Checkout extends Order {
  /** The charge as it was authorised. */
  readonly charge?: ChargeResult;
  readonly captured?: ChargeResult;
  readonly shipment?: string;
}

/** The name of the step that authorises the payment, as it is journalled. */
export const authorizeStep = 'authorize_payment';

/** The name of the step that holds the goods; alone among those that are undone it has nothing to do with the payment. */
export const reserveStep = 'reserve_inventory';

/** What the steps work with. */
export interface StepParts extends Required<Pick<UndoPaymentOptions<Checkout>, 'isContested' | 'onFenced'>> {
  readonly inventory: Inventory;
  readonly shipping: Shipping;
  /** Undoes payments. Its calls are bounded in time. */
  readonly gateway: PaymentGateway;
  readonly authorize: Authorization;
  readonly capture: Once<CaptureOrder, ChargeResult>;
}

/**
 * reserve_inventory → authorize_payment → capture_payment → create_shipment. Every step may be executed again under its key:
 * the services keep what they did, and the idempotent layer finds out what became of an operation before it sends again.
 */
export function checkoutSteps(parts: StepParts): readonly SagaStep<Checkout>[] {
  const { inventory, shipping, gateway, authorize, capture, isContested, onFenced } = parts;
  const undo = undoPayment<Checkout>({ gateway, charge: chargeName, isContested, onFenced });
  const resend = { onUnknown: 'resend' } as const;
  return [
    {
      ...resend,
      name: reserveStep,
      kind: 'compensable',
      async execute(checkout, call) {
        await inventory.reserve(requestOf(checkout, call));
        return undefined;
      },
      async compensate(checkout, call) {
        await inventory.release(requestOf(checkout, call));
        return { kind: 'undone' };
      },
    },
    {
      ...resend,
      name: authorizeStep,
      kind: 'compensable',
      execute: async (checkout, { signal }) => ({
        charge: await authorize.run(orderOf(checkout), { signal }),
      }),
      compensate: undo,
    },
    {
      ...resend,
      name: 'capture_payment',
      kind: 'compensable',
      async execute(checkout, { signal }) {
        const { charge, amountMinor } = checkout;
        if (charge === undefined) throw new TypeError('a checkout was captured that was not authorised');
        demandWhole(checkout, charge);
        const { id: chargeId, merchantReference } = charge;
        const wanted = { id: orderId(checkout), chargeId, merchantReference, amountMinor };
        return { captured: await capture.run(wanted, { signal }) };
      },
      compensate: undo,
    },
    {
      ...resend,
      name: 'create_shipment',
      kind: 'pivot',
      execute: async (checkout, call) => shipping.ship(requestOf(checkout, call)),
    },
  ];
}

function requestOf(checkout: Checkout, { idempotencyKey, fence }: StepCall): ServiceRequest {
  fence();
  return { idempotencyKey, order: orderId(checkout) };
}

/** The charge of a checkout, also where its authorisation was never heard of. */
export function chargeName(checkout: Checkout): { readonly merchantReference: string } {
  const { merchantReference = authorizationReference(orderId(checkout)) } = checkout.charge ?? {};
  return { merchantReference };
}

function orderOf({ scope, key, amountMinor, currency, paymentToken, payer }: Checkout): Order {
  return { scope, key, amountMinor, currency, paymentToken, ...(payer === undefined ? {} : { payer }) };
}
