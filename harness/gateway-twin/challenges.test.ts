// Convinces by payers who answer at the last millisecond and at the next, twice, for two payments and for none: what the
// books show, what a look-up says meanwhile, and that nothing moves once it is decided.

import { describe, expect, test } from 'vitest';
import { challengeLifetimeMs } from './challenges.ts';
import { aCharge, injection, type Rig, rig } from './twin-rig.ts';

const challenge = injection('3ds-challenge');

const states = ({ twin }: Rig): unknown[] =>
  twin.books().charges.map(({ status, capturedMinor }) => [status, capturedMinor]);
const seen = ({ twin }: Rig, inject = injection('delay')): unknown =>
  twin.lookup({ by: 'reference', merchantReference: 'order-1' }, inject);

describe('a challenge', () => {
  test('is answered with a payment that waits for its payer', () => {
    const one = rig('stripe');
    expect(one.charge({}, challenge)).toEqual({
      status: 202,
      code: 'authentication_required',
      paymentId: 'ch_1',
      replayed: false,
    });
    expect(states(one)).toEqual([['pending', 0]]);
    expect(seen(one)).toEqual({ kind: 'pending', paymentId: 'ch_1', waitsFor: 'payer' });
  });

  test('is also what a merchant may demand, whatever the gateway thinks of it', () => {
    const one = rig('stripe');
    expect(one.charge({ challenge: true })).toMatchObject({ status: 202, code: 'authentication_required' });
    one.twin.stepUp('tok', 'authenticated');
    expect(states(one)).toEqual([['captured', 500]]);
    expect(one.charge({ idempotencyKey: 'k2', challenge: false })).toMatchObject({ status: 200 });
  });

  test.each([
    ['automatic', 'authenticated', ['captured', 500]],
    ['manual', 'authenticated', ['authorized', 0]],
    ['automatic', 'failed', ['failed', 0]],
  ] as const)('of a charge with %s capture, %s, decides it', (capture, outcome, state) => {
    const one = rig('stripe');
    one.charge({ capture }, challenge);
    one.far.advance(challengeLifetimeMs - 1);
    one.twin.stepUp('tok', outcome);
    expect(states(one)).toEqual([state]);
    one.far.advance(challengeLifetimeMs);
    expect(states(one)).toEqual([state]);
  });

  test('that nobody answers ends the payment, and a late answer changes nothing', () => {
    const one = rig('stripe');
    one.charge({}, challenge);
    one.far.advance(challengeLifetimeMs - 1);
    expect(states(one)).toEqual([['pending', 0]]);
    one.far.advance(1);
    expect(states(one)).toEqual([['failed', 0]]);
    one.twin.stepUp('tok', 'authenticated');
    expect(states(one)).toEqual([['failed', 0]]);
    expect(seen(one)).toMatchObject({ kind: 'answered', answer: { declineCode: 'authentication_failed' } });
  });

  test.each([
    ['authenticated', 'authenticated', ['captured', 500]],
    ['authenticated', 'failed', ['captured', 500]],
    ['failed', 'authenticated', ['failed', 0]],
  ] as const)('that is answered %s and then %s goes by the first answer', (first, second, state) => {
    const one = rig('stripe');
    one.charge({}, challenge);
    one.twin.stepUp('tok', first);
    one.twin.stepUp('tok', second);
    expect(states(one)).toEqual([state]);
  });

  test('is not answered by the payer of something else, nor before it is made', () => {
    const one = rig('stripe');
    one.twin.stepUp('tok', 'authenticated');
    one.charge({}, challenge);
    one.twin.stepUp('tok-other', 'authenticated');
    expect(states(one)).toEqual([['pending', 0]]);
  });

  test('of each of two payments of one payer is answered, the older one first', () => {
    const one = rig('none');
    one.charge({}, challenge);
    one.far.advance(1_000);
    one.charge({ amountMinor: 700 }, challenge);
    one.charge({ paymentToken: 'tok-other' }, challenge);
    one.far.advance(challengeLifetimeMs - 1_000);
    expect(states(one)).toEqual([
      ['failed', 0],
      ['pending', 0],
      ['pending', 0],
    ]);
    one.twin.stepUp('tok', 'authenticated');
    expect(states(one)).toEqual([
      ['failed', 0],
      ['captured', 700],
      ['pending', 0],
    ]);
    const both = rig('none');
    both.charge({}, challenge);
    both.charge({}, challenge);
    both.twin.stepUp('tok', 'authenticated');
    expect(states(both)).toEqual([
      ['captured', 500],
      ['captured', 500],
    ]);
  });

  test('leaves a stale look-up behind when it is answered', () => {
    const one = rig('stripe', { lookup: { by: ['reference'], consistentAfterMs: 5_000 } });
    one.charge({}, challenge);
    one.far.advance(10_000);
    one.twin.stepUp('tok', 'authenticated');
    one.far.advance(4_999);
    expect(seen(one, injection('stale'))).toMatchObject({ kind: 'pending' });
    expect(seen(one)).toMatchObject({ kind: 'found', charge: { status: 'captured' } });
    one.far.advance(1);
    expect(seen(one, injection('stale'))).toMatchObject({ kind: 'found' });
  });

  test('is what a repeated key is answered with, whatever has become of the payment', () => {
    const one = rig('stripe');
    const first = one.charge({}, challenge);
    one.twin.stepUp('tok', 'authenticated');
    expect(one.charge()).toEqual({ ...first, replayed: true });
    expect(states(one)).toEqual([['captured', 500]]);
  });

  test('is the state in which a key is looked up, where that can be done', () => {
    const one = rig('mango');
    one.charge({}, challenge);
    const byKey = () =>
      one.twin.lookup({ by: 'key', idempotencyKey: aCharge().idempotencyKey }, injection('delay'));
    expect(byKey()).toEqual({ kind: 'pending', paymentId: 'ch_1', waitsFor: 'payer' });
    one.twin.stepUp('tok', 'authenticated');
    expect(byKey()).toMatchObject({ kind: 'found', charge: { status: 'captured' } });
  });
});
