// Convinces by one value that makes no sense at a time, in a request that is good otherwise, at every edge where data of others
// comes in: it is refused with an error of ours that says where and what to do, and everything that could have changed is as it
// was. The good request passes, or the refusals would prove nothing.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mall, order } from './checkout/testing.ts';
import { ValidationError, WebhookReplayError, WebhookSignatureError } from './errors/payment-error.ts';
import { chargeThrough } from './gateway/charge-operation.ts';
import { parseIdempotencyKey } from './idempotency/slot.ts';
import { addMoney, exponentOf, money, parseMoney, sumMinor } from './kernel/money.ts';
import {
  captured,
  disputed,
  disputeWon,
  feeCharged,
  type PaymentFact,
  refunded,
  refundFailed,
} from './ledger/payment-entries.ts';
import { reconciler } from './reconciliation/reconciler.ts';
import type { TransactionRecord } from './reconciliation/record.ts';
import { charge, day } from './reconciliation/testing.ts';
import { dayWindow } from './reconciliation/window.ts';
import { saga } from './saga/saga.ts';
import { ground } from './saga/testing.ts';
import { inboxRig, secrets } from './webhooks/testing.ts';

const noText = fc.constantFrom<unknown>(
  undefined,
  null,
  0,
  7,
  true,
  {},
  [],
  ['x'],
  Symbol('x'),
  1n,
  () => 'x',
);
const badAmount = fc.oneof(
  fc.integer({ max: -1 }),
  fc.double({ noInteger: true }),
  fc.constantFrom<unknown>(
    2 ** 53,
    -(2 ** 53),
    Number.POSITIVE_INFINITY,
    '500',
    null,
    undefined,
    500n,
    [500],
    {},
  ),
);
const badCurrency = fc.oneof(
  noText,
  fc.constantFrom<unknown>('', 'usd', 'XYZ', 'US', 'USDD', ' USD', 'constructor', '__proto__', 'U\u0000D'),
);
/** A name of a request: a key, a scope, a token. */
const badName = fc.oneof(noText, fc.constantFrom<unknown>('', 'x'.repeat(1_000_000), '\ud800'));

/** What `act` is refused with; nothing else than a ValidationError may come out of it, and it has to say what to do. */
function refused(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    const { message, effect, retriable } = error as ValidationError;
    expect({ effect, retriable }).toEqual({ effect: 'none', retriable: false });
    expect(message.length).toBeGreaterThan(20);
    expect(message.length).toBeLessThan(1_000);
    return message;
  }
  throw new Error('it was accepted');
}

async function refusedLater(act: () => Promise<unknown>): Promise<string> {
  const [end] = await Promise.allSettled([act()]);
  return refused(() => {
    if (end?.status === 'rejected') throw end.reason;
  });
}

describe('an amount or a currency that makes no sense', () => {
  const usd = money(500, 'USD');

  it('is no money', () => {
    fc.assert(
      fc.property(badAmount, badCurrency, (amount, currency) => {
        refused(() => money(amount as number, 'USD'));
        refused(() => money(500, currency as string));
        refused(() => exponentOf(currency as string));
        refused(() => parseMoney('5.00', currency as string));
      }),
    );
    for (const text of ['', '-1', '1e3', '1.234', '１', '1,00', ' 1', '0x1', '9'.repeat(400)])
      refused(() => parseMoney(text, 'USD'));
    expect(refused(() => addMoney(usd, money(500, 'EUR')))).toMatch(/EUR/);
    for (const part of [0.5, 2 ** 53, Number.NaN]) refused(() => sumMinor([1, part]));
    refused(() => addMoney(money(Number.MAX_SAFE_INTEGER, 'USD'), usd));
    expect([money(500, 'USD'), parseMoney('5.00', 'USD')]).toEqual([usd, usd]);
  });

  it('is not booked', () => {
    const fact: PaymentFact = {
      payment: { merchantReference: 'authorize/shop/o/0.0', gatewayId: 'ch_1' },
      operation: 'ch_1',
      amountMinor: 500,
      currency: 'USD',
      occurredAtMs: 0,
    };
    for (const entryOf of [captured, refunded, refundFailed, disputed, disputeWon, feeCharged]) {
      expect(entryOf(fact).postings).toHaveLength(2);
      fc.assert(
        fc.property(badAmount, badCurrency, (amountMinor, currency) => {
          refused(() => entryOf({ ...fact, amountMinor: amountMinor as number }));
          refused(() => entryOf({ ...fact, currency: currency as string }));
        }),
        { numRuns: 30 },
      );
      refused(() => entryOf({ ...fact, amountMinor: 0 }));
    }
  });
});

