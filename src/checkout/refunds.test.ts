// Convinces by asking for more than there is, at once, in two processes, beside disputes and after failures, and adding up
// what a gateway gave back that sets no limits itself.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayRejectedError, NetworkError, StoreUnavailableError } from '../errors/payment-error.ts';
import { balanceOf } from '../saga/testing-gateway.ts';
import type { RefundOrder } from './refund-request.ts';
import { type Mall, mall, order } from './testing.ts';

const refund = (key: string, amountMinor: number): RefundOrder => ({
  scope: order.scope,
  order: order.key,
  key,
  amountMinor,
  currency: 'USD',
});

async function shipped(place: Mall = mall()): Promise<Mall> {
  await place.runtime.settle(place.start().checkout(order));
  return place;
}

const given = (place: Mall): number => 500 - (place.gateway.charges().map(balanceOf)[0]?.netMinor ?? 0);

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'ok',
    (error: { readonly code: string }) => error.code,
  );

async function asked(place: Mall, one: RefundOrder): Promise<string> {
  return place.runtime.settle(codeOf(place.start().refund(one)));
}

async function disputed(place: Mall, amountMinor: number, status = 'open'): Promise<void> {
  const chargeId = place.gateway.charges()[0]?.id ?? '';
  const event = {
    id: 'evt_d',
    type: `dispute.${status}`,
    object: { kind: 'dispute', id: 'dp_1' },
    transition: status,
    status,
    version: 1,
    data: { chargeId, amountMinor, currency: 'USD' },
  };
  await place.runtime.settle(place.start().webhook(...place.delivery(event)));
}

