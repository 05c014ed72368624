// Convinces by letting the gateway deliver as providers do, again and again until it hears 2xx, and comparing the ledger with
// what was announced. Beside each loss stands the neighbour that is not lost.

import { expect, test } from 'vitest';
import { order, soldShop, textbookShop } from './testing-as-written-shop.ts';

test('marked and then crashed: the repetition counts as seen, and the capture is never booked', async () => {
  const { runtime, start, mishap, answers, entries } = textbookShop();
  const process = start();
  mishap('ledger.commit', 'crash before');
  await runtime.settle(process.checkout(order()));
  await runtime.advance(500);
  const next = start();
  await runtime.advance(100_000);
  await runtime.settle(next.recover());
  expect(answers).toContain('evt_2 200');
  expect(await entries()).toEqual([]);
});

test('crashed before the mark: the repetition is handled', async () => {
  const { runtime, start, mishap, entries } = textbookShop();
  const process = start();
  mishap('inbox.receive', 'refused', 'crash before');
  await runtime.settle(process.checkout(order()));
  await runtime.advance(500);
  start();
  await runtime.advance(100_000);
  expect(await entries()).toMatchObject([{ operation: 'ch_1' }]);
});

test('handled in vain: answered 200 all the same, and never sent again', async () => {
  const { runtime, start, mishap, answers, entries } = textbookShop();
  mishap('ledger.commit', 'refused');
  await runtime.settle(start().checkout(order()));
  await runtime.advance(100_000);
  expect(answers.toSorted()).toEqual(['evt_1 200', 'evt_2 200']);
  expect(await entries()).toEqual([]);
});

test('two ids for one change book it twice; one id delivered twice books it once', async () => {
  const twice = await soldShop({ 'twin:deliver:evt_2': [{ kind: 'webhook-two-ids' }] });
  expect((await twice.entries()).map(({ operation }) => operation)).toEqual(['ch_1', 'ch_1']);
  const once = await soldShop({ 'twin:deliver:evt_2': [{ kind: 'webhook-duplicated', ms: 10 }] });
  expect((await once.entries()).map(({ operation }) => operation)).toEqual(['ch_1']);
});

test('the state is whatever came last: a captured payment goes back to authorised', async () => {
  const { runtime, stores } = await soldShop({
    'twin:deliver:evt_1': [{ kind: 'webhook-reordered', ms: 5_000 }],
  });
  const position = async () => {
    await stores.inbox.receive({ id: 'look', object: 'payment/ch_1', event: '{}' });
    const claim = await stores.inbox.claim({ attemptId: 'look', leaseMs: 1, id: 'look' });
    return claim?.position?.status;
  };
  expect(await position()).toBe('captured');
  await runtime.advance(10_000);
  expect(await position()).toBe('authorized');
});

test('what the gateway did not sign is refused and has no effect', async () => {
  const { runtime, process, entries } = await soldShop();
  const before = await entries();
  const forged = new TextEncoder().encode('{"id":"evt_9","type":"payment.captured"}');
  const answer = await runtime.settle(process.webhook(forged, { 'stripe-signature': 't=1,v1=00' }));
  expect(answer).toEqual({ status: 400 });
  expect(await entries()).toEqual(before);
});
