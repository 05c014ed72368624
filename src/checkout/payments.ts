// The two operations that take an order's money: its authorisation, and its capture.

import { NotChargedError, PaymentError } from '../errors/payment-error.ts';
import type { ChargeResult, LookupRequest, PaymentGateway } from '../gateway/port.ts';
import type { Found } from '../idempotency/options.ts';
import type { Layer } from '../resilience/operation.ts';
import { type Once, type OnceSettings, once } from './once.ts';
import type { Order } from './order.ts';
import { orderId, referenceOf } from './order-id.ts';
import { type Guards, sending } from './send.ts';

/** What takes money. */
export interface PaymentParts {
  readonly gateway: PaymentGateway;
  readonly guards: Guards;
  readonly settings: OnceSettings;
}

/** The authorisation of an order. */
export type Authorization = Once<Order, ChargeResult>;

/** What is captured. */
export interface CaptureOrder {
  readonly id: string;
  readonly chargeId: string;
  /** The reference of the authorisation. */
  readonly merchantReference: string;
  readonly amountMinor: number;
}

const authorizing = 'authorize';

/** The reference under which an order is authorised. */
export function authorizationReference(id: string): string {
  return referenceOf(authorizing, id);
}

/** The name of the operation in references. */
export const authorizationName = authorizing;

/** Reserves the amount of an order, once it has passed the fraud check. */
export function authorization(
  { gateway, guards, settings }: PaymentParts,
  fraudCheck: Layer<Order, ChargeResult>,
): Authorization {
  const send = sending<Order, ChargeResult>(guards, (order, call) => {
    const { amountMinor, currency, paymentToken } = order;
    const { idempotencyKey, merchantReference, challenge, signal } = call;
    const names = { idempotencyKey, merchantReference, ...(challenge ? { challenge } : {}) };
    const purchase = { amountMinor, currency, paymentToken, capture: 'manual' } as const;
    return gateway.authorize({ ...purchase, ...names }, signal === undefined ? {} : { signal });
  });
  return once(settings, {
    name: authorizing,
    idOf: orderId,
    execute: fraudCheck(send),
    find: async (_, lookup) => {
      const found = await gateway.lookup(lookup);
      if (found.kind !== 'found') return found;
      return found.charge.status === 'voided'
        ? voided(found.charge)
        : { kind: 'found', result: found.charge };
    },
  });
}

/** Takes what was reserved. */
export function capture({ gateway, guards, settings }: PaymentParts): Once<CaptureOrder, ChargeResult> {
  return once(settings, {
    name: 'capture',
    idOf: ({ id }) => id,
    execute: sending<CaptureOrder, ChargeResult>(guards, ({ chargeId, amountMinor }, call) => {
      const { idempotencyKey, merchantReference, signal } = call;
      const request = { chargeId, amountMinor, idempotencyKey, merchantReference };
      return gateway.capture(request, signal === undefined ? {} : { signal });
    }),
    find: (request, lookup) => foundCapture(gateway, request, lookup),
  });
}

/** A capture has no place of its own at the gateway: the charge shows whether it happened. */
async function foundCapture(
  gateway: PaymentGateway,
  { merchantReference }: CaptureOrder,
  lookup: LookupRequest,
): Promise<Found<ChargeResult>> {
  const found = await gateway.lookup(lookup.by === 'key' ? lookup : { by: 'reference', merchantReference });
  if (found.kind === 'answered') return found;
  if (found.kind !== 'found') return { kind: 'absent' };
  const { charge } = found;
  if (charge.status === 'voided') return voided(charge);
  return charge.status === 'captured' ? { kind: 'found', result: charge } : { kind: 'absent' };
}

function voided({ id }: ChargeResult): Found<ChargeResult> {
  return { kind: 'answered', error: new NotChargedError(`${id} was voided and took no money`) };
}

/** What a charge has reserved or taken of its amount: less than was asked for after a partial approval. */
function approvedMinor({ amountMinor, capturedMinor, openMinor, status }: ChargeResult): number {
  return capturedMinor + (openMinor ?? (status === 'authorized' ? amountMinor : 0));
}

/**
 * Throws unless all of the order was approved: goods are not shipped for a part of their price. The saga gives back what
 * was.
 */
export function demandWhole(order: Order, charge: ChargeResult): void {
  if (approvedMinor(charge) === order.amountMinor) return;
  const kind = { code: 'partially_approved', retriable: false, effect: 'final' } as const;
  throw new PaymentError('the issuer approved a part of the amount only, which is given back', kind);
}
