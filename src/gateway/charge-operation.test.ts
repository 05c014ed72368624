// Convinces by what arrives at a gateway that only records, and by the order in which fence and gateway are reached.

import { describe, expect, it } from 'vitest';
import { LeaseLostError, ValidationError } from '../errors/payment-error.ts';
import type { Call } from '../resilience/operation.ts';
import { chargeThrough, type Purchase } from './charge-operation.ts';
import type { ChargeResult } from './port.ts';

const purchase: Purchase = { amountMinor: 500, currency: 'USD', paymentToken: 'tok', capture: 'manual' };
const names = { idempotencyKey: 'shop/k/charge/0.0', merchantReference: 'shop/k/charge/0' };
const charged: ChargeResult = {
  id: 'ch_1',
  status: 'authorized',
  amountMinor: 500,
  capturedMinor: 0,
  currency: 'USD',
  merchantReference: names.merchantReference,
};

function recording() {
  const events: unknown[] = [];
  const operation = chargeThrough({
    authorize: async (request, options) => {
      events.push({ request, options });
      return charged;
    },
  });
  return { events, operation };
}

describe('chargeThrough', () => {
  it('sends the purchase with the names of the call, and nothing else that the request holds', async () => {
    const { events, operation } = recording();
    const { signal } = new AbortController();
    const request = { ...purchase, cardholder: 'not for the gateway' };
    expect(await operation(request, { ...names, signal, mayResend: true })).toBe(charged);
    expect(events).toEqual([{ request: { ...purchase, ...names }, options: { signal } }]);
  });

  it('demands authentication where the call does, and only there', async () => {
    const { events, operation } = recording();
    await operation(purchase, { ...names, challenge: true });
    await operation({ ...purchase, ...{ challenge: true } }, { ...names, challenge: false });
    expect(events).toEqual([
      { request: { ...purchase, ...names, challenge: true }, options: {} },
      { request: { ...purchase, ...names }, options: {} },
    ]);
  });

  it('asks the fence directly before it sends', async () => {
    const { events, operation } = recording();
    await operation(purchase, { ...names, fence: () => events.push('fence') });
    expect(events).toEqual(['fence', { request: { ...purchase, ...names }, options: {} }]);
  });

  it('sends nothing when the fence stands in the way', async () => {
    const { events, operation } = recording();
    const fence = (): void => {
      throw new LeaseLostError('too late');
    };
    await expect(operation(purchase, { ...names, fence })).rejects.toThrow(LeaseLostError);
    expect(events).toEqual([]);
  });

  it.each<[string, Call | undefined]>([
    ['no call', undefined],
    ['no key', { merchantReference: names.merchantReference }],
    ['an empty key', { ...names, idempotencyKey: '' }],
    ['no reference', { idempotencyKey: names.idempotencyKey }],
    ['an empty reference', { ...names, merchantReference: '' }],
  ])('refuses to send with %s: nobody could recognise the charge again', async (_, call) => {
    const { events, operation } = recording();
    await expect(operation(purchase, call)).rejects.toThrow(ValidationError);
    expect(events).toEqual([]);
  });
});
