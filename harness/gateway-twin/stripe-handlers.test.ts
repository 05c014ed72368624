// One twin is asked directly, another one over Stripe's wire format by the real SDK, and both are asked the same
// things. What the port makes of the answers must be equal, but for the words and for what Stripe's format loses.

import { getResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import type { Injection } from '../faults/decide.ts';
import { faultFacts, faultKinds, strikes } from '../faults/kinds.ts';
import { challengeLifetimeMs } from './challenges.ts';
import { stripeHandlers } from './stripe-handlers.ts';
import { aCharge, injection, rig } from './twin-rig.ts';
import { directly, overStripe, type Side, said, summary } from './two-sides.ts';

/** Charges, repeats, looks up, lets time pass and looks up again. */
async function script({ gateway, far, spoil }: Side, inject: Injection): Promise<readonly unknown[]> {
  const reference = { by: 'reference', merchantReference: 'order-1' } as const;
  const heard: unknown[] = [];
  spoil(inject);
  heard.push(await said(gateway.authorize(aCharge())));
  heard.push(await said(gateway.lookup(reference)));
  heard.push(await said(gateway.authorize(aCharge())));
  heard.push(await said(gateway.authorize(aCharge({ amountMinor: 501 }))));
  far.advance(20_000);
  heard.push(await said(gateway.authorize(aCharge())));
  spoil(inject);
  heard.push(await said(gateway.lookup(reference)));
  heard.push(await said(gateway.lookup({ by: 'reference', merchantReference: "no\\such'one" })));
  return heard;
}

const atGateway = faultKinds.filter(
  (kind) =>
    faultFacts[kind].layer === 'gateway' &&
    (strikes(kind, 'gateway.authorize') || strikes(kind, 'gateway.lookup')),
);

describe('stripe handlers: what the SDK hears is what the twin said', () => {
  for (const profile of ['stripe', 'checkout', 'none'] as const) {
    it.each(['delay', ...atGateway] as const)(`${profile}, %s`, async (kind) => {
      const inject = injection(
        kind,
        faultFacts[kind].defaultMs ?? 0,
        kind === 'rate-limited' ? '7' : undefined,
      );
      const heard = await script(overStripe(profile), inject);
      expect(heard).toEqual(await script(directly(profile), inject));
    });
  }

  it.each(['authenticated', 'failed', 'expired'] as const)('follows a challenge that is %s', async (end) => {
    const follow = async ({ gateway, twin, far, spoil }: Side): Promise<readonly unknown[]> => {
      const reference = { by: 'reference', merchantReference: 'order-1' } as const;
      spoil(injection('3ds-challenge'));
      const heard = [await said(gateway.authorize(aCharge())), await said(gateway.lookup(reference))];
      far.advance(end === 'expired' ? challengeLifetimeMs : 1_000);
      if (end !== 'expired') twin.stepUp('tok', end);
      return [...heard, await said(gateway.lookup(reference)), await said(gateway.authorize(aCharge()))];
    };
    const heard = await follow(overStripe('stripe'));
    expect(heard).toEqual(await follow(directly('stripe')));
    const last = end === 'authenticated' ? 'found' : 'answered';
    expect(heard.map(summary)).toEqual([
      'authentication_required',
      'pending',
      last,
      'authentication_required',
    ]);
  });

  it('moves money that is held, and refuses what the twin refuses', async () => {
    const move = async ({ gateway }: Side): Promise<readonly unknown[]> => {
      const mutation = (idempotencyKey: string) => ({ idempotencyKey, merchantReference: idempotencyKey });
      const held = aCharge({ capture: 'manual' });
      const other = aCharge({ idempotencyKey: 'k-b', merchantReference: 'order-2', capture: 'manual' });
      return [
        await said(gateway.authorize(held)),
        await said(gateway.authorize(other)),
        await said(gateway.capture({ ...mutation('c1'), chargeId: 'ch_1', amountMinor: 300 })),
        await said(gateway.capture({ ...mutation('c1'), chargeId: 'ch_1', amountMinor: 300 })),
        await said(gateway.void({ ...mutation('v1'), chargeId: 'ch_2' })),
        await said(gateway.refund({ ...mutation('r1'), chargeId: 'ch_1', amountMinor: 100 })),
        await said(gateway.lookup({ by: 'reference', merchantReference: 'order-2' })),
        await said(gateway.refund({ ...mutation('r2'), chargeId: 'ch_1', amountMinor: 201 })),
        await said(gateway.void({ ...mutation('v2'), chargeId: 'ch_1' })),
        await said(gateway.capture({ ...mutation('c3'), chargeId: 'ch_9', amountMinor: 1 })),
      ];
    };
    const heard = await move(overStripe('stripe'));
    expect(heard).toEqual(await move(directly('stripe')));
    expect(heard.map(summary)).toEqual([
      'authorized',
      'authorized',
      'captured',
      'captured',
      'voided',
      'succeeded',
      'found',
      'gateway_rejected',
      'gateway_rejected',
      'gateway_rejected',
    ]);
  });
});

describe('stripe handlers: the wire itself', () => {
  async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; body: string }> {
    const { twin } = rig('stripe');
    const handlers = stripeHandlers(() => ({ twin, pause: async () => {} }));
    const headers = { authorization: 'Bearer sk_test_x', ...init.headers };
    const request = new Request(`https://api.stripe.com${path}`, { ...init, headers });
    const response = await getResponse(handlers, request);
    return { status: response?.status ?? 0, body: (await response?.text()) ?? '' };
  }

  it.each([
    ['no key', '/v1/payment_intents', { method: 'POST', headers: { authorization: '' } }, 401],
    ['a path that is not emulated', '/v1/customers', { method: 'POST' }, 404],
    ['a method that is not emulated', '/v1/payment_intents', { method: 'GET' }, 404],
    ['a payment without an amount', '/v1/payment_intents', { method: 'POST', body: 'currency=usd' }, 400],
    ['another query', "/v1/payment_intents/search?query=currency:'usd'", {}, 400],
    ['refunds of all payments', '/v1/refunds', {}, 400],
    ['pages that are too long', '/v1/refunds?payment_intent=ch_1&limit=101', {}, 400],
  ] as const)('refuses %s', async (...[, path, init, status]) => {
    const answer = await ask(path, init);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toHaveProperty('error.type', 'invalid_request_error');
  });

  it.each([
    ['3ds-challenge', ['requires_action', 'succeeded']],
    ['3ds-abandoned', ['requires_action', 'requires_payment_method']],
    ['pending', ['processing', 'succeeded']],
  ] as const)('shows a payment that is not decided as Stripe does: %s', async (kind, statuses) => {
    const { twin, far } = rig('stripe');
    twin.authorize(aCharge(), injection(kind, 5_000));
    const handlers = stripeHandlers(() => ({ twin, pause: async () => {} }));
    const shown = async (): Promise<Record<string, unknown>> => {
      const query = encodeURIComponent("metadata['merchant_reference']:'order-1'");
      const url = `https://api.stripe.com/v1/payment_intents/search?query=${query}`;
      const headers = { authorization: 'Bearer sk_test_x' };
      const response = await getResponse(handlers, new Request(url, { headers }));
      return JSON.parse((await response?.text()) ?? '').data[0];
    };
    const before = await shown();
    expect(before['next_action']).toEqual(
      before['status'] === 'requires_action' ? { type: 'use_stripe_sdk', use_stripe_sdk: {} } : null,
    );
    far.advance(5_000);
    twin.stepUp('tok', 'authenticated');
    const after = await shown();
    expect([before['status'], after['status']]).toEqual(statuses);
    expect(after['next_action']).toBeNull();
  });

  it('marks a replay as Stripe does', async () => {
    const { twin } = rig('stripe');
    const handlers = stripeHandlers(() => ({ twin, pause: async () => {} }));
    const marks: (string | null | undefined)[] = [];
    for (let time = 0; time < 2; time++) {
      const response = await getResponse(
        handlers,
        new Request('https://api.stripe.com/v1/payment_intents', {
          method: 'POST',
          headers: { authorization: 'Bearer sk_test_x', 'idempotency-key': 'k' },
          body: 'amount=500&currency=usd&confirm=true&capture_method=automatic&payment_method=pm_1',
        }),
      );
      marks.push(response?.headers.get('idempotent-replayed'));
    }
    expect(marks).toEqual([null, 'true']);
  });
});
