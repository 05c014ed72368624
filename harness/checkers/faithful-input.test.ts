// Convinces by one figure of an order, a charge or a refund that differs between what was asked of the service and what
// the service asked of the gateway.

import { describe, expect, it } from 'vitest';
import type { BookedCharge } from '../history/history.ts';
import { faithfulInput } from './faithful-input.ts';
import { buys, type Sending, tale } from './testing.ts';
import { type Moving, shopTale } from './testing-shop.ts';
import { paid, reserved, ships } from './testing-shop-stories.ts';

function sends(...sent: readonly Sending[]) {
  const story = shopTale();
  story.order('a');
  for (const sending of sent) story.send('a', sending);
  return faithfulInput.check(story.done());
}

function books(booked: Partial<BookedCharge>) {
  const story = shopTale();
  story.order('a');
  story.book(booked);
  return faithfulInput.check(story.done());
}

describe('S22 faithful-input', () => {
  it('holds when the gateway was asked for what the client wanted', () => {
    const { story } = paid();
    ships({ story });
    expect(faithfulInput.check(story.done())).toEqual({ verdict: 'holds', judged: 3 });
    const sold = shopTale();
    buys(sold, 'a');
    expect(faithfulInput.check(sold.done())).toEqual({ verdict: 'holds', judged: 2 });
  });

  it('judges nothing where nobody keeps a shop', () => {
    const story = tale();
    story.request('a');
    story.send('a', { amountMinor: 1 });
    expect(faithfulInput.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('breaks when a minor unit more or less was sent', () => {
    expect(sends({ amountMinor: 501 })).toMatchObject({
      verdict: 'breaks',
      because: 'a asked the gateway for 501 USD of tok:shop:k1, which was not asked for: a wanted 500 USD',
      crossings: [0, 1],
    });
    expect(sends({ amountMinor: 499 }).verdict).toBe('breaks');
  });

  it('breaks when somebody is charged whom no client named', () => {
    expect(sends({ token: 'tok:shop:k9' })).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('which no client ever asked for'),
    });
  });

  it('breaks by what stands in the books, where nothing else was seen', () => {
    expect(books({}).verdict).toBe('holds');
    expect(books({ currency: 'EUR' })).toMatchObject({
      verdict: 'breaks',
      because: 'charge ch_1 of tok:shop:k1 is over 500 EUR, which was not asked for: a wanted 500 USD',
    });
    expect(books({ amountMinor: 5 }).verdict).toBe('breaks');
  });

  it('lets a payload be charged that was asked for, and only from then on, and by whom', () => {
    const charged = (order: 'first' | 'later', actor: string) => {
      const story = shopTale();
      story.order('a');
      if (order === 'later') story.send(actor, { amountMinor: 700 });
      story.order('b', { amountMinor: 700 });
      if (order === 'first') story.send(actor, { amountMinor: 700 });
      return faithfulInput.check(story.done()).verdict;
    };
    expect(charged('first', 'b')).toBe('holds');
    expect(charged('first', 'sweep:1')).toBe('holds');
    expect(charged('later', 'sweep:1')).toBe('breaks');
    expect(charged('first', 'a')).toBe('breaks');
  });

  it('breaks when a repetition captures in another way', () => {
    const mode = (capture: string) => {
      const { story } = paid();
      const again = story.send('a', { key: 'g1' });
      Object.assign(again.request as object, { capture });
      return faithfulInput.check(story.done()).verdict;
    };
    expect(mode('automatic')).toBe('holds');
    expect(mode('manual')).toBe('breaks');
  });

  it('lets a token be captured at once that is charged as well as ordered', () => {
    const { story } = paid();
    story.request('b');
    const again = story.send('b', { key: 'g1' });
    Object.assign(again.request as object, { capture: 'manual' });
    expect(faithfulInput.check(story.done()).verdict).toBe('holds');
  });

  it('breaks when less is captured than was ordered, though the client is told so', () => {
    const captured = (amountMinor: number) => {
      const { story, charge } = reserved();
      story.captures('a', charge, { amountMinor });
      return faithfulInput.check(story.done());
    };
    expect(captured(500).verdict).toBe('holds');
    expect(captured(499)).toMatchObject({
      verdict: 'breaks',
      because: 'a asked the gateway to capture 499 of tok:shop:k1, which was not asked for: a wanted 500 USD',
    });
  });

  it('breaks when a repetition under the same key is about another amount or another charge', () => {
    const again = (how: Moving, other = false) => {
      const { story, charge } = paid();
      story.refunds('recover:1', charge, { amountMinor: 100, key: 'r' });
      story.refunds('recover:2', other ? story.book({ id: 'ch_2' }) : charge, {
        amountMinor: 100,
        key: 'r',
        ...how,
      });
      return faithfulInput.check(story.done()).verdict;
    };
    expect(again({})).toBe('holds');
    expect(again({ amountMinor: 200 })).toBe('breaks');
    expect(again({ amountMinor: 200, key: 'q' })).toBe('holds');
    expect(again({}, true)).toBe('breaks');
  });

  describe('of a refund', () => {
    function refunds(how: Moving, asked: Parameters<ReturnType<typeof shopTale>['asksBack']>[1] = {}) {
      const { story, charge } = paid();
      story.asksBack('r', { amountMinor: 200, ...asked });
      story.refunds('r', charge, { amountMinor: 200, ...how });
      return faithfulInput.check(story.done());
    }

    it('holds for the amount, the purchase and the currency that the client named', () => {
      expect(refunds({})).toEqual({ verdict: 'holds', judged: 4 });
    });

    it('breaks for any other', () => {
      expect(refunds({ amountMinor: 201 })).toMatchObject({
        verdict: 'breaks',
        because: 'r wanted 200 USD of tok:shop:k1 back, and the gateway was asked for 201 USD of tok:shop:k1',
      });
      expect(refunds({}, { currency: 'EUR' }).verdict).toBe('breaks');
      expect(refunds({}, { paymentToken: 'tok:shop:k2' }).verdict).toBe('breaks');
    });

    it('does not take the refund of a compensation for that of a client', () => {
      const { story, charge } = paid();
      story.asksBack('r', { amountMinor: 200 });
      story.refunds('recover:1', charge, { amountMinor: 500 });
      expect(faithfulInput.check(story.done()).verdict).toBe('holds');
    });
  });
});
