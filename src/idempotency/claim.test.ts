// Convinces by losing requests and replies of the claim itself, and by requests that no claim can be made for: what
// counts is that the gateway was sent nothing, or one thing.

import { describe, expect, it } from 'vitest';
import { PaymentError, StoreUnavailableError, ValidationError } from '../errors/payment-error.ts';
import type { IdempotencyOptions } from './options.ts';
import { type Order, order, rig } from './testing.ts';

describe('a request that cannot be claimed', () => {
  const none = undefined as unknown as string;

  it.each<[string, Partial<Pick<IdempotencyOptions<Order, unknown>, 'key' | 'scope' | 'payload'>>, Order]>([
    ['no key', {}, { ...order, key: none }],
    ['an empty key', {}, { ...order, key: '' }],
    ['a key that is too long', {}, { ...order, key: 'k'.repeat(256) }],
    ['no scope', {}, { ...order, scope: none }],
    ['a payload without canonical JSON', {}, { ...order, amountMinor: Number.NaN }],
    ['a request without JSON', { payload: () => 1 }, { ...order, amountMinor: 5n as unknown as number }],
    [
      'a request that is no data',
      { payload: () => 1, key: () => 'k', scope: () => 's' },
      (() => 1) as unknown as Order,
    ],
  ])('is refused before the store is asked: %s', async (_, overrides, request) => {
    const { charge, operations, sent } = rig(overrides);
    expect(await charge(request)).toEqual({ error: expect.any(ValidationError) });
    expect(operations).toEqual([]);
    expect(sent).toEqual([]);
  });

  it.each(['request', 'reply'] as const)(
    'is not charged when the store cannot be reached: every %s is lost',
    async (what) => {
      const { charge, lose, sent, operations } = rig();
      lose('claim', what, 2);
      expect(await charge()).toEqual({ error: expect.any(StoreUnavailableError) });
      expect(sent).toEqual([]);
      expect(operations).toEqual(['claim', 'claim']);
    },
  );

  it('is not charged when the store fails in another way', async () => {
    const { options, charge, sent } = rig();
    options.store.claim = () => Promise.reject(new TypeError('a bug in a driver'));
    expect(await charge()).toEqual({ error: expect.any(TypeError) });
    expect(sent).toEqual([]);
  });
});

describe('a claim whose reply was lost', () => {
  it('is recognised as the own one', async () => {
    const { charge, lose, sent, record } = rig();
    lose('claim', 'reply');
    expect(await charge()).toEqual({ result: { id: 'ch_1' } });
    expect(sent).toHaveLength(1);
    expect(await record()).toMatchObject({ token: 1, state: 'COMPLETED' });
  });

  it('is asked again when it was the request that was lost', async () => {
    const { charge, lose } = rig();
    lose('claim', 'request');
    expect(await charge()).toEqual({ result: { id: 'ch_1' } });
  });

  it('holds its lease from when it was first asked', async () => {
    const setup = rig();
    const { options, runtime, charge, sent } = setup;
    const { claim } = options.store;
    let asked = 0;
    options.store.claim = async (request) => {
      asked += 1;
      if (asked === 1) {
        await claim(request);
        await runtime.sleep(10_000);
        throw new StoreUnavailableError('the reply was lost');
      }
      return claim(request);
    };
    expect(await charge()).toEqual({ error: expect.any(PaymentError) });
    expect(sent).toEqual([]);
  });
});
