// Convinces by orders that are told something other than the books of gateway and carrier say, once for each clause.

import { describe, expect, it } from 'vitest';
import type { BookedCharge } from '../history/history.ts';
import { honestAnswers } from './honest-answers.ts';
import type { ShopTale } from './testing-shop.ts';
import { paid, reserved, settles, ships, undone } from './testing-shop-stories.ts';
import { okAnswer, toldAnswer } from './testing-values.ts';

const check = (story: ShopTale, terms = {}) => honestAnswers.check(story.done(terms));

function completed(): ReturnType<typeof paid> {
  const tale = paid();
  ships(tale);
  return tale;
}

describe('S13 honest-answers to orders', () => {
  it('holds when who paid is told so, at once and when asking again', () => {
    const { story } = completed();
    settles(story, 'ok');
    expect(check(story)).toEqual({ verdict: 'holds', judged: 2 });
  });

  it('holds when who was told failed has everything back', () => {
    const { story } = undone();
    settles(story, 'failed');
    expect(check(story)).toEqual({ verdict: 'holds', judged: 2 });
  });

  it.each(['voided', 'authorized', 'pending', 'failed'] as const)(
    'breaks when told ok about a charge that is %s',
    (status) => {
      const { story, charge } = completed();
      Object.assign(charge, { status });
      expect(check(story)).toMatchObject({
        verdict: 'breaks',
        because: `a was told ok about order tok:shop:k1 and charge ch_1, but the books hold it as ${status}`,
      });
    },
  );

  it('breaks when told ok about the charge of another purchase', () => {
    const { story } = completed();
    story.book({ id: 'ch_2', paymentToken: 'tok:shop:k2' });
    story.answer(story.order('b'), okAnswer('ch_2'));
    expect(check(story)).toMatchObject({
      because: expect.stringContaining('the gateway has no such charge of this purchase'),
    });
  });

  it('breaks when told ok and nothing was sent, or something else', () => {
    const sent = (order: string) => {
      const { story } = paid();
      story.serves('b', 'shipping.ship', { order });
      story.answer(story.order('c'), okAnswer());
      return check(story);
    };
    expect(sent('k1').verdict).toBe('holds');
    expect(sent('k2')).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('but the carrier has no shipment of it'),
    });
  });

  it('breaks when told ok before the money was taken, or the goods were sent', () => {
    const { story, charge } = reserved();
    story.answer(story.order('c'), okAnswer());
    story.captures('a', charge);
    expect(check(story)).toMatchObject({
      because: expect.stringContaining('it was captured only afterwards'),
    });
    const sent = paid();
    sent.story.answer(sent.story.order('c'), okAnswer());
    ships(sent);
    expect(check(sent.story)).toMatchObject({
      because: expect.stringContaining('the carrier was told only afterwards'),
    });
  });

  it.each<[Partial<BookedCharge>, string]>([
    [{ refundedMinor: 499 }, '1 USD of charge ch_1 were kept'],
    [{ openMinor: 1 }, 'charge ch_1 still holds money: it is captured'],
    [{ status: 'authorized' }, 'charge ch_1 still holds money: it is authorized'],
    [{ status: 'pending' }, 'charge ch_1 still holds money: it is pending'],
  ])('breaks when told failed and the charge is left as %o', (change, because) => {
    const { story, charge } = undone();
    Object.assign(charge, change);
    settles(story, 'failed');
    expect(check(story)).toMatchObject({
      verdict: 'breaks',
      because: `a was told failed (no_shipment) about order tok:shop:k1, but ${because}`,
    });
  });

  it('breaks when told failed and the goods were sent', () => {
    const { story } = undone();
    story.serves('b', 'shipping.ship');
    settles(story, 'failed');
    expect(check(story)).toMatchObject({ because: expect.stringContaining('order shop/k1 was shipped') });
  });

  it('takes what the bank withdrew for given back', () => {
    const { story, charge } = undone();
    Object.assign(charge, { refundedMinor: 0 });
    story.disputes(charge);
    settles(story, 'failed');
    expect(check(story).verdict).toBe('holds');
  });

  it('does not ask for money that the bank sent back twice, once people were called', () => {
    const { story, charge } = undone();
    Object.assign(charge, { refunds: [], refundedMinor: 0 });
    const failing = { acknowledged: 'succeeded', status: 'failed', afterMs: 10 } as const;
    const ids = [1, 2].map(() => story.refunds('b', charge, failing).id);
    settles(story, 'failed');
    expect(check(story).verdict).toBe('breaks');
    story.pages(`refund ${ids.at(1)} came back twice`);
    expect(check(story).verdict).toBe('holds');
  });

  it('waits for the end before it says that something was kept', () => {
    const { story, charge } = undone();
    Object.assign(charge, { refundedMinor: 0 });
    expect(check(story)).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('leaves a failure alone when the purchase was ordered under another key as well', () => {
    const { story, charge } = undone();
    Object.assign(charge, { refundedMinor: 0 });
    story.order('b', { key: 'k2' });
    settles(story, 'failed');
    expect(check(story).verdict).toBe('holds');
  });

  describe('when asking again', () => {
    it.each(['unknown', 'rejected'] as const)('breaks when who paid is told %s', (kind) => {
      const { story } = completed();
      settles(story, kind);
      expect(check(story)).toMatchObject({
        verdict: 'breaks',
        because: `ask:1 was told ${kind} (told_${kind}) about order tok:shop:k1, but charge ch_1 of it is captured over 500 USD`,
      });
    });

    it('breaks as well when they had their money back in the meantime, for the order did complete', () => {
      const { story, charge } = completed();
      story.refunds('r', charge);
      settles(story, 'unknown');
      expect(check(story).verdict).toBe('breaks');
    });

    it('does not judge what was told under way', () => {
      const { story } = completed();
      story.answer(story.order('b'), toldAnswer('unknown', 'gateway_timeout'));
      story.incident({ kind: 'settled' });
      expect(check(story)).toEqual({ verdict: 'holds', judged: 1 });
    });

    it('holds when nothing was kept', () => {
      const { story } = undone();
      settles(story, 'unknown');
      expect(check(story).verdict).toBe('holds');
    });

    it('holds when people have the order in hand, and breaks when they don’t', () => {
      const stuck = (state: 'FAILED_COMPENSATION' | 'COMPENSATING') => {
        const { story } = paid();
        story.leaves('a', { capture: { state: 'undoing', stuck: true } }, { state });
        settles(story, 'unknown');
        return check(story).verdict;
      };
      expect(stuck('FAILED_COMPENSATION')).toBe('holds');
      expect(stuck('COMPENSATING')).toBe('breaks');
    });

    it('lets another payload of the same key be refused', () => {
      const refused = (risk: 'none' | 'challenged') => {
        const { story } = completed();
        story.answer(story.order('ask:2', { risk }), toldAnswer('rejected', 'idempotency_conflict'));
        story.incident({ kind: 'settled' });
        return check(story).verdict;
      };
      expect(refused('challenged')).toBe('holds');
      expect(refused('none')).toBe('breaks');
    });
  });

  it('promises nothing of failures where something may land at any time', () => {
    const { story, charge } = undone();
    Object.assign(charge, { refundedMinor: 0 });
    settles(story, 'failed');
    expect(check(story).verdict).toBe('breaks');
    expect(check(story, { broken: ['bounded-delay'] })).toEqual({ verdict: 'holds', judged: 0 });
    expect(check(story, { broken: ['key-retention'] }).verdict).toBe('not-promised');
  });
});
