// Convinces by refunds of one charge that keep within its bound to the last minor unit and beside it, and by the order of
// refund, failure and dispute.

import { describe, expect, it } from 'vitest';
import { boundedRefund } from './bounded-refund.ts';
import { tale } from './testing.ts';
import { paid, ships } from './testing-shop-stories.ts';

/** A paid order whose refunds are 200 and then `second`, of 500. */
function refundsTwice(second: number, first: 'succeeded' | 'pending' | 'failed' = 'succeeded', afterMs = 0) {
  const { story, charge } = paid();
  ships({ story });
  story.refunds('r', charge, { amountMinor: 200, acknowledged: 'pending', status: first, afterMs });
  story.wait(1000);
  story.refunds('s', charge, { amountMinor: second });
  return boundedRefund.check(story.done());
}

describe('S3 bounded-refund', () => {
  it('judges nothing where nobody keeps a shop', () => {
    const story = tale();
    story.book({ capturedMinor: 900 });
    expect(boundedRefund.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('holds up to the last minor unit, and breaks one beyond', () => {
    expect(refundsTwice(300)).toEqual({ verdict: 'holds', judged: 3 });
    expect(refundsTwice(301)).toEqual({
      verdict: 'breaks',
      because:
        'refund re_ch_1_1 sends 301 USD back although 500 were captured of charge ch_1, 200 refunded before',
      crossings: expect.any(Array),
    });
  });

  it('counts what is only on its way', () => {
    expect(refundsTwice(301, 'pending').verdict).toBe('breaks');
  });

  it('counts a refund that failed only until it had', () => {
    expect(refundsTwice(500, 'failed', 1000).verdict).toBe('holds');
    expect(refundsTwice(500, 'failed', 1001).verdict).toBe('breaks');
  });

  it('lets a refund that failed itself ask for anything: no money went back', () => {
    const { story, charge } = paid();
    story.refunds('r', charge, { amountMinor: 900, status: 'failed', acknowledged: 'pending' });
    expect(boundedRefund.check(story.done()).verdict).toBe('holds');
  });

  it('does not forgive too much that was on its way for a while, because it failed in the end', () => {
    const { story, charge } = paid();
    story.refunds('r', charge, { amountMinor: 501, status: 'failed', acknowledged: 'pending', afterMs: 1 });
    expect(boundedRefund.check(story.done()).verdict).toBe('breaks');
  });

  it('counts a capture only once it was made', () => {
    const { story, charge } = paid();
    Object.assign(charge, { amountMinor: 900 });
    story.refunds('r', charge, { amountMinor: 600 });
    story.captures('a', charge, { amountMinor: 400, key: 'second' });
    expect(boundedRefund.check(story.done()).verdict).toBe('breaks');
  });

  it('breaks when more was captured than the issuer approved', () => {
    const verdictOf = (approvedMinor: number) => {
      const { story, charge } = paid();
      Object.assign(charge, { approvedMinor });
      return boundedRefund.check(story.done());
    };
    expect(verdictOf(500).verdict).toBe('holds');
    expect(verdictOf(499)).toMatchObject({
      because: 'charge ch_1 was authorised over 499 USD, and 500 were captured',
    });
  });

  it('holds a charge that was captured at once to its whole amount', () => {
    const verdictOf = (amountMinor: number) => {
      const { story, charge } = paid();
      const { captures: _, ...atOnce } = charge;
      const booked = story.book({ ...atOnce, id: 'ch_2' });
      story.refunds('r', booked, { amountMinor });
      return boundedRefund.check(story.done()).verdict;
    };
    expect(verdictOf(500)).toBe('holds');
    expect(verdictOf(501)).toBe('breaks');
  });

  it('breaks when more was captured than authorised', () => {
    const verdictOf = (amountMinor: number) => {
      const { story, charge } = paid();
      story.captures('a', charge, { amountMinor, key: 'again' });
      return boundedRefund.check(story.done());
    };
    expect(verdictOf(0).verdict).toBe('holds');
    expect(verdictOf(1)).toMatchObject({
      verdict: 'breaks',
      because: 'charge ch_1 was authorised over 500 USD, and 501 were captured',
    });
  });

  describe('beside a dispute', () => {
    /** 200 of 500 are disputed and that is booked, the client asks for `amountMinor` back, and it is sent. */
    function refundsBeside(amountMinor: number, { bookedMs = 0, askedMs = 1, sentMs = 1, won = -1 } = {}) {
      const { story, charge } = paid();
      ships({ story });
      const { id } = story.disputes(charge, {
        amountMinor: 200,
        ...(won < 0 ? {} : { status: 'won', changedAtMs: won }),
      });
      for (let ms = 0; ms <= sentMs; ms += 1) {
        if (ms === bookedMs) story.posts(charge, 'chargeback', { amountMinor: 200, operation: id });
        if (ms === askedMs) story.asksBack('r', { amountMinor });
        if (ms === sentMs) story.refunds('r', charge, { amountMinor });
        else story.wait(1);
      }
      return boundedRefund.check(story.done());
    }

    it('leaves what is not disputed to be refunded', () => {
      expect(refundsBeside(300).verdict).toBe('holds');
      expect(refundsBeside(301)).toMatchObject({
        verdict: 'breaks',
        because: expect.stringContaining('0 refunded before and 200 were known to be disputed'),
      });
    });

    it('asks nobody to know what was not booked yet when the refund was asked for', () => {
      expect(refundsBeside(301, { bookedMs: 1, askedMs: 1, sentMs: 3 }).verdict).toBe('holds');
      expect(refundsBeside(301, { bookedMs: 1, askedMs: 2, sentMs: 3 }).verdict).toBe('breaks');
    });

    it.each([
      ['the same purchase', { amountMinor: 301 }, 'holds'],
      ['another amount', { amountMinor: 300 }, 'breaks'],
      ['another purchase', { amountMinor: 301, paymentToken: 'tok:shop:k2' }, 'breaks'],
    ] as const)('is excused by an earlier request for %s, or not', (_, asked, verdict) => {
      const { story, charge } = paid();
      story.asksBack('r', asked);
      story.wait(1);
      const { id } = story.disputes(charge, { amountMinor: 200 });
      story.posts(charge, 'chargeback', { amountMinor: 200, operation: id });
      story.wait(1);
      story.refunds('recover:1', charge, { amountMinor: 301 });
      expect(boundedRefund.check(story.done()).verdict).toBe(verdict);
    });

    it.each([
      ['r1', 'holds'],
      ['r2', 'breaks'],
    ] as const)(
      'is excused by what its own client asked for under the same key, not under %s',
      (key, verdict) => {
        const { story, charge } = paid();
        story.asksBack('q', { amountMinor: 301, key });
        story.wait(1);
        const { id } = story.disputes(charge, { amountMinor: 200 });
        story.posts(charge, 'chargeback', { amountMinor: 200, operation: id });
        story.wait(1);
        story.asksBack('r', { amountMinor: 301 });
        story.refunds('r', charge, { amountMinor: 301 });
        expect(boundedRefund.check(story.done()).verdict).toBe(verdict);
      },
    );

    it.each([
      ['refund 0', 'holds'],
      ['another', 'breaks'],
    ] as const)('is excused by an earlier send under the same key, and not by %s', (key, verdict) => {
      const { story, charge } = paid();
      story.cross('a', 'gateway.refund', { chargeId: charge.id, amountMinor: 301, idempotencyKey: key })({});
      story.wait(1);
      const { id } = story.disputes(charge, { amountMinor: 200 });
      story.posts(charge, 'chargeback', { amountMinor: 200, operation: id });
      story.wait(1);
      story.refunds('a', charge, { amountMinor: 301, key: 'refund 0' });
      expect(boundedRefund.check(story.done()).verdict).toBe(verdict);
    });

    it('does not take the booking of one dispute for that of another', () => {
      const { story, charge } = paid();
      story.disputes(charge, { amountMinor: 200 });
      story.posts(charge, 'chargeback', { amountMinor: 200, operation: 'another' });
      story.wait(1);
      story.refunds('r', charge, { amountMinor: 301 });
      expect(boundedRefund.check(story.done()).verdict).toBe('holds');
    });

    it('counts a dispute until it is won', () => {
      expect(refundsBeside(301, { won: 1 }).verdict).toBe('holds');
      expect(refundsBeside(301, { won: 2 }).verdict).toBe('breaks');
    });
  });

  it('promises nothing where the network repeats what the gateway does not recognise', () => {
    const { story } = paid();
    for (const broken of ['single-delivery', 'key-retention'])
      expect(boundedRefund.check(story.done({ broken: [broken] })).verdict).toBe('not-promised');
  });
});
