// Convinces by meeting each weakness of the checkout with the fewest mishaps that bring it out, and reading what came of it
// from the gateway's books and from what the services did.

import { expect, test } from 'vitest';
import { order, soldShop, textbookShop } from './testing-as-written-shop.ts';

test('the log has a line for each step that is over, and none for one that is under way', async () => {
  const { runtime, start, mishap, crossed, sagas } = textbookShop();
  mishap('shipping.ship', 'crash before');
  void start().checkout(order());
  await runtime.advance(60_000);
  expect(await sagas()).toMatchObject([
    {
      state: 'RUNNING',
      steps: [
        ['reserve_inventory', 'done'],
        ['authorize_payment', 'done'],
        ['capture_payment', 'done'],
      ],
    },
  ]);
  expect(crossed.slice(0, 3)).toEqual(['saga.open', 'inventory.reserve', 'saga.read']);
});

test('COMPENSATED is written whatever the gateway said', async () => {
  const { runtime, start, mishap, charges, sagas } = textbookShop();
  mishap('shipping.ship', 'refused', 'refused', 'refused');
  const process = start();
  await runtime.settle(process.checkout(order()));
  expect(charges()).toMatchObject([{ status: 'captured', refundedMinor: 0 }]);
  expect(await sagas()).toMatchObject([
    {
      state: 'COMPENSATED',
      steps: [
        ['reserve_inventory', 'undone'],
        ['authorize_payment', 'undone'],
        ['capture_payment', 'done'],
      ],
    },
  ]);
  await runtime.settle(process.checkout(order({ key: 'k2' })));
  expect((await sagas()).map(({ state }) => state)).toEqual(['COMPENSATED', 'COMPLETED']);
});

test('a last line that does not reach the log undoes an order that was paid and shipped', async () => {
  const { runtime, start, mishap, charges, done } = textbookShop();
  mishap('saga.leave', 'refused');
  expect(await runtime.settle(start().checkout(order()))).toMatchObject({ kind: 'failed' });
  expect(done).toEqual(['reserve s/k1', 'ship s/k1', 'release s/k1']);
  expect(charges()).toMatchObject([{ status: 'captured', refundedMinor: 0 }]);
});

test('a failure that is final is remembered, one that may pass is not, and another try has a line of its own', async () => {
  const { runtime, start, mishap, charges, sagas } = textbookShop();
  mishap('gateway.authorize', { kind: 'hard-decline', ms: 0, retryAfter: undefined });
  const process = start();
  const declined = await runtime.settle(process.checkout(order()));
  expect(await runtime.settle(process.checkout(order()))).toEqual({ ...declined, replayed: true });
  mishap('gateway.authorize', 'refused', 'refused', 'refused');
  expect(await runtime.settle(process.checkout(order({ key: 'k2' })))).toMatchObject({ kind: 'failed' });
  expect(await runtime.settle(process.checkout(order({ key: 'k2' })))).toMatchObject({ kind: 'ok' });
  expect(charges()).toHaveLength(1);
  expect((await sagas()).map(({ state }) => state)).toEqual(['COMPENSATED', 'COMPENSATED', 'COMPLETED']);
});

