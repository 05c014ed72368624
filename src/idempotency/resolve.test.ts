// Convinces by an operation that was left unknown and is asked about again: what was looked up, what was sent, under
// which key, and what was told, for each kind of promise that a gateway can make, at the instants around each bound.

import { describe, expect, it } from 'vitest';
import {
  AuthenticationRequiredError,
  CardDeclinedError,
  GatewayServerError,
  GatewayTimeoutError,
  NetworkError,
  NotChargedError,
  OutcomeUnknownError,
  RateLimitedError,
} from '../errors/payment-error.ts';
import { failing, order, type RigOptions, rig } from './testing.ts';

const lost = failing(new GatewayTimeoutError('lost'));
const spent = failing(new GatewayServerError('a replayed 500', { sealed: true }));
const declined = new CardDeclinedError('declined');
const unknown = { error: expect.any(OutcomeUnknownError) };
const notCharged = { error: expect.any(NotChargedError) };
const reference = { by: 'reference', merchantReference: 'shop/k/charge/0' };
const byKey = { lookup: { by: ['key', 'reference'], consistentAfterMs: 0 } } as const;

/** A rig whose first send, at time 0, had an unknown effect. */
async function unresolved(options: RigOptions = {}, how = lost) {
  const setup = rig(options);
  setup.script(how);
  await setup.charge();
  return setup;
}

describe('an unknown outcome', () => {
  it('is looked up before anything else, and taken if it is there', async () => {
    for (const dedup of ['every-answer', 'successes', 'none'] as const) {
      const { charge, finds, sent, lookedUp, record } = await unresolved({ gateway: { dedup } });
      finds({ kind: 'found', result: { id: 'ch_1' } });
      expect(await charge()).toEqual({ result: { id: 'ch_1' } });
      expect(await charge()).toEqual({ result: { id: 'ch_1' } });
      expect(lookedUp).toEqual([reference]);
      expect(sent).toHaveLength(1);
      expect(await record()).toMatchObject({ state: 'COMPLETED', token: 2, unresolved: false });
    }
  });

  it('stays unknown while the gateway cannot be asked', async () => {
    const { charge, finds, sent, record } = await unresolved();
    finds(new NetworkError('refused', { effect: 'none' }));
    expect(await charge()).toMatchObject({
      error: { code: 'outcome_unknown', cause: expect.any(NetworkError) },
    });
    expect(sent).toHaveLength(1);
    expect(await record()).toMatchObject({ state: 'UNKNOWN', sendableUntilMs: 0 });
  });

  it('of a pending payment stays pending while the gateway cannot be asked', async () => {
    const wait = failing(new AuthenticationRequiredError('3-D Secure', { gatewayId: 'pay_1' }));
    const { charge, finds, record } = await unresolved({}, wait);
    finds(new NetworkError('refused', { effect: 'none' }));
    expect(await charge()).toEqual(unknown);
    expect(await record()).toMatchObject({ state: 'PENDING', gatewayId: 'pay_1' });
  });

  it('becomes the decline that the gateway shows', async () => {
    const { charge, finds, record } = await unresolved();
    finds({ kind: 'answered', error: declined });
    expect(await charge()).toEqual({ error: declined });
    expect(await record()).toMatchObject({ state: 'FAILED' });
  });

  it('of a crashed owner is resolved after its lease, before anything is sent', async () => {
    const { runtime, operation, charge, script, finds, sent } = rig();
    script(() => new Promise(() => {}));
    void operation(order);
    await runtime.advance(10_000);
    finds({ kind: 'found', result: { id: 'ch_1' } });
    expect(await charge()).toEqual({ result: { id: 'ch_1' } });
    expect(sent).toHaveLength(1);
  });

  it('survives an attempt without effect: that proves nothing of the one before', async () => {
    const { runtime, charge, script, record } = await unresolved();
    await runtime.advance(1_000);
    script(failing(new RateLimitedError('slow down')));
    expect(await charge()).toMatchObject({
      error: { code: 'outcome_unknown', cause: expect.any(RateLimitedError) },
    });
    expect(await record()).toMatchObject({ state: 'UNKNOWN', unresolved: true, sendableUntilMs: 0 });
  });
});

