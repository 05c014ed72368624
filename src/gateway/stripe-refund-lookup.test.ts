// A refund that is taken for absent may be made twice. The list is played page by page; what is checked is what was
// asked for and what the port makes of the pages.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { errorOf, json, wired } from './stripe-rig.ts';

const ask = { chargeId: 'pi_1', merchantReference: "order/o'1/refund" };

function refund(id: string, status: string, reference = ask.merchantReference): Record<string, unknown> {
  return { id, object: 'refund', amount: 200, status, metadata: { merchant_reference: reference } };
}

function list(data: readonly Record<string, unknown>[], hasMore = false): Response {
  return json({ object: 'list', url: '/v1/refunds', has_more: hasMore, data });
}

describe('stripe adapter: looking a refund up', () => {
  it('reads every page of the refunds of that payment', async () => {
    const { gateway, sent } = wired(() =>
      sent.length === 1
        ? list([refund('re_3', 'succeeded', 'other'), refund('re_2', 'failed', 'another')], true)
        : list([refund('re_1', 'pending')]),
    );
    expect(await gateway.lookupRefund(ask)).toEqual({
      kind: 'found',
      refund: { id: 're_1', chargeId: 'pi_1', amountMinor: 200, status: 'pending' },
    });
    expect(
      sent.map(({ method, url }) => [method, url.pathname, Object.fromEntries(url.searchParams)]),
    ).toEqual([
      ['GET', '/v1/refunds', { payment_intent: 'pi_1', limit: '100' }],
      ['GET', '/v1/refunds', { payment_intent: 'pi_1', limit: '100', starting_after: 're_2' }],
    ]);
  });

  it('takes no reference of other case, and no refund without one, for its own', async () => {
    const { metadata: _, ...bare } = refund('re_2', 'succeeded');
    const { gateway } = wired(() =>
      list([refund('re_1', 'succeeded', ask.merchantReference.toUpperCase()), bare]),
    );
    expect(await gateway.lookupRefund(ask)).toEqual({ kind: 'absent' });
  });

  it.each([
    [['failed', 'pending', 'succeeded'], 're_0'],
    [['succeeded', 'succeeded', 'failed'], 're_2'],
    [['failed', 'pending', 'canceled'], 're_1'],
    [['canceled', 'failed', 'failed'], 're_2'],
  ])('lets the furthest of several speak, the earliest if there are more: %j', async (statuses, id) => {
    // Stripe lists the latest first, so the first of these has the highest id.
    const latestFirst = statuses.toReversed().map((status, index) => refund(`re_${index}`, status));
    const { gateway } = wired(() => list(latestFirst));
    const found = await gateway.lookupRefund(ask);
    expect(found.kind === 'found' && found.refund.id).toBe(id);
  });

  it('sends nothing without a reference', async () => {
    const { gateway, sent } = wired(() => list([]));
    const error = await errorOf(gateway.lookupRefund({ ...ask, merchantReference: '' }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(sent).toHaveLength(0);
  });
});
