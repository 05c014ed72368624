// Convinces by a payment with captures, a refund and a chargeback whose ledger agrees with the gateway to the minor unit,
// and by one entry that is missing, made twice, wrong or foreign.

import { describe, expect, it } from 'vitest';
import type { Terms } from '../history/history.ts';
import { conservation } from './conservation.ts';
import { tale } from './testing.ts';
import { type ShopTale, shopTale } from './testing-shop.ts';
import { paid, settles, ships } from './testing-shop-stories.ts';
import { okAnswer } from './testing-values.ts';

type Charge = ReturnType<typeof paid>['charge'];

/** A paid and shipped order, with what `tell` adds, after everything had settled. */
function settled(tell: (story: ShopTale, charge: Charge) => void, terms: Partial<Terms> = {}) {
  const { story, charge } = paid();
  ships({ story });
  tell(story, charge);
  settles(story, 'ok');
  return conservation.check(story.done(terms));
}

describe('S2 conservation of a ledger', () => {
  it('holds when the ledger is the gateway’s', () => {
    const verdict = settled((story, charge) => {
      story.refunds('r', charge, { amountMinor: 200 });
      story.posts(charge, 'refund', { amountMinor: 200 });
      story.disputes(charge, { amountMinor: 300 });
      story.posts(charge, 'chargeback', { amountMinor: 300 });
      story.posts(charge, 'fee', { amountMinor: 17 });
    });
    expect(verdict).toEqual({ verdict: 'holds', judged: 7 });
  });

  it.each<[string, (story: ShopTale, charge: Charge) => void, string]>([
    [
      'a capture is booked twice',
      (s, c) => s.posts(c, 'capture'),
      'has 1000 USD of charge ch_1 as captured, the gateway 500',
    ],
    [
      'a refund is not booked',
      (s, c) => void s.refunds('r', c, { amountMinor: 1 }),
      'has 0 USD of charge ch_1 as refunded, the gateway 1',
    ],
    [
      'a refund is booked that never was',
      (s, c) => s.posts(c, 'refund', { amountMinor: 1 }),
      'has 1 USD of charge ch_1 as refunded, the gateway 0',
    ],
    [
      'a chargeback is not booked',
      (s, c) => void s.disputes(c),
      'has 0 USD of charge ch_1 as disputed, the gateway 500',
    ],
    [
      'a dispute that was won is still booked',
      (s, c) => [s.disputes(c, { status: 'won' }), s.posts(c, 'chargeback')],
      'has 500 USD of charge ch_1 as disputed, the gateway 0',
    ],
    [
      'a refund that failed is still booked',
      (s, c) => [s.refunds('r', c, { status: 'failed' }), s.posts(c, 'refund')],
      'has 500 USD of charge ch_1 as refunded, the gateway 0',
    ],
    ['an entry is in another currency', (s, c) => s.posts(c, 'fee', { currency: 'EUR' }), ''],
    [
      'money is in another currency',
      (s, c) => s.posts(c, 'capture', { currency: 'EUR' }),
      'is in EUR, and charge ch_1 in USD',
    ],
    [
      'a payment is booked that the gateway does not know',
      (s, c) => s.posts({ ...c, id: 'ch_9' }, 'capture'),
      'moves money of payment ch_9, which the gateway does not know',
    ],
  ])('when %s', (_, tell, because) => {
    const verdict = settled(tell);
    if (because === '') expect(verdict.verdict).toBe('holds');
    else expect(verdict).toMatchObject({ verdict: 'breaks', because: expect.stringContaining(because) });
  });

  it('takes a refund that was booked and taken back for none', () => {
    const verdict = settled((story, charge) => {
      story.refunds('r', charge, { status: 'failed' });
      story.posts(charge, 'refund');
      story.posts(charge, 'refund-failed');
      story.disputes(charge, { status: 'won' });
      story.posts(charge, 'chargeback');
      story.posts(charge, 'chargeback-won');
    });
    expect(verdict.verdict).toBe('holds');
  });

  it('breaks when an entry makes money, whatever it is about', () => {
    const verdict = settled((story, charge) => {
      const { postings } = story.posts(charge, 'fee', { amountMinor: 17 });
      Object.assign(postings[1] ?? {}, { amountMinor: -16 });
    });
    expect(verdict).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('sums up to 1 and not to 0'),
    });
  });

  it('breaks when a capture was never booked, though the ledger was asked for', () => {
    const { story, charge } = paid();
    const kept = conservation.check(story.done());
    expect(kept.verdict).toBe('holds');
    const silent = shopTale();
    silent.book({ ...charge });
    silent.incident({ kind: 'settled' });
    expect(conservation.check(silent.done())).toEqual({ verdict: 'holds', judged: 0 });
    silent.cross('recover:1', 'ledger.entries', { after: 0, limit: 10 })({});
    expect(conservation.check(silent.done())).toMatchObject({
      verdict: 'breaks',
      because: 'the ledger has 0 USD of charge ch_1 as captured, the gateway 500',
    });
  });

  it('has patience until all has settled, but not with captures that never were', () => {
    const { story, charge } = paid();
    story.refunds('r', charge);
    story.posts(charge, 'chargeback');
    expect(conservation.check(story.done()).verdict).toBe('holds');
    story.posts(charge, 'capture', { amountMinor: 1 });
    expect(conservation.check(story.done()).verdict).toBe('breaks');
  });

  it('does not hold the ledger to what may land at any time', () => {
    const unbooked = (story: ShopTale, charge: Charge) => void story.disputes(charge);
    expect(settled(unbooked).verdict).toBe('breaks');
    for (const broken of ['bounded-delay', 'single-delivery', 'key-retention'])
      expect(settled(unbooked, { broken: [broken] }).verdict).toBe('holds');
  });

  it('compares what was answered to an order as it does for a charge', () => {
    const told = (amountMinor: number) => {
      const { story } = paid();
      story.answer(story.order('b'), okAnswer('ch_1', { amountMinor }));
      return conservation.check(story.done()).verdict;
    };
    expect(told(500)).toBe('holds');
    expect(told(499)).toBe('breaks');
  });

  it('judges nothing where nobody keeps a shop', () => {
    const story = tale();
    story.book();
    story.incident({ kind: 'settled' });
    expect(conservation.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });
});
