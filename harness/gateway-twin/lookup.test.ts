// Convinces by asking before, at and after the instant at which an answer has to change, for every kind of payment
// and every way to ask.

import { describe, expect, test } from 'vitest';
import type { LookupRequest } from '../../src/gateway/port.ts';
import { aCharge, begun, injection, rig } from './twin-rig.ts';

const byReference: LookupRequest = { by: 'reference', merchantReference: 'order-1' };
const byKey: LookupRequest = { by: 'key', idempotencyKey: 'k' };

describe('by reference', () => {
  test('nothing, then the charge exactly as it was first answered', () => {
    const { twin, charge } = rig('stripe');
    expect(twin.lookup(byReference)).toEqual({ kind: 'absent' });
    const first = charge();
    expect(JSON.stringify(twin.lookup(byReference))).toBe(
      JSON.stringify({ kind: 'found', charge: first.charge }),
    );
    expect(twin.lookup({ by: 'reference', merchantReference: 'order-2' })).toEqual({ kind: 'absent' });
  });

  test.each(['500-before-commit', 'soft-decline', 'hard-decline'] as const)('%s leaves nothing', (kind) => {
    const { twin, charge } = rig('stripe');
    charge({}, injection(kind));
    expect(twin.lookup(byReference)).toEqual({ kind: 'absent' });
  });

  test('a commit behind a 500 is found', () => {
    const { twin, charge } = rig('stripe');
    charge({}, injection('500-after-commit'));
    expect(twin.lookup(byReference)).toMatchObject({
      kind: 'found',
      charge: { id: 'ch_1', status: 'captured' },
    });
  });

  test.each([
    ['3ds-required', { kind: 'found', charge: { status: 'captured', capturedMinor: 500 } }],
    ['pending', { kind: 'found', charge: { status: 'captured', capturedMinor: 500 } }],
    [
      '3ds-abandoned',
      {
        kind: 'answered',
        answer: { status: 402, code: 'card_declined', declineCode: 'authentication_failed' },
      },
    ],
  ] as const)('%s is pending until it is decided', (kind, end) => {
    const { twin, charge, far } = rig('stripe');
    charge({}, injection(kind, 5000));
    far.advance(4999);
    expect(twin.lookup(byReference)).toEqual({
      kind: 'pending',
      paymentId: 'ch_1',
      waitsFor: kind === 'pending' ? 'gateway' : 'payer',
    });
    far.advance(1);
    expect(twin.lookup(byReference)).toMatchObject(end);
  });

  test('a void is found as voided', () => {
    const { twin, charge } = rig('stripe');
    charge({ capture: 'manual' });
    twin.void({ idempotencyKey: 'v', merchantReference: 'v', chargeId: 'ch_1' });
    expect(twin.lookup(byReference)).toMatchObject({ kind: 'found', charge: { status: 'voided' } });
  });

  test('of several charges the first that stands is found, whatever failed before it', () => {
    const { twin, charge, far } = rig('none');
    charge({}, injection('3ds-abandoned', 10));
    far.advance(10);
    charge();
    charge();
    expect(twin.lookup(byReference)).toMatchObject({ kind: 'found', charge: { id: 'ch_2' } });
  });
});

test('a charge that stands outweighs one that was voided before it', () => {
  const { twin, charge } = rig('stripe');
  charge({ capture: 'manual' });
  twin.void({ idempotencyKey: 'v', merchantReference: 'v', chargeId: 'ch_1' });
  charge({ idempotencyKey: 'k2' });
  expect(twin.lookup(byReference)).toMatchObject({ kind: 'found', charge: { id: 'ch_2' } });
});

