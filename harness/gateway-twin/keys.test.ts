// Convinces by sending the same key again, over and over, to each kind of gateway, and reading both what it says and
// what it booked: a rule about repeated keys is worth nothing if only the answer obeys it.

import { describe, expect, test } from 'vitest';
import { profiles } from '../cases/case.ts';
import { aCharge, begun, injection, rig } from './twin-rig.ts';

const hourMs = 3_600_000;

describe('every answer, replayed', () => {
  test('a success is replayed, equal in every member and in their order, and booked once', () => {
    const { charge, twin, far } = rig('stripe');
    const first = charge();
    far.advance(1000);
    const again = charge();
    expect(JSON.stringify(again)).toBe(JSON.stringify({ ...first, replayed: true }));
    expect(twin.books().charges).toHaveLength(1);
  });

  test.each([
    ['500-before-commit', 500, 0],
    ['500-after-commit', 500, 1],
    ['soft-decline', 402, 0],
    ['hard-decline', 402, 0],
    ['3ds-required', 202, 1],
    ['pending', 202, 1],
  ] as const)('the answer to %s is replayed as %d with %d charges', (kind, status, booked) => {
    const { charge, twin } = rig('stripe');
    const first = charge({}, injection(kind, 10));
    expect(first).toMatchObject({ status, replayed: false });
    expect(charge()).toEqual({ ...first, replayed: true });
    expect(twin.books().charges).toHaveLength(booked);
  });

  test.each([
    ['rate-limited', 429],
    ['in-progress', 409],
    ['bodyless-409', 409],
  ] as const)('%s is not stored: the key charges afterwards', (kind, status) => {
    const { charge, twin } = rig('stripe');
    expect(charge({}, injection(kind))).toMatchObject({ status, replayed: false });
    expect(twin.books().charges).toHaveLength(0);
    expect(charge()).toMatchObject({ status: 200, replayed: false });
  });

  test('a replay is out of reach for faults that need an execution', () => {
    const { charge, twin } = rig('stripe');
    charge();
    for (const kind of ['hard-decline', '500-after-commit', '500-before-commit', 'slow', 'pending'] as const)
      expect(charge({}, injection(kind, 10))).toMatchObject({ status: 200, replayed: true });
    expect(twin.books().charges).toHaveLength(1);
  });

  test('the front door turns away a key that would be replayed', () => {
    const { charge } = rig('stripe');
    charge();
    expect(charge({}, injection('rate-limited')).status).toBe(429);
    expect(charge({}, injection('edge-504', 10)).status).toBe(504);
    expect(charge()).toMatchObject({ status: 200, replayed: true });
  });

  test.each([
    { amountMinor: 501 },
    { currency: 'EUR' },
    { paymentToken: 'other' },
    { merchantReference: 'order-2' },
    { capture: 'manual' },
  ] as const)('other parameters are refused: %o', (changed) => {
    const { charge, twin } = rig('stripe');
    charge();
    expect(charge(changed)).toEqual({ status: 400, code: 'idempotency_error', replayed: false });
    expect(twin.books().charges).toHaveLength(1);
    expect(charge()).toMatchObject({ status: 200, replayed: true });
  });

  test('a key of one operation is refused for another', () => {
    const { charge, twin } = rig('stripe');
    const chargeId = charge().charge?.id ?? '';
    const refund = { idempotencyKey: 'k', merchantReference: 'refund-1', chargeId, amountMinor: 100 };
    expect(twin.refund(refund)).toMatchObject({ status: 400, code: 'idempotency_error' });
    const capture = { ...refund, idempotencyKey: 'c' };
    twin.capture(capture);
    expect(twin.refund(capture)).toMatchObject({ status: 400, code: 'idempotency_error' });
  });

  test('a refusal before execution is not stored', () => {
    const { charge } = rig('stripe');
    expect(charge({ amountMinor: 0 })).toMatchObject({ status: 400, code: 'parameter_invalid' });
    expect(charge()).toMatchObject({ status: 200, replayed: false });
  });
});

describe('every answer, refused with a conflict', () => {
  test.each([
    ['500-before-commit', 0],
    ['500-after-commit', 1],
    ['soft-decline', 0],
    ['partial-approval', 1],
  ] as const)('after %s the key is spent', (kind, booked) => {
    const { charge, twin } = rig('mango');
    charge({}, injection(kind));
    for (const changed of [{}, { amountMinor: 7 }])
      expect(charge(changed)).toEqual({ status: 409, code: 'idempotency_key_in_use', replayed: false });
    expect(twin.books().charges).toHaveLength(booked);
  });

  test.each(['rate-limited', 'in-progress', 'bodyless-409'] as const)('%s does not spend it', (kind) => {
    const { charge } = rig('mango');
    charge({}, injection(kind));
    expect(charge()).toMatchObject({ status: 200, replayed: false });
  });
});

