// Convinces by what is stored and told after every way in which a send can end, and by what the next call with the
// same key then does.

import { describe, expect, it } from 'vitest';
import {
  AuthenticationRequiredError,
  CardDeclinedError,
  GatewayBusyError,
  GatewayRejectedError,
  GatewayServerError,
  GatewayTimeoutError,
  NetworkError,
  OutcomeUnknownError,
  PaymentPendingError,
  RateLimitedError,
  ValidationError,
} from '../errors/payment-error.ts';
import { type Behaviour, failing, order, outcomeOf, rig } from './testing.ts';

const declined = new CardDeclinedError('declined');

describe('a failure without effect', () => {
  it.each([
    new RateLimitedError('slow down'),
    new NetworkError('refused', { effect: 'none' }),
    new GatewayRejectedError('no such currency'),
    new ValidationError('no such token'),
  ])('frees the slot for the client, under a higher token and the same gateway key: %s', async (failure) => {
    const { charge, script, sent, record } = rig();
    script(failing(failure));
    expect(await charge()).toEqual({ error: failure });
    expect(await record()).toMatchObject({ state: 'RELEASED', unresolved: false });
    expect(await charge()).toEqual({ result: { id: 'ch_2' } });
    expect(await record()).toMatchObject({ token: 2, generation: 0 });
    expect(sent[1]?.idempotencyKey).toBe(sent[0]?.idempotencyKey);
  });

  it('stores no answer and no conflict: the client may correct its request', async () => {
    const { charge, script } = rig();
    script(failing(new ValidationError('no such token')));
    await charge();
    expect(await charge({ ...order, amountMinor: 400 })).toEqual({ result: { id: 'ch_2' } });
  });
});

describe('an unknown effect', () => {
  const unknowns = [
    new GatewayTimeoutError('lost'),
    new GatewayServerError('500'),
    new GatewayBusyError('409'),
    new NetworkError('reset', { effect: 'unknown' }),
    new TypeError('fetch failed'),
  ];

  it.each(unknowns)('is neither cleared nor stored as final, and the caller is told: %s', async (failure) => {
    const { runtime, charge, script, record } = rig();
    script(() => runtime.sleep(700).then(() => Promise.reject(failure)));
    expect(await charge()).toEqual({ error: failure });
    expect(await record()).toMatchObject({ state: 'UNKNOWN', unresolved: true, sendableUntilMs: 700 });
    expect(await record()).not.toHaveProperty('expiresAtMs');
  });

  it.each(unknowns)('is cleared as in the textbook when asked to, and charges again: %s', async (failure) => {
    const { charge, script, sent, record, lookedUp } = rig({ onUnknown: 'clear' });
    script(failing(failure));
    expect(await charge()).toEqual({ error: failure });
    expect(await record()).toMatchObject({ state: 'RELEASED' });
    expect(await charge()).toEqual({ result: { id: 'ch_2' } });
    expect(sent).toHaveLength(2);
    expect(lookedUp).toEqual([]);
  });

  it('remembers that the key is spent when the gateway says so', async () => {
    const { charge, script, record } = rig();
    script(failing(new GatewayServerError('a replayed 500', { sealed: true })));
    await charge();
    expect(await record()).toMatchObject({ state: 'UNKNOWN', sealedAtMs: 0 });
  });
});

describe('a final failure', () => {
  it('is stored where nothing is unresolved, whatever the gateway replays', async () => {
    for (const dedup of ['every-answer', 'successes', 'none'] as const) {
      const { charge, script, record } = rig({ gateway: { dedup } });
      script(failing(declined));
      expect(await charge()).toEqual({ error: declined });
      expect(await record()).toMatchObject({ state: 'FAILED', failure: { code: 'card_declined' } });
    }
  });

  it.each([
    ['successes', 'UNKNOWN', expect.any(OutcomeUnknownError)],
    ['none', 'UNKNOWN', expect.any(OutcomeUnknownError)],
    ['every-answer', 'FAILED', declined],
  ] as const)(
    'decides for an unresolved attempt before it only where every answer is replayed: %s',
    async (dedup, state, error) => {
      // Only the textbook sends again without having resolved, which is what this takes.
      const { runtime, operation, charge, script, record } = rig({ onUnknown: 'clear', gateway: { dedup } });
      script(() => new Promise(() => {}), failing(declined));
      void operation(order);
      await runtime.advance(10_000);
      expect(await charge()).toEqual({ error });
      expect(await record()).toMatchObject({ state, token: 2 });
    },
  );
});

describe('a payment that waits', () => {
  it.each([
    ['the payer', new AuthenticationRequiredError('3-D Secure', { gatewayId: 'pay_1' })],
    ['the gateway', new PaymentPendingError('accepted', { gatewayId: 'pay_1' })],
  ])('for %s is pending under its id, and moves on by look-up without another send', async (_, failure) => {
    const { charge, script, finds, record, sent } = rig();
    script(failing(failure));
    expect(await charge()).toEqual({ error: failure });
    expect(await record()).toMatchObject({ state: 'PENDING', gatewayId: 'pay_1', unresolved: true });
    finds({ kind: 'pending', gatewayId: 'pay_1' });
    expect(await charge()).toEqual({ error: expect.any(PaymentPendingError) });
    expect(await charge()).toMatchObject({ error: { code: 'payment_pending', gatewayId: 'pay_1' } });
    finds({ kind: 'found', result: { id: 'pay_1' } });
    expect(await charge()).toEqual({ result: { id: 'pay_1' } });
    expect(await record()).toMatchObject({ state: 'COMPLETED' });
    expect(sent).toHaveLength(1);
  });

  it.each([new AuthenticationRequiredError('3-D Secure'), new PaymentPendingError('accepted')])(
    'is never stored as failed, though the gateway gave no id: %s',
    async (failure) => {
      const { charge, script, finds, record } = rig();
      script(failing(failure));
      expect(await charge()).toEqual({ error: failure });
      expect(await record()).toMatchObject({ state: 'PENDING', unresolved: true });
      finds({ kind: 'found', result: { id: 'pay_1' } });
      expect(await charge()).toEqual({ result: { id: 'pay_1' } });
    },
  );
});

