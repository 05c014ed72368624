// Convinces by what arrives beside the true events: it has to be worth believing, and no secret may vouch for it.

import { describe, expect, test } from 'vitest';
import type { FaultKind } from '../faults/kinds.ts';
import { read, shop, signedAtS, signers } from './shop-rig.ts';

const first = 'twin:deliver:evt_1 1';

describe('what is not from the provider', () => {
  function forged(kind: FaultKind) {
    const one = shop({ answers: [200], faults: { [first]: [{ kind }] } });
    one.charge({ capture: 'manual' });
    one.far.advance(1_000_000);
    return one;
  }

  test.each([
    ['webhook-forged', [['?'], ['?']]],
    ['webhook-tampered', [['?']]],
    ['webhook-unsigned', [[]]],
  ] as const)('%s claims a success just before the true event, and no secret vouches for it', (kind, by) => {
    const { log, of } = forged(kind);
    expect(log()).toEqual([...by.map(() => '100 twin:forge:evt_1 1'), '100 twin:deliver:evt_1 1']);
    for (const [index, names] of by.entries()) {
      expect(of(index)).toMatchObject({ authentic: false, eventId: 'evt_1_forged' });
      expect(read(of(index))).toMatchObject({
        id: 'evt_1_forged',
        type: 'payment.captured',
        data: { object: { status: 'captured', capturedMinor: 500, version: 2 } },
      });
      expect(signers(of(index))).toEqual(names);
    }
    expect([read(of(by.length)).type, signers(of(by.length))]).toEqual(['payment.authorized', ['current']]);
  });

  test('what is forged comes once more with its signature cut short', () => {
    const { of } = forged('webhook-forged');
    const [whole, cut] = [of(0), of(1)].map(({ headers }) => `${headers['stripe-signature']}`);
    expect(cut).toBe(whole?.slice(0, -4));
    expect(of(1).rawBody).toEqual(of(0).rawBody);
  });

  test('what was tampered with carries the signature of something else', () => {
    const { of } = forged('webhook-tampered');
    expect(of(0).headers['stripe-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    expect(of(0).headers['stripe-signature']).not.toBe(of(1).headers['stripe-signature']);
  });

  test('what is stale is the true event, truly signed, long ago', () => {
    const { of } = forged('webhook-stale');
    expect(of(0)).toMatchObject({ authentic: false, eventId: 'evt_1' });
    expect([of(0).rawBody, signers(of(0))]).toEqual([of(2).rawBody, ['current']]);
    expect(signedAtS(of(2)) - signedAtS(of(0))).toBe(600);
  });

  test.each([
    ['stripe', 'stripe-signature', /t=/],
    ['standard', 'webhook-signature', /timestamp/],
  ] as const)('what is stale comes once more without its time: %s', (scheme, name, time) => {
    const { charge, far, of } = shop({ scheme, faults: { [first]: [{ kind: 'webhook-stale' }] } });
    charge();
    far.advance(1_000);
    expect(of(1)).toMatchObject({ authentic: false, eventId: 'evt_1', rawBody: of(0).rawBody });
    const [dated, undated] = [of(0), of(1)].map(({ headers }) => JSON.stringify(headers));
    expect([time.test(`${dated}`), time.test(`${undated}`)]).toEqual([true, false]);
    const signature = `${of(0).headers[name]}`.replace(/^t=\d+,/, '');
    expect(of(1).headers[name]).toBe(signature);
  });

  test('where nothing tells when it was signed, nothing can be stale', () => {
    const { charge, far, log } = shop({ scheme: 'github', faults: { [first]: [{ kind: 'webhook-stale' }] } });
    charge();
    far.advance(1_000);
    expect(log()).toEqual(['100 twin:deliver:evt_1 1']);
  });

  test.each([
    ['refund', { type: 'refund.succeeded', data: { object: { status: 'succeeded' } } }],
    ['dispute', { type: 'dispute.lost', data: { object: { status: 'lost' } } }],
  ] as const)('of a %s too', (object, claim) => {
    const { twin, charge, far, of } = shop({
      faults: { 'twin:deliver:evt_2 1': [{ kind: 'webhook-forged' }] },
    });
    charge();
    if (object === 'dispute') twin.dispute('tok', { kind: 'opened' });
    else
      twin.refund(
        { idempotencyKey: 'r', merchantReference: 'r', chargeId: 'ch_1', amountMinor: 1 },
        {
          kind: 'pending',
          ms: 1_000_000,
          retryAfter: undefined,
        },
      );
    far.advance(1_000);
    expect(read(of(1))).toMatchObject(claim);
  });
});
