// Convinces by one movement of money after the other, booked once and then in each way in which it may be booked too often.

import { describe, expect, it } from 'vitest';
import type { BookedCharge } from '../history/history.ts';
import { type ShopTale, shopTale } from './testing-webhooks.ts';
import { webhookOnce } from './webhook-once.ts';

const at = { atMs: 0, order: 0 };
const refund = (id: string, status: 'pending' | 'succeeded' | 'failed', amountMinor = 200) => ({
  id,
  idempotencyKey: `key-${id}`,
  merchantReference: `ref-${id}`,
  amountMinor,
  status,
  at,
  changedAtMs: 0,
});
const dispute = (status: 'open' | 'won' | 'lost') => ({
  id: 'dp_1',
  amountMinor: 500,
  status,
  at,
  changedAtMs: 0,
});
const capture = (reference: string, amountMinor: number) => ({
  idempotencyKey: `key-${reference}`,
  merchantReference: reference,
  amountMinor,
  at,
});

function judged(charge: Partial<BookedCharge>, tell: (shop: ShopTale) => void) {
  const shop = shopTale();
  shop.story.book(charge);
  tell(shop);
  return webhookOnce.check(shop.done());
}

describe('W1 webhook-once', () => {
  it('judges nothing without a shop', () => {
    const { story } = shopTale();
    story.book();
    expect(webhookOnce.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('holds for everything that can happen to a payment, booked once under whichever of its names', () => {
    const verdict = judged(
      {
        captures: [capture('cap-1', 300), capture('cap-2', 200)],
        refunds: [refund('re_1', 'succeeded'), refund('re_2', 'succeeded'), refund('re_3', 'failed')],
        disputes: [dispute('won')],
      },
      (shop) => {
        shop.posts('capture', 'cap-1', { amountMinor: 300 });
        shop.posts('capture', 'key-cap-2', { amountMinor: 200 });
        shop.posts('refund', 're_1', { amountMinor: 200 });
        shop.posts('refund', 'ref-re_2', { amountMinor: 200 });
        shop.posts('refund', 're_3', { amountMinor: 200 });
        shop.posts('refund-failed', 're_3', { amountMinor: 200 });
        shop.posts('chargeback', 'dp_1');
        shop.posts('chargeback-won', 'dp_1');
        shop.posts('fee', 'ch_1', { amountMinor: 45 });
        shop.posts('fee', 'ch_1', { amountMinor: 5, key: 'fee/ch_1/2' });
      },
    );
    expect(verdict).toEqual({ verdict: 'holds', judged: 8 });
  });

  it('breaks when the answer and the event are booked under two names', () => {
    const verdict = judged({}, (shop) => {
      shop.posts('capture', 'ch_1');
      shop.posts('capture', 'evt_1');
    });
    expect(verdict).toEqual({
      verdict: 'breaks',
      because: 'ch_1 was captured once, and is booked 2 times: capture/ch_1, capture/evt_1',
      crossings: [0, 1],
    });
  });

  it('breaks when one of two equal refunds is booked twice and the other not at all, unlike each once', () => {
    const refunds = { refunds: [refund('re_1', 'succeeded'), refund('re_2', 'succeeded')] };
    const twice = (second: string) =>
      judged(refunds, (shop) => {
        shop.posts('refund', 're_1', { amountMinor: 200 });
        shop.posts('refund', second, { amountMinor: 200, key: 'refund/2' });
      });
    expect(twice('re_1').verdict).toBe('breaks');
    expect(twice('ref-re_1').verdict).toBe('breaks');
    expect(twice('re_2').verdict).toBe('holds');
    expect(twice('evt_9').verdict).toBe('holds');
  });

  it.each([
    ['a refund that is pending', { refunds: [refund('re_1', 'pending')] }, ['refund', 're_1']],
    ['that a refund failed', { refunds: [refund('re_1', 'succeeded')] }, ['refund-failed', 're_1']],
    ['a dispute that was lost as won', { disputes: [dispute('lost')] }, ['chargeback-won', 'dp_1']],
    ['a charge that was not captured', { status: 'authorized', capturedMinor: 0 }, ['capture', 'ch_1']],
  ] as const)('breaks when %s is booked', (_, charge, [kind, operation]) => {
    expect(judged(charge, (shop) => shop.posts(kind, operation))).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining("which is not so in the gateway's books"),
    });
  });

  it('breaks when a charge is booked that the gateway never had, and reads what names no payment', () => {
    const posted = (operation: string, posting: object) =>
      judged({}, (shop) => shop.posts('capture', operation, posting)).verdict;
    expect(posted('ch_2', { gatewayId: 'ch_2', reference: 'other' })).toBe('breaks');
    expect(posted('ch_1', { payment: false })).toBe('holds');
    expect(posted('evt_1', { payment: false })).toBe('breaks');
  });

  it('finds an entry that came with the end of an event', () => {
    const shop = shopTale();
    shop.story.book({ status: 'voided', capturedMinor: 0 });
    shop.posts('capture', 'ch_1');
    const effects = [{ key: 'payment/ch_1/captured', payload: '{"key":"capture/ch_1"}' }];
    shop.story.cross('work', 'inbox.finish', { id: 'evt_1', token: 1, effects })({
      effect: { ok: true, value: null },
    });
    expect(webhookOnce.check(shop.done())).toMatchObject({ crossings: [0, 1] });
  });
});