describe('refunds', () => {
  it('give up to the last cent back and not one more', async () => {
    const place = await shipped();
    expect(await asked(place, refund('a', 300))).toBe('ok');
    expect(await asked(place, refund('b', 201))).toBe('refund_exceeds_capture');
    expect(await asked(place, refund('c', 200))).toBe('ok');
    expect(await asked(place, refund('d', 1))).toBe('refund_exceeds_capture');
    expect(given(place)).toBe(500);
  });

  it('answer a repetition from the record, and another amount under its key as a conflict', async () => {
    const place = await shipped();
    const first = await place.runtime.settle(place.start().refund(refund('a', 300)));
    let replays = 0;
    const again = await place.runtime.settle(place.start().refund(refund('a', 300), () => (replays += 1)));
    expect({ again, replays, given: given(place) }).toEqual({ again: first, replays: 1, given: 300 });
    expect(await asked(place, refund('a', 299))).toBe('idempotency_conflict');
  });

  it('do not give back what a dispute took', async () => {
    const place = await shipped();
    await disputed(place, 400);
    expect(await asked(place, refund('a', 101))).toBe('refund_exceeds_capture');
    expect(await asked(place, refund('b', 100))).toBe('ok');
  });

  it('do not give back what a dispute returns whose opening was never heard of', async () => {
    const place = await shipped();
    await disputed(place, 500, 'won');
    expect(await asked(place, refund('a', 501))).toBe('refund_exceeds_capture');
    expect(await asked(place, refund('b', 500))).toBe('ok');
    expect(given(place)).toBe(500);
  });

  it('stay within what was captured, however many are asked for at once and wherever', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 5 }),
        async (amounts) => {
          const place = await shipped();
          const all = amounts.map((amountMinor, index) =>
            codeOf(place.start().refund(refund(`k${index}`, amountMinor))),
          );
          await place.runtime.settle(Promise.all(all));
          expect(given(place)).toBeLessThanOrEqual(500);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are free again when the gateway let one fail, and its key says so for ever', async () => {
    const place = await shipped();
    place.gateway.refundsAre('pending');
    expect(await asked(place, refund('a', 500))).toBe('payment_pending');
    expect(await asked(place, refund('b', 1))).toBe('refund_exceeds_capture');
    place.gateway.settleRefunds('failed');
    expect(await asked(place, refund('a', 500))).toBe('refund_failed');
    expect(await asked(place, refund('a', 500))).toBe('refund_failed');
    expect(await asked(place, refund('b', 500))).toBe('ok');
    expect(given(place)).toBe(500);
  });

  it.each([
    ['after they were booked are told as made, for they are paid again', 'succeeded', 'ok'],
    ['before they were booked are told as failed', 'pending', 'refund_failed'],
  ])('that fail %s', async (_, status, answer) => {
    const place = await shipped();
    place.gateway.refundsAre('pending');
    expect(await asked(place, refund('a', 300))).toBe('payment_pending');
    const [made] = place.gateway.charges()[0]?.refunds ?? [];
    const news = { ...made, chargeId: made?.chargeId ?? '', amountMinor: 300, currency: 'USD' };
    const object = { kind: 'refund', id: made?.id ?? '' };
    const event = { id: 'evt_r', type: `refund.${status}`, object, transition: status, status, data: news };
    // The record hears nothing of it.
    place.gateway.mishaps(
      'lookupRefund',
      null,
      ...Array(3).fill(new NetworkError('slow', { effect: 'unknown' })),
    );
    await place.runtime.settle(place.start().webhook(...place.delivery(event)));
    place.gateway.mishaps('lookupRefund');
    place.gateway.settleRefunds('failed');
    const told = [];
    for (let turn = 0; turn < 6 && told.at(-1) !== answer; turn += 1)
      told.push(await asked(place, refund('a', 300)));
    expect(told.at(-1)).toBe(answer);
  });

  it('that failed and are not asked for again leave what they asked for to others', async () => {
    const place = await shipped();
    place.gateway.refundsAre('pending');
    expect(await asked(place, refund('a', 300))).toBe('payment_pending');
    expect(await asked(place, refund('b', 400))).toBe('refund_exceeds_capture');
    place.gateway.settleRefunds('failed');
    // A sweep finds out, and the client goes on under another key.
    await place.runtime.settle(place.start().recover());
    expect(await asked(place, refund('b', 501))).toBe('refund_exceeds_capture');
    place.gateway.refundsAre('succeeded');
    expect(await asked(place, refund('c', 400))).toBe('ok');
    expect(await asked(place, refund('d', 101))).toBe('refund_exceeds_capture');
    expect(await asked(place, refund('e', 100))).toBe('ok');
    expect(given(place)).toBe(500);
  });

  it('leave what they asked for to another amount under their key, when the ledger failed them', async () => {
    const place = await shipped();
    const { ledger } = place.stores;
    const { entries } = ledger;
    const fails = async () => Promise.reject(new StoreUnavailableError('no answer'));
    Object.assign(ledger, { entries: fails });
    expect(await asked(place, refund('a', 501))).toBe('store_unavailable');
    Object.assign(ledger, { entries });
    expect(await asked(place, refund('a', 500))).toBe('ok');
    expect(given(place)).toBe(500);
  });

  it('that could not be sent leave what they asked for to others', async () => {
    const place = await shipped();
    const refused = new NetworkError('refused', { effect: 'none' });
    place.gateway.mishaps('refund', refused, refused, refused);
    expect(await asked(place, refund('a', 500))).toBe('network_error');
    expect(await asked(place, refund('b', 500))).toBe('ok');
    expect(await asked(place, refund('a', 500))).toBe('refund_exceeds_capture');
    expect(given(place)).toBe(500);
  });

  it('that the gateway refuses are refused for good under their key, and leave what they asked for to others', async () => {
    const place = await shipped();
    place.gateway.mishaps('refund', new GatewayRejectedError('amount_too_large'));
    expect(await asked(place, refund('a', 500))).toBe('refund_refused');
    expect(await asked(place, refund('a', 500))).toBe('refund_refused');
    // A gateway that keeps its answers would take this for a misuse of the key.
    expect(await asked(place, refund('a', 499))).toBe('idempotency_conflict');
    expect(await asked(place, refund('b', 500))).toBe('ok');
    expect(given(place)).toBe(500);
  });

  it('that are pending are looked up in the background, and booked once', async () => {
    const place = await shipped();
    place.gateway.refundsAre('pending');
    await asked(place, refund('a', 500));
    place.gateway.settleRefunds('succeeded');
    await place.runtime.settle(place.start().recover());
    await place.runtime.settle(place.start().recover());
    const [row] = await place.runtime.settle(place.start().observe(order));
    expect(row?.refundedMinor).toBe(500n);
    expect(await asked(place, refund('a', 500))).toBe('ok');
    expect(given(place)).toBe(500);
  });

  it.each([
    ['of an order that there is not', { ...refund('a', 1), order: 'other' }, 'validation_error'],
    ['of another scope', { ...refund('a', 1), scope: 'other' }, 'validation_error'],
    ['in another currency', { ...refund('a', 1), currency: 'EUR' }, 'validation_error'],
    ['of nothing', refund('a', 0), 'validation_error'],
  ])('%s are refused', async (_, one, code) => {
    const place = await shipped();
    expect(await asked(place, one)).toBe(code);
    expect(given(place)).toBe(0);
  });

  it('of an order that was undone are refused: its money is back already', async () => {
    const place = mall();
    place.service.mishaps('ship', new Error('refused'), new Error('refused'));
    const thief = { ...order, payer: { email: 'thief@x.test' } };
    await place.runtime.settle(codeOf(place.start().checkout(thief)));
    expect(await asked(place, refund('a', 1))).toBe('order_not_refundable');
  });
});
