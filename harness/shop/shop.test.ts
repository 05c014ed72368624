// Convinces by running cases against a shop that remembers nothing: what the world was told to do is read off the history,
// and every kind of run is repeated and must be the same.

import { describe, expect, it } from 'vitest';
import { caseAt } from '../cases/arbitraries.ts';
import type { Step } from '../cases/case.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import type { History } from '../history/history.ts';
import type { DeliveryIntent, Reconciled } from '../history/shop.ts';
import { storm } from '../storm.ts';
import { reference } from '../targets/reference.ts';
import type { Target } from '../targets/target.ts';
import {
  at,
  dispute,
  first,
  order,
  plainShop,
  posted,
  reconcile,
  refund,
  run,
  shopCase,
  without,
} from './testing.ts';

const reconciled = (history: History): readonly Reconciled[] =>
  at(history, 'client.reconcile').map(({ reply }) => (reply?.ok === true ? reply.value : {}) as Reconciled);

describe('an order', () => {
  it('passes from the client to the services and the gateway, whose books are kept', async () => {
    const { books, ...history } = await run({ steps: [order('a', { note: 'soon', risk: 'challenged' })] });
    const [asked] = at({ books, ...history }, 'client.checkout');
    expect(asked?.request).toEqual({
      paymentToken: 'tok:shop:k1',
      scope: 'shop',
      key: 'k1',
      amountMinor: 500,
      currency: 'USD',
      risk: 'challenged',
      note: 'soon',
    });
    expect(books.charges).toMatchObject([{ paymentToken: 'tok:shop:k1', status: 'captured' }]);
    expect(books.shop).toMatchObject({
      reservations: [{ idempotencyKey: 'shop/k1:reserve', order: 'shop/k1' }],
      shipments: [{ order: 'shop/k1' }],
      sagas: [],
    });
  });

  it('is refused by a service that is told to, and what it holds is let go', async () => {
    const { books } = await run({
      steps: [order('a', { faults: [first('shipping.ship', 'service-refuses')] })],
    });
    expect(books.shop?.shipments).toEqual([expect.objectContaining({ order: 'shop/k1' })]);
    expect(books.shop?.reservations).toMatchObject([{ releasedAt: { atMs: 92 } }]);
  });

  it('is asked for once more in the end, as is its refund, each as it was first asked for', async () => {
    const retries = [{ afterMs: 10 }, { afterMs: 10, amountMinor: 501 }];
    const history = await run({ steps: [order('a', { retries }), refund] });
    const asks = history.crossings.filter(
      ({ actor, site }) => /^ask:/.test(actor) && site.startsWith('client.'),
    );
    expect(asks.map(({ site, request }) => [site, (request as { amountMinor: number }).amountMinor])).toEqual(
      [
        ['client.checkout', 500],
        ['client.checkout', 501],
        ['client.refund', 200],
      ],
    );
  });

  it('of a payer who is challenged goes on when the payer answers', async () => {
    const challenge = { site: 'gateway.authorize', nth: 1, kind: '3ds-challenge' } as const;
    const steps: Step[] = [
      order('a', { faults: [challenge], retries: [{ afterMs: 5_000 }] }),
      { id: 'up', at: 1_000, do: 'step-up', key: 'k1', outcome: 'authenticated' },
    ];
    const { books } = await run({ profile: 'checkout', steps });
    expect(books.charges.some(({ status }) => status === 'captured')).toBe(true);
  });
});

it('disputes and refunds stand in the books and are announced', async () => {
  const history = await run({
    steps: [order('a'), refund, dispute('d', 3_000, 'opened'), dispute('e', 3_500, 'won')],
  });
  expect(history.books.charges).toMatchObject([
    { refunds: [{ amountMinor: 200 }], disputes: [{ amountMinor: 300, status: 'won', at: { atMs: 3_000 } }] },
  ]);
  expect(at(history, 'client.refund')[0]?.request).toEqual({
    paymentToken: 'tok:shop:k1',
    scope: 'shop',
    order: 'k1',
    key: 'r1',
    amountMinor: 200,
    currency: 'USD',
  });
  const types = at(history, 'webhook.deliver').map(
    ({ request }) => (JSON.parse((request as DeliveryIntent).body) as { readonly type: string }).type,
  );
  expect(types).toEqual(['payment.captured', 'refund.succeeded', 'dispute.open', 'dispute.won']);
  expect(history.incidents.filter(({ kind }) => kind === 'disputed')).toMatchObject([
    { paymentToken: 'tok:shop:k1', outcome: 'opened', at: { atMs: 3_000 } },
    { outcome: 'won' },
  ]);
});