/** An order that is good but for one member. */
const badOrder = fc.oneof(
  badAmount.map((amountMinor) => ({ ...order, amountMinor })),
  fc.constant({ ...order, amountMinor: 0 }),
  badCurrency.map((currency) => ({ ...order, currency })),
  ...['scope', 'key', 'paymentToken'].map((name) => badName.map((value) => ({ ...order, [name]: value }))),
  fc.constantFrom({ email: 7 }, { cardNumber: '4111' }, [], 'x').map((payer) => ({ ...order, payer })),
  noText,
);

describe('a checkout', () => {
  it('does nothing at all for an order or a refund that makes no sense', async () => {
    await fc.assert(
      fc.asyncProperty(badOrder, async (given) => {
        const place = mall();
        const system = place.start();
        await refusedLater(() => system.checkout(given as never));
        const refund = typeof given === 'object' && given !== null ? { order: 'order-1', ...given } : given;
        await refusedLater(() => system.refund(refund as never));
        expect(place.gateway.sent).toEqual([]);
        expect(place.service.done).toEqual([]);
        expect(await place.stores.ledger.entries({ after: 0, limit: 9 })).toEqual([]);
        expect(await place.stores.idempotency.list({ limit: 9 })).toEqual([]);
        expect(await place.stores.sagas.list({ sagas: ['checkout'], queue: 'recovery', limit: 9 })).toEqual(
          [],
        );
      }),
      { numRuns: 150 },
    );
  });

  it('gives nothing back in another currency than was paid in', async () => {
    const place = mall();
    const system = place.start();
    await place.runtime.settle(system.checkout(order));
    const sent = place.gateway.sent.length;
    const refund = { scope: 'shop', key: 'r', order: 'order-1', amountMinor: 100, currency: 'EUR' };
    expect(await refusedLater(() => place.runtime.settle(system.refund(refund)))).toMatch(/USD/);
    expect(place.gateway.sent).toHaveLength(sent);
  });
});

it('a charge without a name is not sent', async () => {
  const sent: unknown[] = [];
  const send = chargeThrough({ authorize: async (request) => sent.push(request) as never });
  const purchase = { amountMinor: 1, currency: 'USD', paymentToken: 't', capture: 'automatic' } as const;
  const key = { idempotencyKey: 'k' };
  const names = { merchantReference: 'r' };
  for (const call of [{}, key, names, { ...names, idempotencyKey: '' }, { ...key, merchantReference: '' }])
    await refusedLater(() => send(purchase, call));
  expect(sent).toEqual([]);
});

it('a saga has steps, and each has a name of its own', () => {
  const { runtime, journal } = ground();
  const step = (name: unknown) => ({
    name,
    kind: 'retriable',
    onUnknown: 'resend',
    execute: async () => undefined,
  });
  const made = (steps: unknown) => () =>
    saga({ name: 's', runtime, journal, steps: steps as never, onCall: () => {} });
  expect(made([step('a'), step('b')])).not.toThrow();
  refused(made([]));
  expect(refused(made([step('a'), step('b'), step('a')]))).toMatch(/\ba\b/);
  fc.assert(fc.property(fc.oneof(noText, fc.constant('')), (name) => void refused(made([step(name)]))));
});

