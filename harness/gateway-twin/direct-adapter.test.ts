// Convinces by checking, for every answer that the wire can give, what it is taken to prove about money: the class
// and the effect are what decides later whether a payment is sent again.

import { describe, expect, test } from 'vitest';
import { GatewayTimeoutError, PaymentError } from '../../src/errors/payment-error.ts';
import { type ProfileName, profiles } from '../cases/case.ts';
import type { Injection, WireFailure } from '../faults/decide.ts';
import type { FaultKind } from '../faults/kinds.ts';
import { type Boundary, type Crossable, Outside, Slow } from '../world/boundary.ts';
import { directGateway } from './direct-adapter.ts';
import { aCharge, injection, rig } from './twin-rig.ts';

/** A boundary that applies at once, and lets a test spoil the next crossing. */
function bench(profile: ProfileName) {
  const { twin, far, capabilities } = rig(profile);
  const crossed: Pick<Crossable<unknown>, 'site' | 'request' | 'signal'>[] = [];
  const replies: unknown[] = [];
  let inject: Injection | undefined;
  let failure: WireFailure | undefined;
  const boundary: Boundary = {
    async cross(crossable) {
      const { site, request, signal } = crossable;
      crossed.push({ site, request, signal });
      const [injected, failed] = [inject, failure];
      inject = undefined;
      failure = undefined;
      if (failed !== undefined) throw crossable.fail(failed);
      if (signal !== undefined && injected?.kind === 'slow')
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      const reply = crossable.apply(injected);
      if (reply instanceof Outside) throw new Error('the direct adapter has nothing to do outside the world');
      const { handed = (given) => given } = crossable;
      replies.push(reply);
      if (!(reply instanceof Slow)) return handed(reply);
      far.advance(reply.afterMs);
      return handed(reply.finish());
    },
  };
  return {
    gateway: directGateway({ twin, boundary, capabilities }),
    twin,
    far,
    crossed,
    replies,
    spoil: (kind: FaultKind, ms = 0, retryAfter?: string) => {
      inject = injection(kind, ms, retryAfter);
    },
    cut: (how: WireFailure) => {
      failure = how;
    },
  };
}

async function rejected(promise: Promise<unknown>): Promise<PaymentError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PaymentError)) throw new Error(`expected a PaymentError, got ${String(error)}`);
  return error;
}

test.each(profiles)('a charge crosses once and comes back as booked (%s)', async (profile) => {
  const { gateway, crossed, twin } = bench(profile);
  const request = aCharge();
  const charge = await gateway.authorize(request);
  expect(crossed).toEqual([{ site: 'gateway.authorize', request, signal: undefined }]);
  expect(await gateway.lookup({ by: 'reference', merchantReference: 'order-1' })).toEqual({
    kind: 'found',
    charge,
  });
  expect(twin.books().charges).toHaveLength(1);
});

test('what a program does to its request and its charge changes nothing at the gateway', async () => {
  const { gateway, crossed, twin } = bench('stripe');
  const request = { ...aCharge() };
  const charging = gateway.authorize(request);
  request.amountMinor = 1;
  const charge = await charging;
  Object.assign(charge, { id: 'ch_other', capturedMinor: 1 });
  expect(crossed).toMatchObject([{ request: { amountMinor: 500 } }]);
  expect(twin.books().charges).toMatchObject([{ id: 'ch_1', capturedMinor: 500 }]);
  expect(await gateway.authorize(aCharge())).toMatchObject({ id: 'ch_1', capturedMinor: 500 });
  const found = await gateway.lookup({ by: 'reference', merchantReference: 'order-1' });
  expect(found).toMatchObject({ charge: { id: 'ch_1', capturedMinor: 500 } });
});

test('every operation crosses at its own site', async () => {
  const { gateway, crossed } = bench('stripe');
  const on = (key: string) => ({ idempotencyKey: key, merchantReference: key, chargeId: 'ch_1' });
  await gateway.authorize(aCharge({ capture: 'manual' }));
  expect(await gateway.capture({ ...on('c'), amountMinor: 400 })).toMatchObject({ capturedMinor: 400 });
  expect(await gateway.refund({ ...on('r'), amountMinor: 100 })).toMatchObject({ status: 'succeeded' });
  await gateway.authorize(aCharge({ capture: 'manual', idempotencyKey: 'k2' }));
  expect(await gateway.void({ ...on('v'), chargeId: 'ch_2' })).toMatchObject({ status: 'voided' });
  expect(crossed.map(({ site }) => site)).toEqual([
    'gateway.authorize',
    'gateway.capture',
    'gateway.refund',
    'gateway.authorize',
    'gateway.void',
  ]);
});

