// Convinces by the list of announcements that a whole life of payments makes, and by when they are made: before the
// answer to the request that caused them, and not at all as long as nobody listens.

import { describe, expect, test } from 'vitest';
import { Slow } from '../world/boundary.ts';
import type { ProviderEvent } from './events.ts';
import { aCharge, injection, rig, severalCaptures } from './twin-rig.ts';

function listening(profile: 'stripe' | 'none' = 'stripe') {
  const one = rig(profile, severalCaptures);
  const events: ProviderEvent[] = [];
  one.twin.events.listen((event) => events.push(event));
  const told = () =>
    events
      .splice(0)
      .map(({ id, type, createdMs, object }) => [id, type, createdMs, object.id, object.version]);
  const on = (key: string) => ({ idempotencyKey: key, merchantReference: key, chargeId: 'ch_1' });
  return { ...one, events, told, on };
}

describe('every change is announced once', () => {
  test('from authorisation to release', () => {
    const { twin, charge, told, on, far } = listening();
    charge({ capture: 'manual' });
    far.advance(5);
    twin.capture({ ...on('c'), amountMinor: 300 });
    twin.capture({ ...on('c'), amountMinor: 300 });
    twin.void(on('v'));
    twin.void(on('v2'));
    expect(told()).toEqual([
      ['evt_1', 'payment.authorized', 0, 'ch_1', 1],
      ['evt_2', 'payment.captured', 5, 'ch_1', 2],
      ['evt_3', 'payment.released', 5, 'ch_1', 3],
    ]);
  });

  test('refunds and disputes to their ends', () => {
    const { twin, charge, told, on, far } = listening();
    charge();
    twin.refund({ ...on('r1'), amountMinor: 100 }, injection('refund-bounces', 10));
    twin.refund({ ...on('r2'), amountMinor: 100 }, injection('pending', 20));
    twin.dispute('tok', { kind: 'opened' });
    far.advance(20);
    twin.dispute('tok', { kind: 'won' });
    expect(told()).toEqual([
      ['evt_1', 'payment.captured', 0, 'ch_1', 1],
      ['evt_2', 'refund.succeeded', 0, 're_1', 1],
      ['evt_3', 'refund.pending', 0, 're_2', 1],
      ['evt_4', 'dispute.open', 0, 'dp_1', 1],
      ['evt_5', 'refund.failed', 10, 're_1', 2],
      ['evt_6', 'refund.succeeded', 20, 're_2', 2],
      ['evt_7', 'dispute.won', 20, 'dp_1', 2],
    ]);
  });

  test.each([
    ['pending', ['payment.pending', 'payment.captured']],
    ['3ds-abandoned', ['payment.pending', 'payment.failed']],
    ['late-authorization', ['payment.failed', 'payment.authorized']],
    ['500-after-commit', ['payment.captured']],
    ['500-before-commit', []],
    ['hard-decline', []],
  ] as const)('%s: %j', (kind, types) => {
    const { charge, events, far } = listening();
    charge({}, injection(kind, 10));
    far.advance(10);
    expect(events.map(({ type }) => type)).toEqual(types);
  });

  test('an authorisation that expires early, when it does', () => {
    const { charge, told, far } = listening();
    charge({ capture: 'manual' }, injection('authorization-expires', 10));
    far.advance(10);
    expect(told()).toEqual([
      ['evt_1', 'payment.authorized', 0, 'ch_1', 1],
      ['evt_2', 'payment.voided', 10, 'ch_1', 2],
    ]);
  });
});

test('an event shows the object as it stood then', () => {
  const { twin, charge, events, on } = listening();
  charge({ capture: 'manual' });
  twin.capture({ ...on('c'), amountMinor: 300 });
  expect(events.map(({ object }) => object)).toEqual([
    {
      object: 'payment',
      id: 'ch_1',
      status: 'authorized',
      amountMinor: 500,
      capturedMinor: 0,
      openMinor: 500,
      currency: 'USD',
      merchantReference: 'order-1',
      version: 1,
    },
    expect.objectContaining({ status: 'captured', capturedMinor: 300, openMinor: 200, version: 2 }),
  ]);
});

test('it is made when the change is, while the answer is still on its way', () => {
  const { twin, events } = listening();
  const timed = twin.authorize(aCharge(), injection('slow', 1_000));
  if (!(timed instanceof Slow)) throw new Error('expected an answer that takes time');
  expect(events).toEqual([]);
  timed.finish();
  expect(events).toHaveLength(1);
});

test('nothing is made of a change as long as nobody listens, and every listener is told from then on', () => {
  const { twin, charge } = rig('none');
  const heard: string[] = [];
  const listen = (name: string): void =>
    twin.events.listen(({ id, object }) => heard.push(`${name} ${id} ${object.id}`));
  charge();
  listen('a');
  charge();
  listen('b');
  charge();
  expect(heard).toEqual(['a evt_1 ch_2', 'a evt_2 ch_3', 'b evt_2 ch_3']);
});
