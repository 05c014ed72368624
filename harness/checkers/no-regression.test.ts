// Convinces by every pair of states of a payment, and by what happens between them.

import { describe, expect, it } from 'vitest';
import type { BookedCharge } from '../history/history.ts';
import { noRegression } from './no-regression.ts';
import { type ShopTale, shopTale, silent } from './testing-webhooks.ts';

function judged(tell: (shop: ShopTale) => void, charge: Partial<BookedCharge> = {}) {
  const shop = shopTale();
  shop.story.book(charge);
  tell(shop);
  return noRegression.check(shop.done());
}

const moves = (object: string, ...statuses: readonly string[]) =>
  judged((shop) => {
    for (const status of statuses) shop.stands(object, { status });
  });

/** Every path that a payment can take. */
const paths = [
  ['pending', 'authorized', 'captured', 'partially_refunded', 'refunded', 'disputed', 'dispute_won'],
  ['pending', 'authorized', 'captured', 'partially_refunded', 'refunded', 'disputed', 'dispute_lost'],
  ['pending', 'authorized', 'voided'],
  ['pending', 'authorized', 'failed'],
] as const;

const statuses = [...new Set(paths.flat())];

describe('W4 no-regression', () => {
  it('judges nothing without a shop', () => {
    const { story, stands } = shopTale();
    stands('payment/ch_1', { status: 'captured' });
    stands('payment/ch_1', { status: 'pending' });
    expect(noRegression.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('holds on every path', () => {
    for (const path of paths)
      expect(moves('payment/ch_1', ...path)).toEqual({ verdict: 'holds', judged: path.length - 1 });
  });

  it('breaks for every pair of states but those in the order of a path', () => {
    for (const from of statuses) {
      for (const to of statuses) {
        const isForward = paths.some((path: readonly string[]) => {
          const [first, second] = [path.indexOf(from), path.indexOf(to)];
          return first >= 0 && second > first;
        });
        const expected = isForward || from === to ? 'holds' : 'breaks';
        expect([from, to, moves('payment/ch_1', from, to).verdict]).toEqual([from, to, expected]);
      }
    }
  });

  it('says what went back', () => {
    expect(moves('payment/ch_1', 'captured', 'authorized')).toEqual({
      verdict: 'breaks',
      because: 'payment/ch_1 was captured and became authorized, which does not come later',
      crossings: [0, 1],
    });
  });

  it('keeps objects apart, and judges each by what the books say it is', () => {
    const at = { atMs: 0, order: 0 };
    const refund = {
      ...{ id: 're_1', idempotencyKey: 'k', merchantReference: 'r', amountMinor: 1, at, changedAtMs: 0 },
      status: 'failed' as const,
    };
    const dispute = { id: 'dp/1', amountMinor: 1, status: 'won' as const, at, changedAtMs: 0 };
    const charge = { refunds: [refund], disputes: [dispute] };
    const went = (object: string, ...states: readonly string[]) =>
      judged((shop) => {
        shop.stands('payment/ch_1', { status: 'refunded' });
        for (const status of states) shop.stands(object, { status });
      }, charge).verdict;
    expect(went('payment/ch_2', 'pending')).toBe('holds');
    expect(went('refund/re_1', 'pending', 'succeeded', 'failed')).toBe('holds');
    expect(went('refund/re_1', 'failed', 'succeeded')).toBe('breaks');
    expect(went('dispute/dp%2F1', 'open', 'won')).toBe('holds');
    expect(went('dispute/dp%2F1', 'won', 'open')).toBe('breaks');
    expect(went('dispute/dp%2F1', 'lost', 'won')).toBe('breaks');
    // States of its own are the target's affair.
    expect(went('payment/ch_2', 'shipped', 'captured', 'packed')).toBe('holds');
  });

  it('breaks when a version goes back by one, whatever the states', () => {
    const versions = (first: number, second: number) =>
      judged((shop) => {
        shop.stands('payment/ch_1', { status: 'captured', version: first });
        shop.stands('payment/ch_1', { status: 'captured', version: second });
      });
    expect(versions(2, 2).verdict).toBe('holds');
    expect(versions(2, 3).verdict).toBe('holds');
    expect(versions(2, 1)).toMatchObject({
      because: 'payment/ch_1 went from version 2 back to version 1',
    });
  });

  it('sees what claimers are told, and takes no refused write for a move', () => {
    const then = (how: 'seen' | 'put' | 'refused') =>
      judged((shop) => {
        shop.stands('payment/ch_1', { status: 'captured' });
        shop.stands('payment/ch_1', { status: 'authorized' }, how);
      }).verdict;
    expect(then('seen')).toBe('breaks');
    expect(then('put')).toBe('breaks');
    expect(then('refused')).toBe('holds');
  });

  it('sees what is told to whoever takes an event up as it comes in', () => {
    const told = (status: string) =>
      judged((shop) => {
        shop.stands('payment/ch_1', { status: 'captured' });
        const record = { object: 'payment/ch_1' };
        const value = { first: true, record, claim: { position: { status, revision: 1 } } };
        shop.story.cross('twin:a', 'inbox.receive', {})({ effect: { ok: true, value } });
      }).verdict;
    expect(told('authorized')).toBe('breaks');
    expect(told('captured')).toBe('holds');
  });

  it('goes by when the store did it, not by when it was asked', () => {
    const verdict = judged((shop) => {
      const late = shop.stands('payment/ch_1', { status: 'captured' });
      shop.stands('payment/ch_1', { status: 'authorized' });
      late.applied = shop.story.now();
    });
    expect(verdict.verdict).toBe('holds');
  });

  it('is not misled by claims that found nothing, writes that failed, and other operations', () => {
    const verdict = judged((shop) => {
      shop.stands('payment/ch_1', { status: 'captured' });
      shop.story.cross('work', 'inbox.claim', {})({ effect: { ok: true, value: null } });
      const claim = { record: { object: 'payment/ch_1' }, position: null };
      shop.story.cross('work', 'inbox.claim', {})({ effect: { ok: true, value: claim } });
      Object.assign(shop.stands('payment/ch_1', { status: 'pending' }), { effect: silent });
      shop.keeps('evt_1');
    });
    expect(verdict).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('promises nothing of a black box', () => {
    expect(noRegression.check(shopTale().done({ trace: false })).verdict).toBe('not-promised');
  });
});
