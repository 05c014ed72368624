// Convinces by looking at the provider's books after each kind of fault, and again after time has passed: an
// answer may lie about money, the books may not.

import { describe, expect, test } from 'vitest';
import { aCharge, injection, rig } from './twin-rig.ts';

test('a charge is booked as it was asked for, with its intent, key, reference and instant', () => {
  const { charge, twin, far } = rig('stripe');
  far.advance(40);
  expect(charge()).toEqual({
    status: 200,
    charge: {
      id: 'ch_1',
      status: 'captured',
      amountMinor: 500,
      capturedMinor: 500,
      currency: 'USD',
      merchantReference: 'order-1',
    },
    replayed: false,
  });
  expect(twin.books()).toEqual({
    charges: [
      {
        id: 'ch_1',
        paymentToken: 'tok',
        idempotencyKey: 'k',
        merchantReference: 'order-1',
        amountMinor: 500,
        currency: 'USD',
        status: 'captured',
        capturedMinor: 500,
        refundedMinor: 0,
        at: { atMs: 40, order: 1 },
      },
    ],
  });
});

test('a manual charge is authorised and nothing is captured', () => {
  const { charge, twin } = rig('stripe');
  expect(charge({ capture: 'manual' }).charge).toMatchObject({ status: 'authorized', capturedMinor: 0 });
  expect(twin.books().charges[0]).toMatchObject({ status: 'authorized', capturedMinor: 0 });
});

test.each([
  { amountMinor: 0 },
  { amountMinor: -1 },
  { amountMinor: 1.5 },
  { amountMinor: Number.NaN },
  { amountMinor: 2 ** 53 },
  { currency: 'usd' },
  { currency: 'ZZZ' },
  { currency: '' },
  { paymentToken: '' },
  { idempotencyKey: 'k'.repeat(256) },
] as const)('refuses %o with 400 and books nothing', (changed) => {
  const { charge, twin } = rig('stripe');
  expect(charge(changed)).toEqual({ status: 400, code: 'parameter_invalid', replayed: false });
  expect(twin.books().charges).toEqual([]);
});

test('refuses a capture mode that the gateway does not have', () => {
  const { charge } = rig('stripe', { captureModes: ['automatic'] });
  expect(charge({ capture: 'manual' })).toMatchObject({ status: 400, code: 'parameter_invalid' });
});

describe('faults at once', () => {
  test.each([
    ['500-before-commit', { status: 500, code: 'api_error' }, []],
    ['500-after-commit', { status: 500, code: 'api_error' }, [500]],
    ['soft-decline', { status: 402, code: 'card_declined', declineCode: 'insufficient_funds' }, []],
    ['hard-decline', { status: 402, code: 'card_declined', declineCode: 'do_not_honor' }, []],
    ['in-progress', { status: 409, code: 'idempotency_key_in_use' }, []],
    ['bodyless-409', { status: 409 }, []],
    ['rate-limited', { status: 429, code: 'rate_limit', retryAfter: 'soon' }, []],
  ] as const)('%s answers %o and books %o', (kind, answer, booked) => {
    const { charge, twin, far } = rig('stripe');
    const retryAfter = kind === 'rate-limited' ? 'soon' : undefined;
    expect(charge({}, injection(kind, 0, retryAfter))).toEqual({ ...answer, replayed: false });
    far.advance(1_000_000);
    expect(twin.books().charges.map((charged) => charged.capturedMinor)).toEqual(booked);
  });

  test.each([
    [500, 250],
    [501, 251],
    [1, 1],
  ])('a partial approval of %d captures %d', (amountMinor, capturedMinor) => {
    const { charge, twin } = rig('stripe');
    const answer = charge({ amountMinor }, injection('partial-approval'));
    expect(answer.charge).toMatchObject({ status: 'captured', amountMinor, capturedMinor });
    expect(twin.books().charges[0]).toMatchObject({ amountMinor, capturedMinor });
  });
});

describe('faults that take time', () => {
  test('edge-504 answers at once, and the origin commits later', () => {
    const { charge, twin, far } = rig('stripe');
    expect(charge({}, injection('edge-504', 5000)).status).toBe(504);
    far.advance(4999);
    expect(twin.books().charges).toEqual([]);
    far.advance(1);
    expect(twin.books().charges[0]).toMatchObject({ status: 'captured', at: { atMs: 5000 } });
  });

  test('edge-504 over a malformed request has nothing to commit', () => {
    const { charge, twin, far } = rig('stripe');
    expect(charge({ amountMinor: 0 }, injection('edge-504', 10)).status).toBe(504);
    far.advance(10);
    expect(twin.books().charges).toEqual([]);
  });

  test.each([
    ['3ds-required', 'automatic', { status: 'captured', capturedMinor: 500 }],
    ['3ds-required', 'manual', { status: 'authorized', capturedMinor: 0 }],
    ['3ds-abandoned', 'automatic', { status: 'failed', capturedMinor: 0 }],
    ['pending', 'automatic', { status: 'captured', capturedMinor: 500 }],
    ['pending', 'manual', { status: 'authorized', capturedMinor: 0 }],
  ] as const)('%s (%s) is accepted, waits, and then is %o', (kind, capture, end) => {
    const { charge, twin, far } = rig('stripe');
    const code = kind === 'pending' ? 'processing' : 'authentication_required';
    const answer = charge({ capture }, injection(kind, 5000));
    expect(answer).toEqual({ status: 202, code, paymentId: 'ch_1', replayed: false });
    far.advance(4999);
    expect(twin.books().charges[0]).toMatchObject({ id: 'ch_1', status: 'pending', capturedMinor: 0 });
    far.advance(1);
    expect(twin.books().charges[0]).toMatchObject(end);
  });

  test('the instant of a charge is when it was booked, in the total order of everything', () => {
    const { twin, far } = rig('none');
    twin.authorize(aCharge());
    far.instant();
    twin.authorize(aCharge());
    expect(twin.books().charges.map(({ at }) => at.order)).toEqual([1, 3]);
  });
});
