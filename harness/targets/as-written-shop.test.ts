// Convinces in two steps. When nothing goes wrong the shop does everything right, so it is no straw man; what goes wrong
// otherwise is tested part by part. What it writes to its log shows without anything going wrong.

import { describe, expect, test } from 'vitest';
import { order, refund, soldShop, textbookShop, today } from './testing-as-written-shop.ts';

describe('when nothing goes wrong', () => {
  test('an order is charged, shipped, booked and repeated once; a refund and the day come out right', async () => {
    const { runtime, process, answer, charges, entries, done, twin } = await soldShop();
    expect(answer).toMatchObject({ kind: 'ok', chargeId: 'ch_1', amountMinor: 500, replayed: false });
    expect(await runtime.settle(process.checkout(order()))).toEqual({ ...answer, replayed: true });
    const told = await runtime.settle(process.refund(refund({ amountMinor: 200 })));
    expect(told).toMatchObject({ kind: 'ok', amountMinor: 200 });
    expect(done).toEqual(['reserve s/k1', 'ship s/k1']);
    expect(charges()).toMatchObject([{ status: 'captured', capturedMinor: 500, refundedMinor: 200 }]);
    expect((await entries()).map(({ kind, operation }) => [kind, operation])).toEqual([
      ['capture', 'ch_1'],
      ['refund', 're_1'],
    ]);
    const clean = { matched: 2, internal: 2, gateway: 2, discrepancies: [], repaired: 0 };
    expect(await runtime.settle(process.reconcile({ day: today }))).toEqual(clean);
    expect(twin.settlement(today)).toHaveLength(2);
  });

  test('a declined order leaves nothing behind, and so does one that is blocked', async () => {
    const { runtime, start, mishap, charges, done } = textbookShop();
    mishap('gateway.authorize', { kind: 'hard-decline', ms: 0, retryAfter: undefined });
    const process = start();
    const declined = await runtime.settle(process.checkout(order()));
    expect(declined).toMatchObject({ kind: 'failed', code: 'card_declined' });
    const blocked = await runtime.settle(process.checkout(order({ key: 'k2', risk: 'blocked' })));
    expect(blocked).toMatchObject({ kind: 'failed', code: 'fraud_blocked' });
    expect(charges()).toEqual([]);
    expect(done).toEqual(['reserve s/k1', 'release s/k1']);
  });

  test('a capture that is refused is undone in reverse order', async () => {
    const { runtime, start, mishap, charges, crossed } = textbookShop();
    mishap('gateway.capture', 'refused', 'refused', 'refused');
    expect(await runtime.settle(start().checkout(order()))).toMatchObject({ kind: 'failed' });
    expect(charges()).toMatchObject([{ status: 'voided' }]);
    const forward = ['inventory.reserve', 'gateway.authorize'];
    const back = ['gateway.void', 'inventory.release'];
    expect(crossed.filter((site) => /^(inventory|gateway)/.test(site))).toEqual([...forward, ...back]);
  });
});

describe('log', () => {
  const pan = '4111-1111-1111-1111';
  const note = `card ${pan} cvv: 999`;

  test('holds the whole order, and the whole order again beside an error', async () => {
    const { runtime, start, mishap } = textbookShop();
    mishap('gateway.authorize', 'reply lost', 'refused', 'refused');
    await runtime.settle(start().checkout(order({ note })));
    const leaks = runtime.logged.filter((record) => JSON.stringify(record).includes(pan));
    expect(leaks.map(({ message }) => message)).toEqual(['checkout', 'checkout failed']);
    const { error } = JSON.parse(String(leaks[1]?.['details']));
    expect(error).toMatchObject({ code: 'network_error', message: expect.any(String) });
  });

  test('without a card number in the request there is none in the log', async () => {
    const { runtime } = await soldShop();
    expect(JSON.stringify(runtime.logged)).not.toContain(pan);
  });
});
