// Convinces by following refunds to each of their ends, and asking for them at every stage: what a compensation needs to
// know is whether the money is really back.

import { describe, expect, test } from 'vitest';
import { aCharge, injection, rig } from './twin-rig.ts';

const asked = {
  idempotencyKey: 'r',
  merchantReference: 'order-1/refund',
  chargeId: 'ch_1',
  amountMinor: 300,
};
const which = { chargeId: 'ch_1', merchantReference: 'order-1/refund' };

function charged(profile: 'stripe' | 'none' = 'stripe') {
  const one = rig(profile);
  one.charge();
  return one;
}

describe('what becomes of a refund', () => {
  test.each([
    [undefined, 'succeeded', 'succeeded'],
    ['pending', 'pending', 'succeeded'],
    ['refund-fails-later', 'pending', 'failed'],
    ['refund-bounces', 'succeeded', 'failed'],
  ] as const)('%s: acknowledged as %s, in the end %s', (kind, acknowledged, end) => {
    const { twin, far } = charged();
    const inject = kind === undefined ? undefined : injection(kind, 1_000);
    const moneyBack = (status: string): number => (status === 'succeeded' ? 300 : 0);
    const refund = { id: 're_1', chargeId: 'ch_1', amountMinor: 300 };

    expect(twin.refund(asked, inject)).toMatchObject({
      status: 200,
      refund: { ...refund, status: acknowledged },
    });
    far.advance(999);
    expect(twin.lookupRefund(which)).toEqual({ kind: 'found', refund: { ...refund, status: acknowledged } });
    expect(twin.books().charges[0]?.refundedMinor).toBe(moneyBack(acknowledged));
    far.advance(1);
    expect(twin.lookupRefund(which)).toEqual({ kind: 'found', refund: { ...refund, status: end } });
    expect(twin.books().charges[0]).toMatchObject({
      refundedMinor: moneyBack(end),
      refunds: [
        {
          id: 're_1',
          idempotencyKey: 'r',
          merchantReference: 'order-1/refund',
          amountMinor: 300,
          status: end,
          changedAtMs: acknowledged === end ? 0 : 1_000,
        },
      ],
    });
    // The key remembers what was answered, whatever came of it.
    expect(twin.refund(asked)).toMatchObject({ refund: { status: acknowledged }, replayed: true });
  });

  test('one that failed leaves its money to be refunded again; one on its way does not', () => {
    const { twin, far } = charged();
    const again = { ...asked, idempotencyKey: 'r2', merchantReference: 'order-1/refund/2' };
    twin.refund(asked, injection('refund-fails-later', 1_000));
    expect(twin.refund(again)).toMatchObject({ code: 'amount_too_large' });
    far.advance(1_000);
    expect(twin.refund({ ...again, idempotencyKey: 'r3' })).toMatchObject({
      status: 200,
      refund: { id: 're_2' },
    });
  });
});

describe('looking a refund up', () => {
  test('finds it by its exact reference and charge only', () => {
    const { twin, charge } = charged();
    charge({ idempotencyKey: 'k2', merchantReference: 'order-2' });
    twin.refund(asked);
    expect(twin.lookupRefund({ ...which, merchantReference: 'ORDER-1/refund' })).toEqual({ kind: 'absent' });
    expect(twin.lookupRefund({ ...which, chargeId: 'ch_2' })).toEqual({ kind: 'absent' });
    expect(twin.lookupRefund({ ...which, chargeId: 'ch_9' })).toEqual({ kind: 'absent' });
    expect(twin.lookupRefund(which)).toMatchObject({ kind: 'found', refund: { id: 're_1' } });
  });

  test('may answer with what was true a while ago, and never with less than that', () => {
    const { twin, far, capabilities } = charged();
    const staleMs = capabilities.lookup.consistentAfterMs;
    const stale = injection('stale');
    far.advance(10_000);
    twin.refund(asked, injection('pending', 10_000));
    far.advance(staleMs - 1);
    expect(twin.lookupRefund(which, stale)).toEqual({ kind: 'absent' });
    far.advance(1);
    expect(twin.lookupRefund(which, stale)).toMatchObject({ refund: { status: 'pending' } });
    far.advance(10_000);
    expect(twin.lookupRefund(which, stale)).toMatchObject({ refund: { status: 'succeeded' } });
  });

  test('is turned away like any other request', () => {
    const { twin } = charged();
    const answer = { status: 429, code: 'rate_limit', retryAfter: '7', replayed: false };
    const turnedAway = injection('rate-limited', 0, '7');
    expect(twin.lookupRefund(which, turnedAway)).toEqual({ kind: 'refused', answer });
    expect(twin.listRefunds('ch_1', turnedAway)).toEqual({ kind: 'refused', answer });
  });

  test('among several of one reference shows the one that came furthest, the earliest if there are more', () => {
    const { twin } = charged('none');
    const ends = ['refund-fails-later', 'pending', undefined, undefined] as const;
    const heard = ends.map((kind, index) => {
      const inject = kind === undefined ? undefined : injection(kind, (index + 1) * 1_000);
      twin.refund({ ...asked, amountMinor: 100 }, inject);
      const found = twin.lookupRefund(which);
      return found.kind === 'found' ? `${found.refund.id} ${found.refund.status}` : found.kind;
    });
    expect(heard).toEqual(['re_1 pending', 're_1 pending', 're_3 succeeded', 're_3 succeeded']);
  });
});

test('a gateway that does not enforce limits books whatever it is asked for, in the right states only', () => {
  const { twin } = rig('stripe', {}, false);
  twin.authorize(aCharge({ capture: 'manual' }));
  const early = twin.refund({ ...asked, idempotencyKey: 'early' });
  expect(early).toMatchObject({ code: 'unexpected_state' });
  const capture = { idempotencyKey: 'c', merchantReference: 'c', chargeId: 'ch_1', amountMinor: 700 };
  expect(twin.capture(capture)).toMatchObject({ charge: { capturedMinor: 700 } });
  expect(twin.refund({ ...asked, amountMinor: 0 })).toMatchObject({ code: 'parameter_invalid' });
  for (const key of ['r1', 'r2', 'r3'])
    expect(twin.refund({ ...asked, idempotencyKey: key })).toMatchObject({ status: 200 });
  expect(twin.books().charges[0]).toMatchObject({ capturedMinor: 700, refundedMinor: 900 });
});