describe('an operator', () => {
  it('reconciles the present day, or the one that the case names', async () => {
    const steps = [order('a'), reconcile, { ...reconcile, id: 'other', day: '2025-12-31' }];
    const days = at(await run({ steps }), 'client.reconcile').map(({ actor, request }) => [
      actor,
      (request as { readonly day: string }).day,
    ]);
    expect(days.slice(0, 3)).toEqual([
      ['books', '2026-01-01'],
      ['other', '2025-12-31'],
      ['reconcile:1', '2026-01-01'],
    ]);
  });

  it('closes the books of each day twice when its report is complete, and then nothing is left to do', async () => {
    const history = await run({
      background: { 'twin:deliver:evt_1': [first('webhook.deliver', 'webhook-never')] },
    });
    const closings = at(history, 'client.reconcile');
    expect(closings.map(({ actor, request }) => `${actor} ${(request as { day: string }).day}`)).toEqual([
      'reconcile:1 2026-01-01',
      'reconcile:2 2026-01-01',
    ]);
    expect(reconciled(history).map(({ repaired }) => repaired)).toEqual([1, 0]);
    const lagDays = (closings[0]?.called.atMs ?? 0) / 86_400_000;
    expect(lagDays).toBeGreaterThanOrEqual(4);
    expect(history.incidents.at(-1)?.kind).toBe('settled');
  });
});

describe('a run', () => {
  const options = {
    suite: 'checkout',
    target: plainShop.name,
    profile: 'stripe',
    dedup: capabilitiesOf('stripe').dedup,
  } as const;

  it('is the same every time, whatever is drawn', async () => {
    for (let index = 0; index < 60; index++) {
      const subject = caseAt(21, index, options);
      expect(await storm(subject, plainShop)).toEqual(await storm(structuredClone(subject), plainShop));
    }
  });

  it('refuses what the target has never heard of', async () => {
    const taker: Target = { ...reference, capabilities: ['charge'] };
    const history = await run({ steps: [order('a')] }, taker);
    expect(at(history, 'client.checkout')).toMatchObject([
      { actor: 'a', reply: { ok: false, error: { message: 'connection refused' } } },
    ]);
    expect(history.deadlocked).toEqual([]);
  });

  it('comes to the same behind msw', async () => {
    const steps = [order('a'), refund, dispute('d', 3_000, 'opened'), reconcile];
    const [sim, msw] = [await run({ steps }), await run({ steps, tier: 'msw' })];
    const ends = ({ books }: History): unknown => [
      books.charges.map(({ refundedMinor, disputes }) => [refundedMinor, disputes?.length]),
      books.shop?.shipments.length,
      books.shop?.inbox.map(({ id, state }) => [id, state]),
    ];
    expect(ends(msw)).toEqual(ends(sim));
    expect(posted(msw)).toEqual(posted(sim));
  });

  it('of a target that is no shop, and in a case of single charges, has none and hears of nothing', async () => {
    const charge: Step = { ...order('a'), do: 'charge' };
    const taker: Target = { ...reference, capabilities: ['charge'] };
    const history = await run({ steps: [charge] }, taker);
    expect(history.books).not.toHaveProperty('shop');
    expect(posted(history)).toEqual([]);
    const { suite: _, ...single } = shopCase({ steps: [charge] });
    const alone = await storm(single, reference);
    expect(alone.books).not.toHaveProperty('shop');
    expect(posted(alone)).toEqual([]);
    const mute = await storm(shopCase(), without('webhook'));
    expect(mute.books.shop).toBeDefined();
    expect(posted(mute)).toEqual([]);
  });
});