describe('where the gateway replays every answer', () => {
  it('an absent payment is sent again under the same key', async () => {
    const { charge, sent } = await unresolved();
    expect(await charge()).toEqual({ result: { id: 'ch_2' } });
    expect(sent.map((call) => call.idempotencyKey)).toEqual(['shop/k/charge/0.0', 'shop/k/charge/0.0']);
  });

  it('a spent key is left for the next one only after a look-up that cannot be stale', async () => {
    const { runtime, charge, sent, record } = await unresolved({}, spent);
    await runtime.advance(1_999);
    expect(await charge()).toEqual(unknown);
    expect(sent).toHaveLength(1);
    expect(await record()).toMatchObject({ generation: 0, sealedAtMs: 0 });
    await runtime.advance(1);
    expect(await charge()).toEqual({ result: { id: 'ch_2' } });
    expect(sent[1]).toMatchObject({
      idempotencyKey: 'shop/k/charge/0.1',
      merchantReference: 'shop/k/charge/0',
    });
    expect(await record()).toMatchObject({ generation: 1, state: 'COMPLETED' });
  });

  it('a spent key that left a charge is answered with that charge', async () => {
    const { runtime, charge, finds, sent } = await unresolved({}, spent);
    await runtime.advance(2_000);
    finds({ kind: 'found', result: { id: 'ch_1' } });
    expect(await charge()).toEqual({ result: { id: 'ch_1' } });
    expect(sent).toHaveLength(1);
  });

  it('a bare 5xx never spends a key', async () => {
    const { runtime, charge, sent } = await unresolved({}, failing(new GatewayServerError('504 of an edge')));
    await runtime.advance(1_000_000);
    await charge();
    expect(sent[1]?.idempotencyKey).toBe('shop/k/charge/0.0');
  });

  it.each(['request', 'reply'] as const)(
    'a lost %s of the next generation leaves the operation unknown',
    async (what) => {
      const { runtime, charge, lose, sent, record } = await unresolved({}, spent);
      await runtime.advance(2_000);
      lose('advance', what);
      expect(await charge()).toEqual(unknown);
      expect(sent).toHaveLength(1);
      await runtime.advance(12_000);
      expect(await charge()).toEqual({ result: { id: 'ch_2' } });
      expect(await record()).toMatchObject({ generation: 1 });
    },
  );

  it('a next generation that is refused to an overtaken owner is not sent', async () => {
    const { runtime, store, options, charge, sent } = await unresolved({}, spent);
    await runtime.advance(2_000);
    options.resolve.find = async () => {
      await store.suspend({ key: 'shop/k', token: 2, state: 'UNKNOWN', sent: false, sealed: false });
      return { kind: 'absent' };
    };
    expect(await charge()).toEqual(unknown);
    expect(sent).toHaveLength(1);
  });

  it('a release keeps the generation, and what came before it is no longer in doubt', async () => {
    const { runtime, charge, script, record, sent } = await unresolved({}, spent);
    await runtime.advance(2_000);
    script(failing(new RateLimitedError('slow down')));
    expect(await charge()).toEqual({ error: expect.any(RateLimitedError) });
    expect(await record()).toMatchObject({ state: 'RELEASED', generation: 1 });
    await charge();
    expect(sent.at(-1)?.idempotencyKey).toBe('shop/k/charge/0.1');
  });
});