describe('staleness', () => {
  test('a stale look-up sees nothing newer than the declared lag, and everything older', () => {
    const { twin, charge, far } = rig('stripe');
    charge();
    expect(twin.lookup(byReference)).toMatchObject({ kind: 'found' });
    far.advance(999);
    expect(twin.lookup(byReference, injection('stale'))).toEqual({ kind: 'absent' });
    far.advance(1);
    expect(twin.lookup(byReference, injection('stale'))).toMatchObject({ kind: 'found' });
  });

  test('a stale look-up shows the state before the last change', () => {
    const { twin, charge, far } = rig('stripe');
    charge({}, injection('pending', 5000));
    far.advance(5999);
    expect(twin.lookup(byReference, injection('stale'))).toEqual({
      kind: 'pending',
      paymentId: 'ch_1',
      waitsFor: 'gateway',
    });
    far.advance(1);
    expect(twin.lookup(byReference, injection('stale'))).toMatchObject({ kind: 'found' });
  });

  test('where look-ups are consistent there is nothing to be stale about', () => {
    const { twin, charge } = rig('mango');
    charge();
    expect(twin.lookup(byReference, injection('stale'))).toMatchObject({ kind: 'found' });
    expect(twin.lookup(byKey, injection('stale'))).toMatchObject({ kind: 'found' });
  });

  test('a stored answer is as stale as everything else', () => {
    const { twin, charge, far } = rig('mango', { lookup: { by: ['key'], consistentAfterMs: 1000 } });
    charge({}, injection('hard-decline'));
    far.advance(999);
    expect(twin.lookup(byKey, injection('stale'))).toEqual({ kind: 'absent' });
    far.advance(1);
    expect(twin.lookup(byKey, injection('stale'))).toMatchObject({ kind: 'answered' });
  });
});

describe('by key', () => {
  test.each([
    ['500-before-commit', { status: 500, code: 'api_error' }],
    ['500-after-commit', { status: 500, code: 'api_error' }],
    ['soft-decline', { status: 402, declineCode: 'insufficient_funds' }],
  ] as const)('the stored answer to %s is fetched, marked as stored', (kind, answer) => {
    const { twin, charge } = rig('mango');
    charge({}, injection(kind));
    expect(twin.lookup(byKey)).toMatchObject({ kind: 'answered', answer: { ...answer, replayed: true } });
  });

  test('absent before, while it executes, and when the key is forgotten; found in between', () => {
    const { twin, far } = rig('mango');
    expect(twin.lookup(byKey)).toEqual({ kind: 'absent' });
    begun(twin.authorize(aCharge(), injection('slow', 3000)), far);
    far.advance(2999);
    expect(twin.lookup(byKey)).toEqual({ kind: 'absent' });
    far.advance(1);
    expect(twin.lookup(byKey)).toEqual(twin.lookup(byReference));
    expect(twin.lookup(byKey)).toMatchObject({ kind: 'found' });
    far.advance(86_400_000);
    expect(twin.lookup(byKey)).toEqual({ kind: 'absent' });
  });

  test('an undecided payment is shown as it stands now, not as it was first answered', () => {
    const { twin, charge, far } = rig('mango');
    charge({}, injection('3ds-abandoned', 10));
    expect(twin.lookup(byKey)).toEqual({ kind: 'pending', paymentId: 'ch_1', waitsFor: 'payer' });
    far.advance(10);
    expect(twin.lookup(byKey)).toMatchObject({ kind: 'answered', answer: { status: 402 } });
  });

  test('the key of a refund leads to its charge', () => {
    const { twin, charge } = rig('mango');
    charge();
    twin.refund({ idempotencyKey: 'r', merchantReference: 'r', chargeId: 'ch_1', amountMinor: 5 });
    expect(twin.lookup({ by: 'key', idempotencyKey: 'r' })).toMatchObject({
      kind: 'found',
      charge: { id: 'ch_1' },
    });
  });

  test('is refused where the gateway cannot', () => {
    const { twin, charge } = rig('stripe');
    charge();
    expect(twin.lookup(byKey)).toEqual({
      kind: 'refused',
      answer: { status: 400, code: 'parameter_invalid', replayed: false },
    });
  });
});

test('a rate-limited look-up looks at nothing', () => {
  const { twin } = rig('stripe');
  expect(twin.lookup(byReference, injection('rate-limited', 0, '7'))).toEqual({
    kind: 'refused',
    answer: { status: 429, code: 'rate_limit', retryAfter: '7', replayed: false },
  });
});
