// Convinces by asking at the instant before and at the instant when an authorisation begins or ends otherwise than the
// merchant was told.

import { describe, expect, test } from 'vitest';
import { aCharge, injection, rig, severalCaptures } from './twin-rig.ts';

const lookup = { by: 'reference', merchantReference: 'order-1' } as const;
const on = (key: string) => ({ idempotencyKey: key, merchantReference: key, chargeId: 'ch_1' });

describe('an authorisation that expires early', () => {
  test('can be captured until then and not after', () => {
    const { twin, far, charge } = rig('none');
    const expiring = injection('authorization-expires', 1_000);
    charge({ capture: 'manual' }, expiring);
    charge({ capture: 'manual' }, expiring);
    far.advance(999);
    expect(twin.capture({ ...on('c'), amountMinor: 500 })).toMatchObject({ status: 200 });
    far.advance(1);
    const late = { ...on('c2'), chargeId: 'ch_2', amountMinor: 500 };
    expect(twin.capture(late)).toMatchObject({ status: 400, code: 'unexpected_state' });
    expect(twin.void({ ...on('v'), chargeId: 'ch_2' })).toMatchObject({ code: 'unexpected_state' });
    expect(twin.books().charges.map(({ status }) => status)).toEqual(['captured', 'voided']);
  });

  test('takes with it what captures have left open, and nothing else', () => {
    const { twin, far, charge } = rig('stripe', severalCaptures);
    charge({ capture: 'manual' }, injection('authorization-expires', 1_000));
    twin.capture({ ...on('c'), amountMinor: 300 });
    far.advance(999);
    expect(twin.lookup(lookup)).toMatchObject({ charge: { openMinor: 200 } });
    far.advance(1);
    const after = twin.lookup(lookup);
    expect(after).toMatchObject({ charge: { status: 'captured', capturedMinor: 300 } });
    expect(after).not.toHaveProperty('charge.openMinor');
    expect(twin.capture({ ...on('c2'), amountMinor: 1 })).toMatchObject({ code: 'unexpected_state' });
  });

  test('means nothing for a payment that is captured at once', () => {
    const { twin, far, charge } = rig('stripe');
    charge({}, injection('authorization-expires', 1_000));
    far.advance(2_000);
    expect(twin.books().charges[0]).toMatchObject({ status: 'captured', capturedMinor: 500 });
  });
});

test('what captures have left open lapses with the authorisation, seven days after it was given', () => {
  const { twin, far, charge } = rig('stripe', severalCaptures);
  const lifetimeMs = 7 * 86_400_000;
  charge({ capture: 'manual' });
  far.advance(lifetimeMs - 1);
  twin.capture({ ...on('c'), amountMinor: 300 });
  expect(twin.books().charges[0]).toMatchObject({ openMinor: 200 });
  far.advance(1);
  expect(twin.books().charges[0]).not.toHaveProperty('openMinor');
  expect(twin.void(on('v'))).toMatchObject({ code: 'unexpected_state' });
});

describe('a late authorisation', () => {
  test.each(['manual', 'automatic'] as const)(
    'is declined first, and holds the money later (%s)',
    (capture) => {
      const { twin, far, charge } = rig('stripe');
      const decline = { status: 402, declineCode: 'issuer_not_available' };
      expect(charge({ capture }, injection('late-authorization', 1_000))).toMatchObject(decline);
      far.advance(999);
      expect(twin.lookup(lookup)).toMatchObject({ kind: 'answered', answer: decline });
      far.advance(1);
      expect(twin.lookup(lookup)).toMatchObject({
        kind: 'found',
        charge: { status: 'authorized', capturedMinor: 0 },
      });
      // The key has been answered, and stays so.
      expect(twin.authorize(aCharge({ capture }))).toMatchObject({ ...decline, replayed: true });
      expect(twin.void(on('v'))).toMatchObject({ charge: { status: 'voided' } });
      expect(twin.books().charges).toHaveLength(1);
    },
  );
});