describe('where stored answers can be fetched by key', () => {
  it('both are asked, the key first', async () => {
    const { charge, lookedUp } = await unresolved({ gateway: byKey });
    await charge();
    expect(lookedUp).toEqual([{ by: 'key', idempotencyKey: 'shop/k/charge/0.0' }, reference]);
  });

  it('a stored answer that decides nothing spends the key', async () => {
    const { charge, finds, sent } = await unresolved({ gateway: byKey });
    finds({ kind: 'answered', error: new GatewayServerError('500') });
    expect(await charge()).toEqual({ result: { id: 'ch_2' } });
    expect(sent[1]?.idempotencyKey).toBe('shop/k/charge/0.1');
  });

  it('a spent key waits there as well until a look-up cannot be stale', async () => {
    const { runtime, charge, finds, sent } = await unresolved({
      gateway: { lookup: { ...byKey.lookup, consistentAfterMs: 2_000 } },
    });
    finds({ kind: 'answered', error: new GatewayServerError('500') });
    expect(await charge()).toEqual(unknown);
    await runtime.advance(2_000);
    expect(await charge()).toEqual({ result: { id: 'ch_2' } });
    expect(sent[1]?.idempotencyKey).toBe('shop/k/charge/0.1');
  });

  it.each([
    ['with an id', { gatewayId: 'pay_1' }, { state: 'PENDING', gatewayId: 'pay_1', generation: 0 }],
    ['without an id', {}, { state: 'COMPLETED', generation: 0 }],
  ])('a demand for authentication is neither a failure nor a spent key: %s', async (_, details, expected) => {
    const { charge, finds, record } = await unresolved({ gateway: byKey });
    finds({ kind: 'answered', error: new AuthenticationRequiredError('3-D Secure', details) });
    await charge();
    expect(await record()).toMatchObject(expected);
  });
});

describe('where a repeated key is no protection', () => {
  it.each(['successes', 'none'] as const)(
    'nothing is ever sent again, and absence is proof only past the horizon: %s',
    async (dedup) => {
      const { runtime, charge, sent, record } = await unresolved({ gateway: { dedup } });
      await runtime.advance(31_999);
      expect(await charge()).toEqual(unknown);
      expect(await record()).toMatchObject({ state: 'UNKNOWN', sendableUntilMs: 0 });
      await runtime.advance(1);
      expect(await charge()).toEqual(notCharged);
      expect(await charge()).toEqual(notCharged);
      expect(await record()).toMatchObject({ state: 'FAILED', failure: { code: 'not_charged' } });
      expect(sent).toHaveLength(1);
    },
  );

  it('the horizon of a crashed owner starts at the end of its lease', async () => {
    const { runtime, operation, charge, script } = rig({ gateway: { dedup: 'none' } });
    script(() => new Promise(() => {}));
    void operation(order);
    await runtime.advance(41_999);
    expect(await charge()).toEqual(unknown);
    await runtime.advance(1);
    expect(await charge()).toEqual(notCharged);
  });

  it('absence is never proof where a request may take effect arbitrarily late', async () => {
    const { runtime, charge, record } = await unresolved({
      gateway: { dedup: 'none', maxEffectDelayMs: Number.POSITIVE_INFINITY },
    });
    await runtime.advance(1e12);
    expect(await charge()).toEqual(unknown);
    expect(await record()).toMatchObject({ state: 'UNKNOWN' });
  });

  it.each([
    ['by key alone', ['key']],
    ['by nothing', []],
  ] as const)('absence is never proof where payments can be looked up %s', async (_, by) => {
    const { runtime, charge, sent, lookedUp } = await unresolved({
      gateway: { dedup: 'successes', lookup: { by, consistentAfterMs: 0 } },
    });
    await runtime.advance(1_000_000);
    expect(await charge()).toEqual(unknown);
    expect(sent).toHaveLength(1);
    expect(lookedUp).toHaveLength(by.length);
  });

  it('a payment that can be looked up by key alone is found by it', async () => {
    const { charge, finds } = await unresolved({
      gateway: { dedup: 'successes', lookup: { by: ['key'], consistentAfterMs: 0 } },
    });
    finds({ kind: 'found', result: { id: 'ch_1' } });
    expect(await charge()).toEqual({ result: { id: 'ch_1' } });
  });

  it('a failure stored under the key says nothing of the attempts before it', async () => {
    const { charge, finds } = await unresolved({
      gateway: { dedup: 'successes', lookup: { by: ['key'], consistentAfterMs: 0 } },
    });
    finds({ kind: 'answered', error: declined });
    expect(await charge()).toEqual(unknown);
  });

  it('a spent key is never left for the next where absence cannot be proven', async () => {
    const { runtime, charge, sent } = await unresolved(
      { gateway: { lookup: { by: ['key'], consistentAfterMs: 0 } } },
      spent,
    );
    await runtime.advance(1_000_000);
    expect(await charge()).toEqual(unknown);
    expect(sent).toHaveLength(1);
  });
});
