// Convinces by one purchase whose answer or booking is changed in one figure at a time.

import { describe, expect, it } from 'vitest';
import type { Answer, BookedCharge, ChargeIntent } from '../history/history.ts';
import { conservation } from './conservation.ts';
import { tale } from './testing.ts';
import { shopTale } from './testing-shop.ts';
import { okAnswer, toldAnswer } from './testing-values.ts';

interface Figures {
  readonly asked?: Partial<ChargeIntent>;
  readonly booked?: Partial<BookedCharge>;
  readonly answer?: Answer;
}

function verdictOf({ asked, booked, answer = okAnswer() }: Figures) {
  const story = tale();
  const request = story.request('a', asked);
  story.book(booked);
  story.answer(request, answer);
  return conservation.check(story.done());
}

describe('S2 conservation', () => {
  it('holds when captured = answered = requested', () => {
    expect(verdictOf({})).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('judges nothing where nobody was told ok', () => {
    expect(verdictOf({ answer: toldAnswer('unknown', 'outcome_unknown') })).toEqual({
      verdict: 'holds',
      judged: 0,
    });
  });

  it('breaks when the books know no such charge', () => {
    expect(verdictOf({ answer: okAnswer('ch_9') })).toEqual({
      verdict: 'breaks',
      because: 'a was told ok about charge ch_9 over 500 USD, but the books know no such charge',
      crossings: [0],
    });
  });

  it('breaks when another amount was captured than answered', () => {
    expect(verdictOf({ booked: { capturedMinor: 499 } })).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('but 499 were captured'),
    });
  });

  it('breaks when the currency differs', () => {
    expect(verdictOf({ booked: { currency: 'EUR' } }).verdict).toBe('breaks');
  });

  it('accepts a partial approval that the answer reports', () => {
    const answer = okAnswer('ch_1', { amountMinor: 250 });
    expect(verdictOf({ booked: { approvedMinor: 250, capturedMinor: 250 }, answer }).verdict).toBe('holds');
  });

  it('breaks when a part was captured of which all was approved, or less than the part that was', () => {
    const answer = okAnswer('ch_1', { amountMinor: 250 });
    expect(verdictOf({ booked: { capturedMinor: 250 }, answer }).verdict).toBe('breaks');
    expect(verdictOf({ booked: { approvedMinor: 300, capturedMinor: 250 }, answer }).verdict).toBe('breaks');
  });

  it('breaks when goods are sent for a part of their price, whatever was approved', () => {
    const told = (paidMinor: number) => {
      const story = shopTale();
      const request = story.order('a');
      story.book({ approvedMinor: paidMinor, capturedMinor: paidMinor });
      story.answer(request, okAnswer('ch_1', { amountMinor: paidMinor }));
      return conservation.check(story.done());
    };
    expect(told(500).verdict).toBe('holds');
    expect(told(250)).toMatchObject({
      verdict: 'breaks',
      because: 'a was told ok about charge ch_1 over 250 USD, but had asked for 500 USD',
    });
  });

  it('breaks when less was asked of the gateway than of the service, though answered as captured', () => {
    const booked = { amountMinor: 499, capturedMinor: 499 };
    expect(verdictOf({ booked, answer: okAnswer('ch_1', { amountMinor: 499 }) })).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('but had asked for 500 USD'),
    });
  });

  it('breaks when more was captured than asked for', () => {
    const booked = { amountMinor: 50_000, capturedMinor: 50_000 };
    expect(verdictOf({ booked, answer: okAnswer('ch_1', { amountMinor: 50_000 }) }).verdict).toBe('breaks');
  });

  it('does not take a wrong amount for a partial approval because it is less than was asked of the gateway', () => {
    const booked = { amountMinor: 600, capturedMinor: 499 };
    expect(verdictOf({ booked, answer: okAnswer('ch_1', { amountMinor: 499 }) }).verdict).toBe('breaks');
  });

  it('breaks when more was captured than the charge was over', () => {
    expect(
      verdictOf({ booked: { capturedMinor: 700 }, answer: okAnswer('ch_1', { amountMinor: 700 }) }).verdict,
    ).toBe('breaks');
  });

  it('lets a reserved amount stand and refuses one that exceeds it', () => {
    const booked = { status: 'authorized', capturedMinor: 0 } as const;
    expect(verdictOf({ booked }).verdict).toBe('holds');
    expect(verdictOf({ booked, answer: okAnswer('ch_1', { amountMinor: 501 }) }).verdict).toBe('breaks');
  });
});
