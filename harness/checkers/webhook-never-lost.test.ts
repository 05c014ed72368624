// Convinces by an event on its way through inbox and ledger, with one step left out or out of order at a time.

import { describe, expect, it } from 'vitest';
import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import type { BookedCharge, Terms } from '../history/history.ts';
import { type Delivering, row, type ShopTale, shopTale } from './testing-webhooks.ts';
import { webhookNeverLost } from './webhook-never-lost.ts';

interface Told {
  readonly charge?: Partial<BookedCharge>;
  readonly terms?: Partial<Terms>;
  readonly tell: (shop: ShopTale) => void;
}

function judged({ charge = {}, terms = {}, tell }: Told) {
  const shop = shopTale();
  shop.story.book(charge);
  tell(shop);
  shop.story.incident({ kind: 'healed' });
  shop.story.incident({ kind: 'settled' });
  return webhookNeverLost.check(shop.done(terms));
}

const answered = (how: Delivering, terms: Partial<Terms> = {}) =>
  judged({
    terms,
    tell(shop) {
      shop.delivers('evt_1', how);
      shop.posts('capture', 'ch_1');
    },
  }).verdict;

/** A refund that failed, after it was booked as `kinds` say, and the event of which is kept. */
const failedRefund = (type: string, ...kinds: readonly string[]) => {
  const at = { atMs: 0, order: 0 };
  const names = { id: 're_1', idempotencyKey: 'k', merchantReference: 'r' };
  const refunds = [{ ...names, amountMinor: 500, status: 'failed' as const, at, changedAtMs: 0 }];
  return judged({
    charge: { refunds },
    tell(shop) {
      for (const kind of kinds) shop.posts(kind, 're_1');
      shop.keeps('evt_2');
      shop.delivers('evt_2', { type, object: 're_1' });
    },
  }).verdict;
};

