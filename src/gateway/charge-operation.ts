// The innermost operation of the stack: one send to the gateway, fenced.

import { ValidationError } from '../errors/payment-error.ts';
import type { Call, Operation } from '../resilience/operation.ts';
import type { ChargeRequest, ChargeResult, PaymentGateway } from './port.ts';

/** What the caller wants charged; key, reference and challenge come with the call. */
export type Purchase = Omit<ChargeRequest, 'idempotencyKey' | 'merchantReference' | 'challenge'>;

/**
 * Sends one charge. Before it does, it asks the call's fence, so that a stalled owner whose lease has run out
 * sends nothing.
 *
 * The operation throws ValidationError when the call carries no idempotency key or merchant reference: a
 * charge that nobody can recognise again must not be sent.
 */
export function chargeThrough(gateway: Pick<PaymentGateway, 'authorize'>): Operation<Purchase, ChargeResult> {
  return async (purchase, call: Call = {}) => {
    const { idempotencyKey, merchantReference } = call;
    if (!idempotencyKey || !merchantReference) {
      throw new ValidationError(
        'charge: the call carries no idempotency key or merchant reference; put the idempotent layer outside',
      );
    }
    call.fence?.();
    const { amountMinor, currency, paymentToken, capture } = purchase;
    const names = { idempotencyKey, merchantReference, ...(call.challenge ? { challenge: true } : {}) };
    const request = { amountMinor, currency, paymentToken, capture, ...names };
    return gateway.authorize(request, call.signal === undefined ? {} : { signal: call.signal });
  };
}