test('a refund is looked up at a site of its own, and what is found is not the record of it', async () => {
  const { gateway, crossed, replies, spoil } = bench('stripe');
  await gateway.authorize(aCharge());
  await gateway.refund({ idempotencyKey: 'r', merchantReference: 'r', chargeId: 'ch_1', amountMinor: 100 });
  const which = { chargeId: 'ch_1', merchantReference: 'r' };
  const found = await gateway.lookupRefund(which);
  const refund = { id: 're_1', chargeId: 'ch_1', amountMinor: 100, status: 'succeeded' };
  expect(found).toEqual({ kind: 'found', refund });
  if (found.kind === 'found') Object.assign(found.refund, { status: 'failed' });
  expect(replies.at(-1)).toEqual({ kind: 'found', refund });
  expect(crossed.at(-1)).toEqual({ site: 'gateway.lookup-refund', request: which, signal: undefined });
  expect(await gateway.lookupRefund({ ...which, merchantReference: 'other' })).toEqual({ kind: 'absent' });
  spoil('rate-limited', 0, '7');
  const turnedAway = await rejected(gateway.lookupRefund(which));
  expect(turnedAway).toMatchObject({ name: 'RateLimitedError', effect: 'none', retryAfter: '7' });
});

describe('what an answer proves', () => {
  const first = { sealed: false };
  test.each([
    ['soft-decline', { name: 'InsufficientFundsError', effect: 'final', declineCode: 'insufficient_funds' }],
    ['hard-decline', { name: 'CardDeclinedError', effect: 'final', declineCode: 'do_not_honor' }],
    ['rate-limited', { name: 'RateLimitedError', effect: 'none', retryAfter: '7' }],
    ['in-progress', { name: 'GatewayBusyError', effect: 'unknown' }],
    ['bodyless-409', { name: 'GatewayBusyError', effect: 'unknown' }],
    ['500-before-commit', { name: 'GatewayServerError', effect: 'unknown' }],
    ['500-after-commit', { name: 'GatewayServerError', effect: 'unknown' }],
    ['edge-504', { name: 'GatewayServerError', effect: 'unknown' }],
    ['3ds-required', { name: 'AuthenticationRequiredError', effect: 'final', gatewayId: 'ch_1' }],
    ['3ds-abandoned', { name: 'AuthenticationRequiredError', effect: 'final', gatewayId: 'ch_1' }],
    ['pending', { name: 'PaymentPendingError', effect: 'unknown', gatewayId: 'ch_1' }],
  ] as const)('%s: %o', async (kind, proof) => {
    const { gateway, spoil } = bench('stripe');
    spoil(kind, 10, '7');
    const error = await rejected(gateway.authorize(aCharge()));
    expect(error).toMatchObject({ ...first, ...proof });
  });

  test.each(['500-before-commit', '500-after-commit', 'hard-decline', 'soft-decline'] as const)(
    'the replay of %s seals the key, in the same words',
    async (kind) => {
      const { gateway, spoil } = bench('stripe');
      spoil(kind);
      const original = await rejected(gateway.authorize(aCharge()));
      const replay = await rejected(gateway.authorize(aCharge()));
      expect(replay.sealed).toBe(true);
      expect([replay.name, replay.message, replay.declineCode]).toEqual([
        original.name,
        original.message,
        original.declineCode,
      ]);
    },
  );

  test('a conflict never seals; the stored failure fetched by key does', async () => {
    const { gateway, spoil } = bench('mango');
    spoil('500-before-commit');
    await rejected(gateway.authorize(aCharge()));
    expect(await rejected(gateway.authorize(aCharge()))).toMatchObject({
      name: 'GatewayBusyError',
      sealed: false,
    });
    expect(await gateway.lookup({ by: 'key', idempotencyKey: 'k' })).toMatchObject({
      kind: 'answered',
      error: { name: 'GatewayServerError', sealed: true },
    });
  });

  test('a changed body under the same key says nothing of the first', async () => {
    const { gateway } = bench('stripe');
    await gateway.authorize(aCharge());
    const error = await rejected(gateway.authorize(aCharge({ amountMinor: 7 })));
    expect(error).toMatchObject({ name: 'GatewayKeyReuseError', effect: 'unknown', sealed: false });
  });

  test('a malformed request, a wrong state and a missing charge prove that nothing was done', async () => {
    const { gateway } = bench('stripe');
    const rejection = { name: 'GatewayRejectedError', effect: 'none' };
    expect(await rejected(gateway.authorize(aCharge({ currency: 'zzz' })))).toMatchObject(rejection);
    const refund = { idempotencyKey: 'r', merchantReference: 'r', chargeId: 'ch_9', amountMinor: 1 };
    expect(await rejected(gateway.refund(refund))).toMatchObject(rejection);
  });

  test.each([
    ['refused', { name: 'NetworkError', effect: 'none' }],
    ['dns', { name: 'NetworkError', effect: 'none' }],
    ['reset', { name: 'NetworkError', effect: 'unknown' }],
    ['cut', { name: 'GatewayServerError', effect: 'unknown', sealed: false }],
    ['malformed', { name: 'GatewayServerError', effect: 'unknown', sealed: false }],
  ] as const)('a wire that fails by %s: %o', async (how, proof) => {
    const { gateway, cut } = bench('stripe');
    cut(how);
    expect(await rejected(gateway.authorize(aCharge()))).toMatchObject(proof);
  });
});