describe('W2 webhook-never-lost', () => {
  it('judges nothing without a shop', () => {
    const { story, delivers } = shopTale();
    delivers('evt_1');
    expect(webhookNeverLost.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('holds for an event that was kept before it was answered, and booked later', () => {
    const verdict = judged({
      tell(shop) {
        shop.keeps('evt_1');
        shop.delivers('evt_1');
        shop.posts('capture', 'ch_1');
      },
    });
    expect(verdict).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('holds where the effect stood in the books before the answer, and breaks a millisecond later', () => {
    const posted = (lateMs: number) =>
      judged({
        tell(shop) {
          if (lateMs === 0) shop.posts('capture', 'ch_1');
          shop.delivers('evt_1');
          shop.story.wait(lateMs);
          if (lateMs > 0) shop.posts('capture', 'ch_1');
        },
      });
    expect(posted(0).verdict).toBe('holds');
    expect(posted(1)).toEqual({
      verdict: 'breaks',
      because: 'event evt_1 was answered 2xx when it was neither in the inbox nor in the books',
      crossings: [0],
    });
  });

  it('counts what was kept before the answer only, wherever that is to be seen', () => {
    const kept = (tell: (shop: ShopTale) => void) =>
      judged({
        tell(shop) {
          tell(shop);
          shop.story.wait(1);
          shop.posts('capture', 'ch_1');
        },
      }).verdict;
    expect(kept((shop) => [shop.delivers('evt_1'), shop.story.wait(1), shop.keeps('evt_1')])).toBe('breaks');
    expect(kept((shop) => [shop.keeps('evt_2'), shop.delivers('evt_1')])).toBe('breaks');
    // The record has expired since.
    expect(kept((shop) => [shop.keeps('evt_1', null), shop.delivers('evt_1')])).toBe('holds');
    // The store never heard of it; or it did, by a way that was not recorded.
    const unheard = (shop: ShopTale, record?: null) =>
      Object.assign(shop.keeps('evt_1', record), { applied: undefined, effect: undefined });
    expect(kept((shop) => [unheard(shop, null), shop.delivers('evt_1')])).toBe('breaks');
    expect(kept((shop) => [unheard(shop), shop.delivers('evt_1')])).toBe('holds');
    expect(kept((shop) => [shop.delivers('evt_1'), shop.story.wait(1), unheard(shop)])).toBe('breaks');
  });

  it('has nothing to say of events that move no money, or that never arrived', () => {
    const said = (how: Delivering) => judged({ tell: (shop) => shop.delivers('evt_1', how) });
    expect(said({ type: 'payment.authorized' })).toEqual({ verdict: 'holds', judged: 1 });
    expect(said({ status: undefined })).toEqual({ verdict: 'holds', judged: 0 });
    expect(said({ authentic: false })).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('breaks when a kept event never has its effect', () => {
    const lost = {
      tell(shop: ShopTale) {
        shop.keeps('evt_1');
        shop.delivers('evt_1');
      },
    };
    expect(judged(lost)).toEqual({
      verdict: 'breaks',
      because: 'that ch_1 was captured was announced, and is not booked',
      crossings: [1],
    });
    // Nobody was asked to come back for it.
    expect(judged({ ...lost, terms: { recovers: false } }).verdict).toBe('holds');
  });

  it('breaks when an event is put off for ever, and not when its effect is found in another way', () => {
    const putOff = (status: number, how: Delivering = {}, isBooked = false) =>
      judged({
        tell(shop) {
          if (isBooked) shop.posts('capture', 'ch_1');
          shop.delivers('evt_1', { status, ...how });
        },
      }).verdict;
    for (const status of [199, 300, 425, 503]) {
      expect(putOff(status)).toBe('breaks');
      expect(putOff(status, {}, true)).toBe('holds');
    }
    // By what the process could know it was too old.
    expect(putOff(503, { takesMs: 300_000 })).toBe('holds');
  });

  it('does not accept a dead letter where a reconciliation was shown what it announced', () => {
    const shown = (rows: readonly Partial<TransactionRecord>[]) =>
      judged({
        tell(shop) {
          shop.keeps('evt_1', { state: 'DEAD' });
          shop.delivers('evt_1');
          shop.story.incident({ kind: 'healed' });
          shop.reconciles('op', {}, () => shop.reads('op', rows));
        },
      }).verdict;
    expect(shown([])).toBe('holds');
    expect(shown([row('ch_2')])).toBe('holds');
    expect(shown([row()])).toBe('breaks');
  });

  it('accepts a dead letter in place of the effect, and not a parked event', () => {
    const ends = (state: 'DEAD' | 'PARKED') =>
      judged({
        tell(shop) {
          shop.keeps('evt_0');
          shop.keeps('evt_1', { state });
          shop.delivers('evt_1');
        },
      }).verdict;
    expect(ends('DEAD')).toBe('holds');
    expect(ends('PARKED')).toBe('breaks');
  });

  it('wants all that was announced in the books where the event is not kept', () => {
    const at = { atMs: 0, order: 0 };
    const capture = (reference: string) => ({
      idempotencyKey: `key-${reference}`,
      merchantReference: reference,
      amountMinor: 250,
      at,
    });
    const posted = (...references: readonly string[]) =>
      judged({
        charge: { captures: [capture('cap-1'), capture('cap-2')] },
        tell(shop) {
          for (const reference of references) shop.posts('capture', reference, { amountMinor: 250 });
          shop.delivers('evt_1');
          shop.story.wait(1);
          if (references.length < 2) shop.posts('capture', 'cap-2', { amountMinor: 250 });
        },
      }).verdict;
    expect(posted('cap-1', 'cap-2')).toBe('holds');
    expect(posted('cap-1')).toBe('breaks');
  });

  it('asks for the captures that were announced, and not for later ones', () => {
    const announced = (capturedMinor: number) => {
      const at = { atMs: 0, order: 0 };
      const capture = (reference: string, amountMinor: number) => ({
        idempotencyKey: `key-${reference}`,
        merchantReference: reference,
        amountMinor,
        at,
      });
      return judged({
        charge: { captures: [capture('cap-1', 300), capture('cap-2', 200)] },
        tell(shop) {
          shop.posts('capture', 'cap-1', { amountMinor: 300 });
          shop.keeps('evt_1');
          shop.delivers('evt_1', { capturedMinor });
        },
      }).verdict;
    };
    expect(announced(300)).toBe('holds');
    expect(announced(499)).toBe('holds');
    expect(announced(500)).toBe('breaks');
  });

  it('wants the failure of a refund booked where the refund is, and nothing where neither was', () => {
    expect(failedRefund('refund.failed')).toBe('holds');
    expect(failedRefund('refund.failed', 'refund', 'refund-failed')).toBe('holds');
    expect(failedRefund('refund.failed', 'refund')).toBe('breaks');
    // It was announced as made, and has failed since.
    expect(failedRefund('refund.succeeded')).toBe('holds');
  });

  it('breaks when a genuine and fresh event is refused', () => {
    expect(judged({ tell: (shop) => shop.delivers('evt_1', { status: 400 }) })).toEqual({
      verdict: 'breaks',
      because: 'event evt_1 is genuine and fresh, and was answered 400',
      crossings: [0],
    });
    expect(answered({ status: 400, agoMs: null })).toBe('breaks');
    expect(answered({ status: 401 })).toBe('breaks');
    for (const status of [408, 425, 429, 500]) expect(answered({ status })).toBe('holds');
  });

  it('lets a process refuse what is old or from the future by its own clock', () => {
    expect(answered({ status: 400, takesMs: 298_000 })).toBe('breaks');
    expect(answered({ status: 400, takesMs: 300_000 })).toBe('holds');
    expect(answered({ status: 400 }, { clockSkewMs: { p0: 300_000 } })).toBe('holds');
    expect(answered({ status: 400 }, { clockSkewMs: { p0: -60_000 } })).toBe('holds');
    expect(answered({ status: 400 }, { clockSkewMs: { p0: -58_000 } })).toBe('breaks');
    expect(answered({ status: 400 }, { clockSkewMs: { p1: 300_000 } })).toBe('breaks');
    const disturbed = (kind: 'clock-jumped' | 'stalled', process: string) =>
      judged({
        tell(shop) {
          shop.story.incident({ kind, process, ms: 300_000 });
          shop.delivers('evt_1', { status: 400 });
        },
      }).verdict;
    expect(disturbed('clock-jumped', 'p0')).toBe('holds');
    expect(disturbed('stalled', 'p0')).toBe('holds');
    expect(disturbed('clock-jumped', 'p1')).toBe('breaks');
    expect(disturbed('stalled', 'p1')).toBe('breaks');
  });
});
