// Convinces by what the gateway was sent and what the store was asked, call by call, over a store that can lose
// requests and replies: an answer counts only together with the absence of a second send.

import { describe, expect, it } from 'vitest';
import {
  AuthenticationRequiredError,
  GatewayTimeoutError,
  IdempotencyConflictError,
  InsufficientFundsError,
} from '../errors/payment-error.ts';
import { failing, order, outcomeOf, type Rig, rig } from './testing.ts';

const declined = new InsufficientFundsError('declined', { declineCode: 'insufficient_funds' });
const other = { ...order, amountMinor: 501 };

/** A behaviour that takes its time, five seconds unless said otherwise, before it succeeds. */
const slowly =
  ({ runtime }: Rig, ms = 5_000) =>
  () =>
    runtime.sleep(ms).then(() => ({ id: 'ch_slow' }));

describe('a first call', () => {
  it('is sent once, under names that stay the same, and passes on what travels with the call', async () => {
    const { charge, sent } = rig();
    const { signal } = new AbortController();
    expect(await charge(order, { signal })).toEqual({ result: { id: 'ch_1' } });
    expect(sent).toEqual([
      {
        signal,
        idempotencyKey: 'shop/k/charge/0.0',
        merchantReference: 'shop/k/charge/0',
        mayResend: true,
        fence: expect.any(Function),
      },
    ]);
  });

  it('costs two round trips, and a replay one', async () => {
    const { charge, operations } = rig();
    await charge();
    expect(operations).toEqual(['claim', 'complete']);
    await charge();
    expect(operations).toEqual(['claim', 'complete', 'claim']);
  });

  it.each([
    ['successes', false],
    ['none', false],
    ['every-answer', true],
  ] as const)(
    'may be sent again after an unknown attempt where the gateway replays %s: %s',
    async (dedup, mayResend) => {
      const { charge, sent } = rig({ gateway: { dedup } });
      await charge();
      expect(sent[0]?.mayResend).toBe(mayResend);
    },
  );
});

describe('a replay', () => {
  it.each([
    [{ id: 'ch_1', list: [1, null, 'ü'], nested: { b: 1, a: -0.5 } }],
    [null],
    [undefined],
    [''],
    [0],
    [false],
    ['text'],
    [[]],
  ])('is byte-equal to the first answer and sends nothing: %j', async (result) => {
    const { charge, script, sent } = rig();
    script(() => result);
    const first = await charge();
    const replays: string[] = [];
    const again = await charge(order, { onReplay: () => void replays.push('replay') });
    expect(first).toEqual({ result });
    expect(again).toEqual({ result });
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
    expect(sent).toHaveLength(1);
    expect(replays).toEqual(['replay']);
  });

  it('raises the same final failure, in class, code, message and reason', async () => {
    const { charge, script, sent } = rig();
    script(failing(declined));
    const replays: string[] = [];
    const onReplay = (): void => void replays.push('replay');
    expect(await charge(order, { onReplay })).toEqual({ error: declined });
    expect(replays).toEqual([]);
    const { error } = (await charge(order, { onReplay })) as { readonly error: unknown };
    expect(error).toBeInstanceOf(InsufficientFundsError);
    expect(error).not.toBe(declined);
    expect(error).toMatchObject({
      code: declined.code,
      message: declined.message,
      declineCode: declined.declineCode,
    });
    expect(replays).toEqual(['replay']);
    expect(sent).toHaveLength(1);
  });

  it('lasts as long as the record, from its final state; then the key means a new payment', async () => {
    const setup = rig({ ttlMs: 60_000, leaseMs: 1_000 });
    const { runtime, charge, script, sent } = setup;
    script(slowly(setup, 500));
    await charge();
    await runtime.advance(59_999);
    expect(await charge()).toEqual({ result: { id: 'ch_slow' } });
    await runtime.advance(1);
    expect(await charge(other)).toEqual({ result: { id: 'ch_2' } });
    expect(sent.map((call) => [call.idempotencyKey, call.merchantReference])).toEqual([
      ['shop/k/charge/0.0', 'shop/k/charge/0'],
      ['shop/k/charge/1.0', 'shop/k/charge/1'],
    ]);
  });
});

describe('another payload under the same key', () => {
  const unknown = failing(new GatewayTimeoutError('lost'));
  const pending = failing(new AuthenticationRequiredError('3-D Secure', { gatewayId: 'pay_1' }));

  it.each([
    ['COMPLETED', () => 'ok'],
    ['FAILED', failing(declined)],
    ['UNKNOWN', unknown],
    ['PENDING', pending],
  ])('is a conflict, though the record is %s, and changes nothing', async (state, behaviour) => {
    const { charge, script, sent, record, lookedUp } = rig();
    script(behaviour);
    await charge();
    const before = await record();
    expect(before.state).toBe(state);
    expect(await charge(other)).toEqual({ error: expect.any(IdempotencyConflictError) });
    expect(await record()).toBe(before);
    expect(sent).toHaveLength(1);
    expect(lookedUp).toEqual([]);
  });

  it('is a conflict at once, though the first is in flight and duplicates would wait', async () => {
    const setup = rig({ waitMs: 8_000 });
    const { runtime, operation, script, sent } = setup;
    script(slowly(setup));
    const first = outcomeOf(operation(order));
    await runtime.drain();
    const second = outcomeOf(operation(other));
    await runtime.drain();
    expect(runtime.sleptMs).toEqual([5_000]);
    expect(await second).toEqual({ error: expect.any(IdempotencyConflictError) });
    expect(await runtime.settle(first)).toEqual({ result: { id: 'ch_slow' } });
    expect(sent).toHaveLength(1);
  });

  it('is a conflict though the lease of a crashed owner has ended', async () => {
    const { runtime, operation, charge, script } = rig();
    script(() => new Promise(() => {}));
    void operation(order);
    await runtime.advance(60_000);
    expect(await charge(other)).toEqual({ error: expect.any(IdempotencyConflictError) });
  });

  it('is only what the payload says it is', async () => {
    const { charge, sent } = rig({ payload: ({ key }) => ({ key }) });
    await charge();
    expect(await charge(other)).toEqual({ result: { id: 'ch_1' } });
    expect(sent).toHaveLength(1);
  });
});

describe('scopes', () => {
  it.each([
    ['two tenants', { ...order, scope: 'a' }, { ...order, scope: 'b' }],
    ['a separator in the scope', { ...order, scope: 'a/b', key: 'c' }, { ...order, scope: 'a', key: 'b/c' }],
    ['an escape in the scope', { ...order, scope: 'a%2Fb', key: 'c' }, { ...order, scope: 'a/b', key: 'c' }],
  ])('never share a record or a gateway key: %s', async (_, left, right) => {
    const { charge, sent } = rig();
    expect(await charge(left)).toEqual({ result: { id: 'ch_1' } });
    expect(await charge(right)).toEqual({ result: { id: 'ch_2' } });
    expect(sent[0]?.idempotencyKey).not.toBe(sent[1]?.idempotencyKey);
    expect(sent[0]?.merchantReference).not.toBe(sent[1]?.merchantReference);
  });
});