describe('a charge whose result cannot be stored', () => {
  it('is told truthfully, and found again once the lease is over', async () => {
    const { runtime, charge, lose, finds, sent, record } = rig();
    lose('complete', 'request');
    expect(await charge()).toEqual({ result: { id: 'ch_1' } });
    expect(await record()).toMatchObject({ state: 'IN_FLIGHT' });
    await runtime.advance(10_000);
    finds({ kind: 'found', result: { id: 'ch_1' } });
    expect(await charge()).toEqual({ result: { id: 'ch_1' } });
    expect(sent).toHaveLength(1);
  });

  it('is told truthfully when only the reply of the store was lost', async () => {
    const { charge, lose, sent } = rig();
    lose('complete', 'reply');
    expect(await charge()).toEqual({ result: { id: 'ch_1' } });
    expect(await charge()).toEqual({ result: { id: 'ch_1' } });
    expect(sent).toHaveLength(1);
  });

  it('is told truthfully when JSON cannot hold it', async () => {
    const { charge, script, record } = rig();
    script(() => ({ id: 'ch_1', amount: 5n }));
    expect(await charge()).toEqual({ result: { id: 'ch_1', amount: 5n } });
    expect(await record()).toMatchObject({ state: 'IN_FLIGHT' });
  });

  it.each([
    ['fail', declined],
    ['release', new RateLimitedError('slow down')],
    ['suspend', new GatewayTimeoutError('lost')],
  ] as const)('nor can its failure, which is told truthfully as well: %s', async (write, failure) => {
    const { charge, script, lose, record } = rig();
    script(failing(failure));
    lose(write, 'request');
    expect(await charge()).toEqual({ error: failure });
    expect(await record()).toMatchObject({ state: 'IN_FLIGHT' });
  });
});

describe('an owner that was overtaken', () => {
  const late = [
    ['success', () => ({ id: 'ch_own' })],
    ['decline', failing(declined)],
    ['unknown', failing(new GatewayTimeoutError('lost'))],
    ['nothing', failing(new RateLimitedError('slow down'))],
  ] as const;

  /** A first owner that answers 15 s after it was sent, with its lease over for 5 s. */
  async function overtaken(behaviour: Behaviour) {
    const setup = rig({ ttlMs: 1_000 });
    const { runtime, operation, script } = setup;
    script(() => runtime.sleep(15_000).then(() => behaviour({})));
    const first = outcomeOf(operation(order));
    await runtime.advance(10_000);
    return { ...setup, first };
  }

  it.each(late)('by a success answers that success, not its own %s', async (_, behaviour) => {
    const { runtime, first, finds, charge, record } = await overtaken(behaviour);
    finds({ kind: 'found', result: { id: 'ch_found' } });
    await charge();
    const before = await record();
    expect(await runtime.settle(first)).toEqual({ result: { id: 'ch_found' } });
    expect(await record()).toBe(before);
  });

  it.each(late)('by a decline answers that decline, not its own %s', async (_, behaviour) => {
    const { runtime, first, script, charge } = await overtaken(behaviour);
    script(failing(new CardDeclinedError('declined at last')));
    await charge();
    expect(await runtime.settle(first)).toEqual({ error: new CardDeclinedError('declined at last') });
  });

  it.each(late)('by somebody who is not done says unknown, not its own %s', async (_, behaviour) => {
    const { runtime, first, script, operation } = await overtaken(behaviour);
    script(() => new Promise(() => {}));
    void operation(order);
    await runtime.drain();
    expect(await runtime.settle(first)).toEqual({ error: expect.any(OutcomeUnknownError) });
  });

  it.each([
    ['another payload', { ...order, amountMinor: 9 }],
    ['the same payload', order],
  ])('says unknown when the slot has since gone to a new payment of %s', async (_, next) => {
    const { runtime, first, finds, charge } = await overtaken(() => ({ id: 'ch_own' }));
    finds({ kind: 'found', result: { id: 'ch_found' } });
    await charge();
    await runtime.advance(1_000);
    expect(await charge(next)).toEqual({ result: { id: 'ch_2' } });
    expect(await runtime.settle(first)).toEqual({ error: expect.any(OutcomeUnknownError) });
  });

  it('says unknown when the slot has since been freed and given to another payload', async () => {
    const { runtime, first, finds, script, charge } = await overtaken(() => ({ id: 'ch_own' }));
    script(failing(new GatewayServerError('a replayed 500', { sealed: true })));
    await charge();
    await runtime.advance(2_000);
    finds({ kind: 'absent' });
    script(failing(new RateLimitedError('slow down')));
    await charge();
    expect(await charge({ ...order, amountMinor: 9 })).toEqual({ result: { id: 'ch_4' } });
    expect(await runtime.settle(first)).toEqual({ error: expect.any(OutcomeUnknownError) });
  });
});