describe('successes only', () => {
  test('a success is replayed', () => {
    const { charge, twin } = rig('checkout');
    const first = charge();
    expect(charge()).toEqual({ ...first, replayed: true });
    expect(twin.books().charges).toHaveLength(1);
  });

  test('a payment that waits counts as a success', () => {
    const { charge, twin } = rig('checkout');
    const first = charge({}, injection('3ds-required', 10));
    expect(charge()).toEqual({ ...first, replayed: true });
    expect(twin.books().charges).toHaveLength(1);
  });

  test.each([
    ['500-before-commit', 1],
    ['500-after-commit', 2],
    ['soft-decline', 1],
    ['rate-limited', 1],
  ] as const)('after %s the payment is attempted again: %d charges', (kind, booked) => {
    const { charge, twin } = rig('checkout');
    charge({}, injection(kind));
    expect(charge()).toMatchObject({ status: 200, replayed: false });
    expect(twin.books().charges).toHaveLength(booked);
  });
});

test('a gateway without keys charges again, whatever the first answer was', () => {
  const { charge, twin } = rig('none');
  const ids = [charge(), charge(), charge({}, injection('500-after-commit')), charge()].map(
    (a) => a.charge?.id,
  );
  expect(ids).toEqual(['ch_1', 'ch_2', undefined, 'ch_4']);
  expect(twin.books().charges).toHaveLength(4);
});

describe('while the first request executes', () => {
  test.each([
    ['stripe', 409, 1],
    ['mango', 409, 1],
    ['checkout', 409, 1],
    ['none', 200, 2],
  ] as const)('%s answers a slow key with %d and books %d', (profile, status, booked) => {
    const { charge, twin, far } = rig(profile);
    const slow = begun(twin.authorize(aCharge(), injection('slow', 3000)), far);
    far.advance(2999);
    expect(charge()).toMatchObject({ status, replayed: false });
    expect(slow()).toBeUndefined();
    far.advance(1);
    expect(slow()).toMatchObject({ status: 200, replayed: false });
    expect(twin.books().charges).toHaveLength(booked);
  });

  test.each([
    ['stripe', [409, 200], 1],
    ['mango', [409, 409], 1],
    ['checkout', [409, 200], 1],
    ['none', [200, 200], 3],
  ] as const)('%s keeps the origin behind an edge 504 busy, then done: %o', (profile, statuses, booked) => {
    const { charge, twin, far } = rig(profile);
    expect(charge({}, injection('edge-504', 5000))).toEqual({
      status: 504,
      code: 'api_error',
      replayed: false,
    });
    far.advance(4999);
    const during = charge().status;
    far.advance(1);
    expect([during, charge().status]).toEqual(statuses);
    expect(twin.books().charges).toHaveLength(booked);
  });

  test('other parameters are refused as such', () => {
    const { charge, twin, far } = rig('stripe');
    begun(twin.authorize(aCharge(), injection('slow', 3000)), far);
    expect(charge({ amountMinor: 7 })).toMatchObject({ status: 400, code: 'idempotency_error' });
  });
});

describe('retention', () => {
  test.each(['stripe', 'mango', 'checkout'] as const)(
    '%s forgets a key 24 h after its first use',
    (profile) => {
      const { charge, far } = rig(profile);
      charge();
      far.advance(24 * hourMs - 1);
      expect(charge().charge?.id).not.toBe('ch_2');
      far.advance(1);
      expect(charge()).toMatchObject({ status: 200, replayed: false, charge: { id: 'ch_2' } });
    },
  );

  test('a request that runs longer than the retention still holds its key', () => {
    const { charge, twin, far } = rig('stripe');
    begun(twin.authorize(aCharge(), injection('slow', 25 * hourMs)), far);
    far.advance(24 * hourMs + 1);
    expect(charge().status).toBe(409);
  });

  test.each(profiles)(
    'key-expired makes %s charge again, and the new answer is the one it keeps',
    (profile) => {
      const { charge, twin, far } = rig(profile);
      const slow = begun(twin.authorize(aCharge(), injection('slow', 1000)), far);
      const second = charge({}, injection('key-expired'));
      expect(second).toMatchObject({ status: 200, replayed: false });
      far.advance(1000);
      expect(slow()).toMatchObject({ status: 200 });
      expect(twin.books().charges).toHaveLength(2);
      if (profile === 'stripe') expect(charge().charge?.id).toBe(second.charge?.id);
    },
  );
});

test('nobody who was given an answer can change what is replayed', () => {
  const { charge } = rig('stripe');
  charge();
  const replay = charge();
  Object.assign(replay.charge ?? {}, { amountMinor: 1 });
  expect(charge().charge?.amountMinor).toBe(500);
});

test('an empty key is no key', () => {
  const { charge, twin } = rig('stripe');
  charge({ idempotencyKey: '' });
  charge({ idempotencyKey: '' });
  expect(twin.books().charges).toHaveLength(2);
});
