// Convinces by one figure that is wrong at a time, in each place where money is written down.

import { describe, expect, it } from 'vitest';
import type { BookedCharge } from '../history/history.ts';
import { integerMoney } from './integer-money.ts';
import { buys, type Sending, tale } from './testing.ts';
import { okAnswer } from './testing-values.ts';

function booked(charge: Partial<BookedCharge>) {
  const story = tale();
  story.request('a');
  story.book(charge);
  return integerMoney.check(story.done());
}

function sent(sending: Sending) {
  const story = tale();
  story.request('a');
  story.send('a', sending);
  return integerMoney.check(story.done());
}

describe('S19 integer-money', () => {
  it('holds for money that stays what it was', () => {
    const story = tale();
    buys(story, 'a');
    expect(integerMoney.check(story.done())).toEqual({ verdict: 'holds', judged: 2 });
  });

  it.each([
    ['a fraction', { amountMinor: 819.9999999999999 }, 'not a whole number'],
    ['negative', { amountMinor: -500 }, 'not a whole number'],
    ['beyond what integers can say', { amountMinor: 2 ** 53 }, 'not a whole number'],
    ['not a number', { amountMinor: Number.NaN }, 'not a whole number'],
    ['a currency in lower case', { currency: 'usd' }, 'not an ISO 4217 code'],
    ['a currency beyond the alphabet', { currency: 'US[' }, 'not an ISO 4217 code'],
    ['not a currency', { currency: 'USDT' }, 'not an ISO 4217 code'],
    ['a hundredfold', { amountMinor: 50_000, capturedMinor: 50_000 }, 'the client had asked for 500 USD'],
    ['a tenth', { amountMinor: 50, capturedMinor: 50 }, 'the client had asked for 500 USD'],
    ['another currency', { currency: 'EUR' }, 'the client had asked for 500 USD'],
    ['captured beyond its amount', { capturedMinor: 501 }, '501 were captured, which is more than 500'],
    ['captured in fractions', { capturedMinor: 0.5 }, 'the amount captured, 0.5'],
    ['refunded beyond what was captured', { refundedMinor: 501 }, '501 were refunded'],
  ])('breaks when a charge is booked as %s', (_, charge, because) => {
    expect(booked(charge)).toMatchObject({ verdict: 'breaks', because: expect.stringContaining(because) });
  });

  it('holds for a partial approval', () => {
    expect(booked({ capturedMinor: 250 }).verdict).toBe('holds');
  });

  it('breaks when another amount is sent, even if the gateway turned it away', () => {
    expect(sent({ amountMinor: 499 })).toEqual({
      verdict: 'breaks',
      because: 'a sent 499 USD: the client had asked for 500 USD',
      crossings: [1],
    });
    expect(sent({ amountMinor: 499.5 }).verdict).toBe('breaks');
  });

  it('accepts each payload that the key was used with', () => {
    const story = tale();
    story.request('a');
    story.request('b', { amountMinor: 700 });
    story.send('b', { amountMinor: 700 });
    expect(integerMoney.check(story.done()).verdict).toBe('holds');
  });

  it('breaks when a fraction is answered', () => {
    const story = tale();
    story.answer(story.request('a'), okAnswer('ch_1', { amountMinor: 4.9 }));
    expect(integerMoney.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('a was told ok over 4.9 USD'),
    });
  });
});