test('an authorisation whose answer is lost is made again under a new key, and the first stays open', async () => {
  const { runtime, start, mishap, charges } = textbookShop();
  mishap('gateway.authorize', 'reply lost');
  expect(await runtime.settle(start().checkout(order()))).toMatchObject({ kind: 'ok', chargeId: 'ch_2' });
  expect(charges()).toMatchObject([{ status: 'authorized' }, { status: 'captured', capturedMinor: 500 }]);
  expect(new Set(charges().map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
});

test('a step that timed out is taken for one that did not happen: the authorisation is not undone', async () => {
  const { runtime, start, mishap, charges, done } = textbookShop();
  mishap('gateway.authorize', 'no reply', 'refused', 'refused');
  expect(await runtime.settle(start().checkout(order()))).toMatchObject({ kind: 'failed' });
  expect(done).toEqual(['reserve s/k1', 'release s/k1']);
  expect(charges()).toMatchObject([{ status: 'authorized' }]);
});

test('after the capture a void is refused: the customer has neither goods nor money, and is told that it failed', async () => {
  const { runtime, start, mishap, charges, done } = textbookShop();
  mishap('shipping.ship', 'refused', 'refused', 'refused');
  expect(await runtime.settle(start().checkout(order()))).toMatchObject({ kind: 'failed' });
  expect(charges()).toMatchObject([{ status: 'captured', capturedMinor: 500, refundedMinor: 0 }]);
  expect(done).toEqual(['reserve s/k1', 'release s/k1']);
});

test('a compensation that fails is forgotten: the authorisation stays open', async () => {
  const { runtime, start, mishap, charges } = textbookShop();
  mishap('gateway.capture', 'refused', 'refused', 'refused');
  mishap('gateway.void', 'refused', 'refused', 'refused');
  const process = start();
  expect(await runtime.settle(process.checkout(order()))).toMatchObject({ kind: 'failed' });
  await runtime.settle(process.recover());
  expect(charges()).toMatchObject([{ status: 'authorized' }]);
});

test('a crash forgets the order: authorised, reserved, and nobody comes back for it', async () => {
  const { runtime, start, mishap, charges, done } = textbookShop();
  mishap('gateway.authorize', 'crash after');
  void start().checkout(order());
  await runtime.advance(60_000);
  await runtime.settle(start().recover());
  expect(charges()).toMatchObject([{ status: 'authorized' }]);
  expect(done).toEqual(['reserve s/k1']);
});

test('a crash before the answer charges twice when the customer asks again', async () => {
  const { runtime, start, mishap, charges } = textbookShop();
  mishap('shipping.ship', 'crash before');
  void start().checkout(order());
  await runtime.advance(60_000);
  expect(await runtime.settle(start().checkout(order()))).toMatchObject({ kind: 'ok' });
  expect(charges().map(({ status }) => status)).toEqual(['captured', 'captured']);
});

test('what one process remembers another does not: a double click on two of them charges twice', async () => {
  const { runtime, start, charges } = textbookShop();
  const [one, two] = [start(), start()];
  const answers = [one.checkout(order()), one.checkout(order()), two.checkout(order())];
  const told = await runtime.settle(Promise.all(answers));
  expect(told).toMatchObject([
    { chargeId: 'ch_1', replayed: false },
    { chargeId: 'ch_1', replayed: true },
    { chargeId: 'ch_2', replayed: false },
  ]);
  expect(charges().map(({ status }) => status)).toEqual(['captured', 'captured']);
});

test('an unknown outcome is cleared: told that it failed, the customer tries again and is charged twice', async () => {
  const { runtime, start, mishap, charges } = textbookShop();
  mishap('gateway.capture', 'reply lost');
  const process = start();
  expect(await runtime.settle(process.checkout(order()))).toMatchObject({ kind: 'failed' });
  expect(await runtime.settle(process.checkout(order()))).toMatchObject({ kind: 'ok', chargeId: 'ch_2' });
  expect(charges().map(({ status }) => status)).toEqual(['captured', 'captured']);
});

test('a payer who is sent to authenticate is told that it failed, and his money is held when he has done so', async () => {
  const { runtime, start, mishap, charges } = textbookShop();
  mishap('gateway.authorize', { kind: '3ds-required', ms: 60_000, retryAfter: undefined });
  const told = await runtime.settle(start().checkout(order()));
  expect(told).toMatchObject({ kind: 'failed', code: 'authentication_required' });
  await runtime.advance(60_000);
  expect(charges()).toMatchObject([{ status: 'authorized' }]);
});

test('a shipment whose answer is lost is sent again, and arrives twice', async () => {
  const { runtime, start, mishap, done } = textbookShop();
  mishap('shipping.ship', 'reply lost');
  expect(await runtime.settle(start().checkout(order()))).toMatchObject({ kind: 'ok' });
  expect(done).toEqual(['reserve s/k1', 'ship s/k1', 'ship s/k1']);
});

test('another payload under the same key is answered with the first order', async () => {
  const { runtime, process, answer } = await soldShop();
  const other = await runtime.settle(process.checkout(order({ amountMinor: 9_900 })));
  expect(other).toEqual({ ...answer, replayed: true });
});

test('the payment stands behind the limiter and the breaker of the stack', async () => {
  const limited = textbookShop({}, { limit: { maxCalls: 1, periodMs: 60_000, mode: 'reject' } });
  const process = limited.start();
  await limited.runtime.settle(process.checkout(order()));
  const second = await limited.runtime.settle(process.checkout(order({ key: 'k2' })));
  expect(second).toMatchObject({ kind: 'failed', code: 'rate_limited' });
  expect(limited.charges()).toHaveLength(1);

  const breaker = { failureThreshold: 1, windowMs: 60_000, recoveryTimeoutMs: 60_000, halfOpenProbes: 1 };
  const broken = textbookShop({}, { breaker });
  broken.mishap('gateway.authorize', 'refused', 'refused', 'refused');
  const other = broken.start();
  await broken.runtime.settle(other.checkout(order()));
  const next = await broken.runtime.settle(other.checkout(order()));
  expect(next).toMatchObject({ kind: 'failed', code: 'circuit_open' });
  expect(broken.charges()).toEqual([]);
});
