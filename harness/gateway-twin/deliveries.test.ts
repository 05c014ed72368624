// Convinces with a merchant whose answers are scripted and who verifies every signature by a few lines of her own: what
// reaches her, when, how often, and by which secret it is signed.

import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { FaultKind } from '../faults/kinds.ts';
import { type Delivery, deliveries, deliveryPolicies } from './deliveries.ts';
import { epochMs, quick, read, secrets, shop, signedAtS, signers } from './shop-rig.ts';
import { rig } from './twin-rig.ts';

const first = 'twin:deliver:evt_1 1';

describe('an event', () => {
  test('comes once, signed, as it was announced', () => {
    const { charge, far, received, of, log } = shop();
    charge();
    expect(received).toEqual([]);
    far.advance(100_000);
    expect(log()).toEqual(['100 twin:deliver:evt_1 1']);
    expect(of(0)).toMatchObject({ eventId: 'evt_1', authentic: true });
    expect(signers(of(0))).toEqual(['current']);
    expect(read(of(0))).toEqual({
      id: 'evt_1',
      object: 'event',
      type: 'payment.captured',
      created: epochMs / 1_000,
      data: { object: expect.objectContaining({ id: 'ch_1', status: 'captured', version: 1 }) },
    });
  });

  test.each([
    ['is refused', 400],
    ['meets a broken shop', 503],
    ['is sent elsewhere', 302],
  ])('that %s is tried again, signed anew, until it is taken', (_, status) => {
    const { charge, far, of, log, received } = shop({ answers: [status, status] });
    charge();
    far.advance(1_000_000);
    expect(log()).toEqual([
      '100 twin:deliver:evt_1 1',
      '5120 twin:deliver:evt_1 2',
      '65140 twin:deliver:evt_1 3',
    ]);
    expect(received.map(({ delivery }) => signedAtS(delivery) - epochMs / 1_000)).toEqual([0, 5, 65]);
    expect(signers(of(2))).toEqual(['current']);
    expect(of(2).rawBody).toEqual(of(0).rawBody);
  });

  test('that nobody answers is given up after the time-out, and an answer after that is too late', () => {
    const { charge, far, log } = shop({ answers: [undefined, undefined, undefined] });
    charge();
    far.advance(1_000_000);
    expect(log().map((line) => line.split(' ')[0])).toEqual(['100', '6100', '67100']);

    const slow = rig('none');
    const attempts: number[] = [];
    const postman = deliveries({
      far: slow.far,
      epochMs,
      scheme: 'stripe',
      secrets,
      policy: quick,
      deliver({ attempt }, answered) {
        attempts.push(attempt);
        slow.far.after(1_001, () => answered(200));
      },
    });
    slow.twin.events.listen(postman.send);
    slow.charge();
    slow.far.advance(1_000_000);
    expect(attempts).toEqual([1, 2, 3]);
  });

  test('that was given up is tried as patiently as before when the merchant asks for it', () => {
    const { charge, far, postman, log } = shop({ answers: [500, 500, 500, 500] });
    charge();
    far.advance(1_000_000);
    postman.resend('evt_1');
    far.advance(1_000_000);
    expect(log().slice(2)).toEqual([
      '65140 twin:deliver:evt_1 3',
      '1000000 twin:deliver:evt_1 4',
      '1005020 twin:deliver:evt_1 5',
    ]);
  });

  test('is sent again when the merchant asks, whatever happened', () => {
    const { charge, far, postman, log } = shop({ faults: { [first]: [{ kind: 'webhook-never' }] } });
    charge();
    far.advance(1_000_000);
    expect(log()).toEqual([]);
    expect(postman.resend('evt_2')).toBe(false);
    expect(postman.resend('evt_1')).toBe(true);
    far.advance(1);
    expect(log()).toEqual(['1000000 twin:deliver:evt_1 1']);
  });
});

