// Convinces by letting one announcement get lost and counting what repairing it books. The first test shows the one situation
// in which it comes out right.

import { expect, test } from 'vitest';
import { ledger } from '../../src/ledger/ledger.ts';
import { captured } from '../../src/ledger/payment-entries.ts';
import { refund, soldShop, today } from './testing-as-written-shop.ts';

const neverTold = { 'twin:deliver:evt_2': [{ kind: 'webhook-never' }] } as const;

test('what no webhook told is booked once, if it is the same day and nobody else is at it', async () => {
  const { runtime, process, entries } = await soldShop(neverTold);
  const found = [{ type: 'MISSING_INTERNAL', id: 'ch_1' }];
  const first = await runtime.settle(process.reconcile({ day: today }));
  expect(first).toEqual({ matched: 0, internal: 0, gateway: 1, discrepancies: found, repaired: 1 });
  expect(await runtime.settle(process.reconcile({ day: today }))).toMatchObject({
    matched: 1,
    repaired: 0,
  });
  expect(await entries()).toMatchObject([{ kind: 'capture', operation: 'ch_1' }]);
});

test('on the next day the correction is dated wrongly, and a second run books it again', async () => {
  const { runtime, process, entries } = await soldShop(neverTold);
  await runtime.advance(86_400_000);
  await runtime.settle(process.reconcile({ day: today }));
  expect(await runtime.settle(process.reconcile({ day: today }))).toMatchObject({ repaired: 1 });
  expect((await entries()).map(({ operation }) => operation)).toEqual(['ch_1', 'ch_1']);
});

test('two runs at once book it twice', async () => {
  const { runtime, process, start, entries } = await soldShop(neverTold);
  const other = start();
  const runs = [process.reconcile({ day: today }), other.reconcile({ day: today })];
  await runtime.settle(Promise.all(runs));
  expect((await entries()).map(({ operation }) => operation)).toEqual(['ch_1', 'ch_1']);
});

test('an id in both books is a match, whatever the amounts', async () => {
  const { runtime, process, stores, twin } = await soldShop(neverTold);
  const payment = { merchantReference: 's/k1', gatewayId: 'ch_1' };
  const wrong = {
    payment,
    operation: 'ch_1',
    amountMinor: 400,
    currency: 'USD',
    occurredAtMs: runtime.wallMs(),
  };
  await ledger({ store: stores.ledger }).post(captured(wrong));
  expect(twin.settlement(today)).toMatchObject([{ gatewayId: 'ch_1', grossMinor: 500 }]);
  const clean = { matched: 1, internal: 1, gateway: 1, discrepancies: [], repaired: 0 };
  expect(await runtime.settle(process.reconcile({ day: today }))).toEqual(clean);
});

test('a refund that bounced is a match, although the money never came back to the customer', async () => {
  const { runtime, process, mishap, charges } = await soldShop();
  mishap('gateway.refund', { kind: 'refund-bounces', ms: 1_000, retryAfter: undefined });
  await runtime.settle(process.refund(refund()));
  await runtime.advance(10_000);
  expect(charges()).toMatchObject([{ refundedMinor: 0, refunds: [{ status: 'failed' }] }]);
  const clean = { matched: 2, internal: 2, gateway: 2, discrepancies: [], repaired: 0 };
  expect(await runtime.settle(process.reconcile({ day: today }))).toEqual(clean);
});

test('what only the shop has is counted, and left to whoever reads the count', async () => {
  const { runtime, process, mishap, entries } = await soldShop();
  mishap('gateway.refund', { kind: 'refund-fails-later', ms: 1_000, retryAfter: undefined });
  await runtime.settle(process.refund(refund()));
  await runtime.advance(10_000);
  const [, made] = await entries();
  expect(await runtime.settle(process.reconcile({ day: today }))).toEqual({
    matched: 1,
    internal: 2,
    gateway: 1,
    discrepancies: [{ type: 'MISSING_GATEWAY', id: made?.key }],
    repaired: 0,
  });
});