describe('look-ups', () => {
  const lookup = { by: 'reference', merchantReference: 'order-1' } as const;

  test('a payment that finally failed is a final answer, which seals its key', async () => {
    const { gateway, spoil, far } = bench('stripe');
    spoil('3ds-abandoned', 10);
    await rejected(gateway.authorize(aCharge()));
    expect(await gateway.lookup(lookup)).toEqual({ kind: 'pending', gatewayId: 'ch_1' });
    far.advance(10);
    expect(await gateway.lookup(lookup)).toMatchObject({
      kind: 'answered',
      error: { name: 'CardDeclinedError', effect: 'final', sealed: true },
    });
  });

  test('a look-up that is turned away rejects', async () => {
    const { gateway, spoil } = bench('stripe');
    spoil('rate-limited');
    expect(await rejected(gateway.lookup(lookup))).toMatchObject({
      name: 'RateLimitedError',
      effect: 'none',
    });
  });
});

describe('nothing is sent', () => {
  test.each([{ idempotencyKey: '' }, { merchantReference: '' }])('without %o', async (missing) => {
    const { gateway, crossed } = bench('none');
    const error = await rejected(gateway.authorize(aCharge(missing)));
    expect(error).toMatchObject({ name: 'ValidationError', effect: 'none' });
    const movement = { idempotencyKey: 'r', merchantReference: 'r', chargeId: 'c', ...missing };
    for (const call of [
      gateway.refund({ ...movement, amountMinor: 1 }),
      gateway.capture({ ...movement, amountMinor: 1 }),
      gateway.void(movement),
    ])
      expect(await rejected(call)).toMatchObject({ name: 'ValidationError' });
    expect(crossed).toEqual([]);
  });

  test('for a look-up of nothing', async () => {
    const { gateway, crossed } = bench('mango');
    const error = await rejected(gateway.lookup({ by: 'key', idempotencyKey: '' }));
    expect(error.name).toBe('ValidationError');
    const unnamed = await rejected(gateway.lookupRefund({ chargeId: 'ch_1', merchantReference: '' }));
    expect(unnamed.name).toBe('ValidationError');
    expect(crossed).toEqual([]);
  });

  test('when the caller had given up before', async () => {
    const { gateway, crossed } = bench('stripe');
    const reason = new GatewayTimeoutError('too late');
    const error = await rejected(gateway.authorize(aCharge(), { signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect(crossed).toEqual([]);
  });
});

test('a caller that gives up with anything gets a payment error whose effect is unknown', async () => {
  const { gateway, spoil } = bench('stripe');
  spoil('slow', 1000);
  const controller = new AbortController();
  const call = gateway.authorize(aCharge(), { signal: controller.signal });
  controller.abort(new Error('bored'));
  const error = await rejected(call);
  expect(error).toMatchObject({
    name: 'GatewayTimeoutError',
    effect: 'unknown',
    cause: { message: 'bored' },
  });
});