describe('faults of sending', () => {
  const struck = (kind: FaultKind, ms?: number) =>
    shop({ faults: { [first]: [ms === undefined ? { kind } : { kind, ms }] } });

  test.each([
    ['webhook-early', undefined, ['0 twin:deliver:evt_1 1', '110 twin:deliver:evt_2 1']],
    ['webhook-reordered', 500, ['110 twin:deliver:evt_2 1', '600 twin:deliver:evt_1 1']],
    ['webhook-late', undefined, ['110 twin:deliver:evt_2 1', '345600100 twin:deliver:evt_1 1']],
    ['webhook-never', undefined, ['110 twin:deliver:evt_2 1']],
    [
      'webhook-duplicated',
      3,
      ['100 twin:deliver:evt_1 1', '103 twin:deliver:evt_1/dup 1', '110 twin:deliver:evt_2 1'],
    ],
  ] as const)('%s', (kind, ms, expected) => {
    const { charge, far, log } = struck(kind, ms);
    charge();
    far.advance(10);
    charge();
    far.advance(400_000_000);
    expect(log()).toEqual(expected);
  });

  test('what becomes of a duplicate changes nothing for the delivery itself', () => {
    const { charge, far, log } = shop({
      answers: [undefined, 200],
      faults: { [first]: [{ kind: 'webhook-duplicated' }] },
    });
    charge();
    far.advance(1_000_000);
    expect(log()).toEqual([
      '100 twin:deliver:evt_1 1',
      '105 twin:deliver:evt_1/dup 1',
      '6100 twin:deliver:evt_1 2',
    ]);
  });

  test('two ids announce one change', () => {
    const { charge, far, of, log } = struck('webhook-two-ids');
    charge();
    far.advance(1_000);
    expect(log()).toEqual(['100 twin:deliver:evt_1 1', '100 twin:deliver:evt_1_again 1']);
    expect(read(of(1))).toEqual({ ...read(of(0)), id: 'evt_1_again' });
    expect([of(1).authentic, signers(of(1))]).toEqual([true, ['current']]);
  });

  test('during a rotation, an attempt is signed by the old secret or by both, the next by the new one', () => {
    const { charge, far, received } = shop({
      answers: [400, 400],
      faults: {
        [first]: [{ kind: 'webhook-old-secret' }],
        'twin:deliver:evt_1 2': [{ kind: 'webhook-both-secrets' }],
      },
    });
    charge();
    far.advance(1_000_000);
    expect(received.map(({ delivery }) => signers(delivery))).toEqual([
      ['previous'],
      ['previous', 'current'],
      ['current'],
    ]);
  });

  test('without an old secret there is no rotation', () => {
    const { charge, far, of } = shop({
      secrets: { current: secrets.current },
      faults: { [first]: [{ kind: 'webhook-old-secret' }] },
    });
    charge();
    far.advance(1_000);
    expect(signers(of(0))).toEqual(['current']);
  });
});

describe('schemes', () => {
  test.each([
    ['stripe', 72 * 3_600_000],
    ['standard', 27 * 3_600_000 + 35 * 60_000 + 5_000],
    ['github', 0],
  ] as const)('%s is patient for %i ms', (scheme, patienceMs) => {
    const { backoffMs } = deliveryPolicies[scheme];
    expect(backoffMs.reduce((sum, ms) => sum + ms, 0)).toBe(patienceMs);
    const { charge, far, received } = shop({ scheme, policy: undefined, answers: Array(20).fill(500) });
    charge();
    far.advance(10 * 86_400_000);
    expect(received).toHaveLength(backoffMs.length + 1);
  });

  test.each(['standard', 'github'] as const)('%s signs what it sends, and forgers cannot', (scheme) => {
    const { charge, far, of } = shop({ scheme, faults: { [first]: [{ kind: 'webhook-forged' }] } });
    charge();
    far.advance(1_000);
    const name = scheme === 'github' ? 'x-hub-signature-256' : 'webhook-signature';
    const check = ({ rawBody, headers }: Delivery): boolean => {
      const hmac = (key: string | Buffer) => createHmac('sha256', key);
      const expected =
        scheme === 'github'
          ? `sha256=${hmac(secrets.current).update(rawBody).digest('hex')}`
          : `v1,${hmac(Buffer.from('new')).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`).update(rawBody).digest('base64')}`;
      return headers[name] === expected;
    };
    const [guessed, cutShort] = [`${of(0).headers[name]}`, `${of(1).headers[name]}`];
    expect(cutShort.length).toBeLessThan(guessed.length);
    expect([check(of(0)), check(of(1)), check(of(2))]).toEqual([false, false, true]);
  });
});
