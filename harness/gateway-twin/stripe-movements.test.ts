// Partial captures and refunds over Stripe's wire format, beside the same twin asked directly: what the port makes of the
// answers must be equal.

import { getResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { stripeHandlers } from './stripe-handlers.ts';
import { aCharge, injection, rig, severalCaptures } from './twin-rig.ts';
import { directly, overStripe, type Side, said, summary } from './two-sides.ts';

describe('stripe handlers: movements in parts', () => {
  const on = (key: string) => ({ idempotencyKey: key, merchantReference: key, chargeId: 'ch_1' });
  const reference = { by: 'reference', merchantReference: 'order-1' } as const;

  it('demands authentication where the merchant does, also of what is captured in parts', async () => {
    const demand = async ({ gateway, twin }: Side): Promise<readonly unknown[]> => {
      const heard = [await said(gateway.authorize(aCharge({ capture: 'manual', challenge: true })))];
      twin.stepUp('tok', 'authenticated');
      return [...heard, await said(gateway.lookup(reference))];
    };
    for (const capabilities of [{}, severalCaptures]) {
      const heard = await demand(overStripe('stripe', capabilities));
      expect(heard).toEqual(await demand(directly('stripe', capabilities)));
      expect(heard[0]).toMatchObject({ code: 'authentication_required' });
    }
  });

  it('shows what captures leave open, and lets it be released', async () => {
    const move = async ({ gateway }: Side): Promise<readonly unknown[]> => [
      await said(gateway.authorize(aCharge({ capture: 'manual' }))),
      await said(gateway.capture({ ...on('c1'), amountMinor: 300 })),
      await said(gateway.lookup(reference)),
      await said(gateway.capture({ ...on('c2'), amountMinor: 201 })),
      await said(gateway.capture({ ...on('c3'), amountMinor: 100 })),
      await said(gateway.void(on('v1'))),
      await said(gateway.void(on('v1'))),
      await said(gateway.lookup(reference)),
    ];
    const heard = await move(overStripe('stripe', severalCaptures));
    expect(heard).toEqual(await move(directly('stripe', severalCaptures)));
    expect(heard[2]).toMatchObject({ charge: { status: 'captured', capturedMinor: 300, openMinor: 200 } });
    expect(heard[5]).toMatchObject({ status: 'captured', capturedMinor: 400 });
    expect(heard[7]).not.toHaveProperty('charge.openMinor');
  });

  it.each([undefined, 'pending', 'refund-fails-later', 'refund-bounces'] as const)(
    'follows a refund to its end: %s',
    async (kind) => {
      const which = { chargeId: 'ch_1', merchantReference: 'r1' };
      const follow = async ({ gateway, far, spoil }: Side): Promise<readonly unknown[]> => {
        await gateway.authorize(aCharge());
        if (kind !== undefined) spoil(injection(kind, 1_000));
        const heard = [await said(gateway.refund({ ...on('r1'), amountMinor: 100 }))];
        heard.push(await said(gateway.lookupRefund(which)));
        far.advance(1_000);
        heard.push(await said(gateway.lookupRefund(which)));
        heard.push(await said(gateway.lookupRefund({ ...which, merchantReference: 'R1' })));
        heard.push(await said(gateway.lookupRefund({ ...which, chargeId: 'ch_9' })));
        spoil(injection('rate-limited', 0, '7'));
        heard.push(await said(gateway.lookupRefund(which)));
        spoil(injection('stale'));
        heard.push(await said(gateway.lookupRefund(which)));
        return heard;
      };
      const heard = await follow(overStripe('stripe'));
      expect(heard).toEqual(await follow(directly('stripe')));
      expect(heard.map(summary).slice(3, 6)).toEqual(['absent', 'absent', 'rate_limited']);
    },
  );

  it('finds a refund however many were made since', async () => {
    const follow = async ({ gateway }: Side): Promise<unknown> => {
      await gateway.authorize(aCharge());
      for (let nth = 1; nth <= 203; nth++) await gateway.refund({ ...on(`r${nth}`), amountMinor: 1 });
      return said(gateway.lookupRefund({ chargeId: 'ch_1', merchantReference: 'r2' }));
    };
    const found = await follow(overStripe('stripe'));
    expect(found).toMatchObject({ kind: 'found', refund: { id: 're_2' } });
    expect(found).toEqual(await follow(directly('stripe')));
  });

  it.each([
    ['several', 'final_capture=false', 'requires_capture', 200],
    ['several', '', 'succeeded', 0],
    ['several', 'final_capture=true', 'succeeded', 0],
    ['single', '', 'succeeded', 0],
    ['single', 'final_capture=false', 400, undefined],
  ] as const)(
    'with %s captures and %j leaves open what Stripe would',
    async (...[captures, says, status, open]) => {
      const { twin, charge } = rig('stripe', captures === 'several' ? severalCaptures : {});
      charge({ capture: 'manual' });
      const handlers = stripeHandlers(() => ({ twin, pause: async () => {} }));
      const request = new Request('https://api.stripe.com/v1/payment_intents/ch_1/capture', {
        method: 'POST',
        headers: { authorization: 'Bearer sk_test_x', 'idempotency-key': 'c' },
        body: `amount_to_capture=300&${says}`,
      });
      const response = await getResponse(handlers, request);
      const intent = JSON.parse((await response?.text()) ?? '');
      expect([intent.status ?? response?.status, intent.amount_capturable]).toEqual([status, open]);
    },
  );

  it('lists refunds in pages, the latest first, each once', async () => {
    const { twin, charge } = rig('stripe');
    charge();
    for (let nth = 1; nth <= 5; nth++) twin.refund({ ...on(`r${nth}`), amountMinor: 1 });
    const handlers = stripeHandlers(() => ({ twin, pause: async () => {} }));
    const pages: unknown[] = [];
    for (const after of ['', '&starting_after=re_4', '&starting_after=re_2']) {
      const url = `https://api.stripe.com/v1/refunds?payment_intent=ch_1&limit=2${after}`;
      const headers = { authorization: 'Bearer sk_test_x' };
      const response = await getResponse(handlers, new Request(url, { headers }));
      const page = JSON.parse((await response?.text()) ?? '');
      pages.push([page.has_more, ...page.data.map(({ id }: { readonly id: string }) => id)]);
    }
    expect(pages).toEqual([
      [true, 're_5', 're_4'],
      [true, 're_3', 're_2'],
      [false, 're_1'],
    ]);
  });
});