describe('a header', () => {
  it('that is no idempotency key is refused', () => {
    const bad = fc.oneof(
      noText,
      fc.constantFrom<unknown>(
        '',
        '"',
        '"a',
        '"a"b"',
        '"\\x"',
        'a\u0000b',
        'é',
        '\ud800',
        'x'.repeat(256),
        'x'.repeat(1_000_000),
      ),
    );
    fc.assert(fc.property(bad, (header) => void refused(() => parseIdempotencyKey(header as string))));
    expect(parseIdempotencyKey('"a"')).toBe('a');
  });

  it('of a webhook that makes no sense, or a body, is answered 400 and stores nothing', async () => {
    const value = fc.oneof(
      noText,
      fc.string(),
      fc.constantFrom('t=1', 'v1=', 't=x,v1=y', 't=,v1=,', 'x'.repeat(1_000_000)),
    );
    const body = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.constant(Uint8Array.of(0xff, 0xfe)), noText);
    await fc.assert(
      fc.asyncProperty(value, body, async (header, raw) => {
        const rig = inboxRig();
        const headers = { 'stripe-signature': header } as never;
        const answer = await rig.inbox.receive(raw as Uint8Array, headers);
        expect(answer).toMatchObject({ status: 400, outcome: 'refused' });
        expect(
          [WebhookSignatureError, WebhookReplayError, ValidationError].some(
            (kind) => answer.error instanceof kind,
          ),
        ).toBe(true);
        expect(`${answer.error}`.length).toBeLessThan(1_000);
        expect(`${answer.error}`).not.toContain(secrets.stripe);
        expect(await rig.durable.list({ state: 'READY', limit: 1 })).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a report', () => {
  const bad = fc.oneof(
    fc.double({ noInteger: true }).map((amountMinor) => ({ amountMinor })),
    fc.constantFrom<unknown>(2 ** 53, -1, '5', null).map((amountMinor) => ({ amountMinor })),
    badCurrency.map((currency) => ({ currency })),
    fc.constant({ gatewayId: undefined, merchantReference: undefined }),
    fc.constantFrom<unknown>('', 7, null).map((gatewayId) => ({ gatewayId })),
    fc.constantFrom<unknown>('', null).map((status) => ({ status })),
    fc.constantFrom<unknown>('sale', undefined).map((kind) => ({ kind })),
    fc.constantFrom<unknown>(1.5, '2026-03-29', undefined).map((atMs) => ({ atMs })),
    fc.constantFrom<unknown>(0.5, 'x').map((feeMinor) => ({ feeMinor })),
  );

  it('is reconciled but for the row that makes no sense, which is named with its place', async () => {
    const { reconcile } = reconciler({ runtime: { wallMs: () => day.toMs + 10 * 86_400_000 } });
    await fc.assert(
      fc.asyncProperty(fc.oneof(bad, noText), fc.nat(4), fc.boolean(), async (wrong, place, ours) => {
        const good = ['a', 'b', 'c', 'd'].map((id) => charge(id));
        const isRow =
          typeof wrong === 'object' &&
          wrong !== null &&
          !Array.isArray(wrong) &&
          Object.keys(wrong).length > 0;
        const row = (isRow ? { ...charge('e'), ...wrong } : wrong) as TransactionRecord;
        const report = await reconcile({
          internal: ours ? good.toSpliced(place, 0, row) : good,
          gateway: ours ? good : good.toSpliced(place, 0, row),
          window: day,
        });
        expect(report.invalid).toMatchObject([{ side: ours ? 'internal' : 'gateway', row: place + 1 }]);
        expect(report.invalid[0]?.reason).toMatch(/\w+ \w+/);
        expect({ matched: report.matched, discrepancies: report.discrepancies }).toEqual({
          matched: 4,
          discrepancies: [],
        });
      }),
      { numRuns: 200 },
    );
  });

  it('is for a day that exists', () => {
    const days = fc.oneof(
      noText,
      fc.constantFrom<unknown>(
        '',
        '2026-02-30',
        '2026-13-01',
        '29.03.2026',
        '2026-03-29T00:00',
        'x'.repeat(1_000_000),
      ),
    );
    fc.assert(fc.property(days, (given) => void refused(() => dayWindow(given as string))));
  });
});
