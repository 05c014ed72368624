// Convinces by counting, in the gateway's books, what was given back for one payment: each test takes the least that makes it
// too much, or the shop's word for it untrue.

import { expect, test } from 'vitest';
import { refund, soldShop } from './testing-as-written-shop.ts';

test('one whose answer is lost is made again under a new key', async () => {
  const { runtime, process, mishap, charges } = await soldShop();
  mishap('gateway.refund', 'reply lost');
  const told = await runtime.settle(process.refund(refund({ amountMinor: 200 })));
  expect(told).toMatchObject({ kind: 'ok', amountMinor: 200 });
  expect(charges()).toMatchObject([{ refundedMinor: 400 }]);
});

test('two at once pass the same check; the second of two in turn does not', async () => {
  const { runtime, process, charges } = await soldShop();
  await runtime.settle(Promise.all([process.refund(refund()), process.refund(refund({ key: 'r2' }))]));
  expect(charges()).toMatchObject([{ capturedMinor: 500, refundedMinor: 1_000 }]);

  const other = await soldShop();
  await other.runtime.settle(other.process.refund(refund()));
  const told = await other.runtime.settle(other.process.refund(refund({ key: 'r2' })));
  expect(told).toMatchObject({ kind: 'failed', code: 'validation_error' });
  expect(other.charges()).toMatchObject([{ refundedMinor: 500 }]);
});

test('the same request twice is two refunds', async () => {
  const { runtime, process, charges } = await soldShop();
  const same = refund({ amountMinor: 200 });
  await runtime.settle(process.refund(same));
  expect(await runtime.settle(process.refund(same))).toMatchObject({ kind: 'ok', replayed: false });
  expect(charges()).toMatchObject([{ refundedMinor: 400 }]);
});

test('a crash before the booking leaves a refund that the next check does not see', async () => {
  const { runtime, process, start, mishap, charges } = await soldShop();
  mishap('gateway.refund', 'crash after');
  void process.refund(refund());
  await runtime.advance(60_000);
  expect(await runtime.settle(start().refund(refund()))).toMatchObject({ kind: 'ok' });
  expect(charges()).toMatchObject([{ capturedMinor: 500, refundedMinor: 1_000 }]);
});

test('one that was only requested is told and booked as made, and stays so when it fails', async () => {
  const { runtime, process, mishap, charges, entries } = await soldShop();
  mishap('gateway.refund', { kind: 'refund-fails-later', ms: 1_000, retryAfter: undefined });
  expect(await runtime.settle(process.refund(refund()))).toMatchObject({ kind: 'ok' });
  await runtime.advance(10_000);
  expect(charges()).toMatchObject([{ refundedMinor: 0, refunds: [{ status: 'failed' }] }]);
  expect((await entries()).map(({ kind }) => kind)).toEqual(['capture', 'refund']);
});

test('a payment that is in dispute is refunded as well', async () => {
  const { runtime, process, twin, charges } = await soldShop();
  twin.dispute('tok', { kind: 'opened' });
  await runtime.advance(10_000);
  expect(await runtime.settle(process.refund(refund()))).toMatchObject({ kind: 'ok' });
  expect(charges()).toMatchObject([{ refundedMinor: 500, disputes: [{ amountMinor: 500 }] }]);
});
