// Convinces by writing a saga down as COMPENSATED a moment before and a moment after the other side has said that it is.

import { describe, expect, it } from 'vitest';
import type { BookedCharge, BookedRefund, Outcome } from '../history/history.ts';
import { compensationsAcknowledged } from './compensations-acknowledged.ts';
import { tale } from './testing.ts';
import type { Refunding, ShopTale } from './testing-shop.ts';
import { ends, paid, reserved, turnsBack, undoes, undone } from './testing-shop-stories.ts';
import { bad, good } from './testing-values.ts';

/** A paid order whose money goes back as `refund` says, and whose saga is written down as undone `waitMs` later. */
function refunded(refund: Refunding | undefined, waitMs = 1000) {
  const { story, charge } = paid();
  turnsBack(story);
  if (refund !== undefined) story.refunds('a', charge, refund);
  story.wait(waitMs);
  undoes(story);
  ends(story);
  return compensationsAcknowledged.check(story.done());
}

/** An order that was turned back when its money was only reserved. */
function released(act: (story: ShopTale, charge: BookedCharge, end: () => void) => void) {
  const { story, charge } = reserved();
  turnsBack(story);
  undoes(story);
  act(story, charge, () => ends(story));
  return compensationsAcknowledged.check(story.done());
}

describe('S12 compensations-acknowledged', () => {
  it('holds when everything had succeeded', () => {
    expect(compensationsAcknowledged.check(undone().story.done())).toEqual({ verdict: 'holds', judged: 1 });
    expect(compensationsAcknowledged.check(paid().story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(compensationsAcknowledged.check(tale().done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('breaks when the refund was still pending, to the millisecond', () => {
    const pending = { acknowledged: 'pending', status: 'succeeded' } as const;
    expect(refunded({ ...pending, afterMs: 1000 }).verdict).toBe('holds');
    expect(refunded({ ...pending, afterMs: 1001 })).toMatchObject({
      verdict: 'breaks',
      because:
        'saga checkout shop/k1 was written down as COMPENSATED, but of charge ch_1 500 USD were not back yet',
    });
    expect(refunded({ acknowledged: 'pending' }).verdict).toBe('breaks');
  });

  it('breaks when a refund that was pending failed, before or after', () => {
    const failing = { acknowledged: 'pending', status: 'failed' } as const;
    expect(refunded({ ...failing, afterMs: 10 }).verdict).toBe('breaks');
    expect(refunded({ ...failing, afterMs: 2000 }).verdict).toBe('breaks');
  });

  it('does not ask anybody to foresee that a refund will bounce', () => {
    const bouncing = { acknowledged: 'succeeded', status: 'failed' } as const;
    expect(refunded({ ...bouncing, afterMs: 2000 }).verdict).toBe('holds');
    // Between the answer and the write it may bounce unseen, however close to the answer.
    expect(refunded({ ...bouncing, afterMs: 999 }).verdict).toBe('holds');
    expect(refunded({ ...bouncing, afterMs: 0 }).verdict).toBe('holds');
  });

  it.each([
    ['a', 'failed', 'breaks'],
    ['a', 'pending', 'breaks'],
    ['a', 'succeeded', 'holds'],
    ['another', 'failed', 'holds'],
  ] as const)(
    'goes by what who drives the saga was told last of a refund: %s, %s',
    (actor, status, verdict) => {
      const { story, charge } = paid();
      turnsBack(story);
      const refund = story.refunds('a', charge, { acknowledged: 'succeeded', status: 'failed', afterMs: 10 });
      story.wait(100);
      const found = good({ kind: 'found', refund: { id: refund.id, status } });
      const asked = { chargeId: charge.id, merchantReference: refund.merchantReference };
      story.cross(actor, 'gateway.lookup-refund', asked)({ effect: found, reply: found });
      undoes(story);
      ends(story);
      expect(compensationsAcknowledged.check(story.done()).verdict).toBe(verdict);
    },
  );

  describe('of a refund that bounced before the write', () => {
    const bounced = (tell: (story: ShopTale, refund: BookedRefund, charge: BookedCharge) => void) => {
      const { story, charge } = paid();
      turnsBack(story);
      const refund = story.refunds('a', charge, { acknowledged: 'succeeded', status: 'failed', afterMs: 10 });
      story.wait(100);
      tell(story, refund, charge);
      story.wait(100);
      undoes(story);
      ends(story);
      return compensationsAcknowledged.check(story.done()).verdict;
    };
    const sees = (story: ShopTale, { id, merchantReference }: BookedRefund, status: string) => {
      const found = good({ kind: 'found', refund: { id, status } });
      story.cross('a', 'gateway.lookup-refund', { merchantReference })({ effect: found, reply: found });
    };

    it('breaks when they had seen that it failed, even if an old answer was repeated to them since', () => {
      expect(bounced(() => {})).toBe('holds');
      const repeated = bounced((story, refund, charge) => {
        sees(story, refund, 'failed');
        const answer = good({ id: refund.id, status: 'succeeded' });
        story.cross('a', 'gateway.refund', { chargeId: charge.id })({ effect: answer, reply: answer });
      });
      expect(repeated).toBe('breaks');
    });

    it('breaks when the own books had it as failed by then, whoever drove the saga', () => {
      const booked = (of: string) =>
        bounced((story, { id }, charge) => {
          story.posts(charge, 'refund-failed', { operation: of === 'it' ? id : of });
        });
      expect(booked('it')).toBe('breaks');
      expect(booked('another')).toBe('holds');
    });

    it('breaks when they were told that it had succeeded only by an old answer', () => {
      const { story, charge } = paid();
      turnsBack(story);
      const lost = bad('network', 'unknown');
      const how = { acknowledged: 'succeeded', status: 'failed', afterMs: 10, reply: lost } as const;
      const { id } = story.refunds('a', charge, how);
      story.wait(100);
      const answer = good({ id, status: 'succeeded' });
      story.cross('a', 'gateway.refund', { chargeId: charge.id })({ effect: answer, reply: answer });
      undoes(story);
      ends(story);
      expect(compensationsAcknowledged.check(story.done()).verdict).toBe('breaks');
    });
  });

  it('breaks when the answer that the refund had succeeded never arrived, and it bounced', () => {
    const { story, charge } = paid();
    turnsBack(story);
    const lost = {
      ok: false,
      error: { name: 'NetworkError', code: 'network', message: '', effect: 'unknown' },
    };
    story.refunds('a', charge, {
      acknowledged: 'succeeded',
      status: 'failed',
      afterMs: 10,
      reply: lost as Outcome,
    });
    story.wait(100);
    undoes(story);
    ends(story);
    expect(compensationsAcknowledged.check(story.done()).verdict).toBe('breaks');
  });

  it('breaks when there was no refund, or one of a minor unit too little', () => {
    expect(refunded(undefined).verdict).toBe('breaks');
    expect(refunded({ amountMinor: 499 }).verdict).toBe('breaks');
  });

  it('breaks when the refund was made only afterwards', () => {
    const { story, charge } = paid();
    turnsBack(story);
    undoes(story);
    ends(story);
    story.refunds('a', charge);
    expect(compensationsAcknowledged.check(story.done()).verdict).toBe('breaks');
  });

  it('takes what the bank had withdrawn by then for given back', () => {
    const disputed = (amountMinor: number) => {
      const { story, charge } = paid();
      turnsBack(story);
      story.disputes(charge, { amountMinor });
      undoes(story);
      ends(story);
      return compensationsAcknowledged.check(story.done()).verdict;
    };
    expect(disputed(500)).toBe('holds');
    expect(disputed(499)).toBe('breaks');
  });

  it('does not take for given back what was withdrawn later, or had come back by then', () => {
    const disputed = (won: number | undefined, when: 'before' | 'after' = 'before') => {
      const { story, charge } = paid();
      const how = won === undefined ? {} : ({ status: 'won', changedAtMs: won } as const);
      turnsBack(story);
      if (when === 'before') story.disputes(charge, how);
      story.wait(100);
      undoes(story);
      ends(story);
      if (when === 'after') story.disputes(charge, how);
      return compensationsAcknowledged.check(story.done()).verdict;
    };
    expect(disputed(undefined, 'after')).toBe('breaks');
    expect(disputed(100)).toBe('breaks');
    expect(disputed(101)).toBe('holds');
  });

  it('asks nobody to undo what was captured, or held, later', () => {
    const { story, charge } = reserved();
    turnsBack(story);
    story.voids('a', charge);
    undoes(story);
    ends(story);
    story.captures('a', charge);
    story.serves('b', 'inventory.reserve', { key: 'late' });
    expect(compensationsAcknowledged.check(story.done()).verdict).toBe('holds');
  });

  it('does not ask which of two sagas of an order has to be undone', () => {
    const { story, charge } = undone();
    Object.assign(charge, { refunds: [], refundedMinor: 0 });
    expect(compensationsAcknowledged.check(story.done()).verdict).toBe('breaks');
    story.order('b', { key: 'k2' });
    story.begins('b', { ship: 'done' }, { id: 'shop/k2' });
    expect(compensationsAcknowledged.check(story.done()).verdict).toBe('holds');
  });

  it('breaks when an authorisation was voided only afterwards, or not at all', () => {
    const after = released((story, charge, end) => {
      end();
      story.voids('a', charge);
    });
    expect(after).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('the authorisation of charge ch_1 was voided only afterwards'),
    });
    expect(released((_, __, end) => end())).toMatchObject({
      because: expect.stringContaining('the authorisation of charge ch_1 is still open'),
    });
    const before = released((story, charge, end) => {
      story.voids('a', charge);
      end();
    });
    expect(before).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('breaks when the void had failed, and holds when the authorisation had lapsed by itself', () => {
    const failed: Outcome = bad('gateway_error', 'unknown');
    const voided = (lapses: boolean) =>
      released((story, charge, end) => {
        story.voids('a', charge, { effect: failed, reply: failed });
        if (lapses) Object.assign(charge, { status: 'voided' });
        end();
      }).verdict;
    expect(voided(false)).toBe('breaks');
    expect(voided(true)).toBe('holds');
  });

  it('breaks when what a partial capture had left was not released', () => {
    const { story, charge } = undone();
    Object.assign(charge, { openMinor: 1 });
    expect(compensationsAcknowledged.check(story.done()).verdict).toBe('breaks');
  });

  it('asks nobody to undo what landed later', () => {
    const { story } = undone();
    const late = story.book({ id: 'ch_late', status: 'authorized', capturedMinor: 0 });
    story.voids('twin:deliver:evt_1', late);
    expect(compensationsAcknowledged.check(story.done()).verdict).toBe('holds');
  });

  it('breaks when the goods were still held', () => {
    const goods = (when: 'before' | 'after' | 'never') => {
      const { story, charge } = paid();
      turnsBack(story);
      story.refunds('a', charge);
      if (when === 'before') story.serves('a', 'inventory.release');
      ends(story);
      if (when === 'after') story.serves('a', 'inventory.release');
      return compensationsAcknowledged.check(story.done()).verdict;
    };
    expect(goods('before')).toBe('holds');
    expect(goods('after')).toBe('breaks');
    expect(goods('never')).toBe('breaks');
  });

  it('judges each time that a saga is written down as undone', () => {
    const { story } = undone();
    story.saves('b', { reserve: 'undone', capture: 'undoing' }, { state: 'COMPENSATING' });
    story.leaves('b', { reserve: 'undone', capture: 'undone' }, { state: 'COMPENSATED' });
    expect(compensationsAcknowledged.check(story.done())).toEqual({ verdict: 'holds', judged: 2 });
  });

  it('promises nothing without a trace, or where something may land at any time', () => {
    const { story } = undone();
    expect(compensationsAcknowledged.check(story.done({ trace: false })).verdict).toBe('not-promised');
    for (const broken of ['bounded-delay', 'single-delivery', 'key-retention'])
      expect(compensationsAcknowledged.check(story.done({ broken: [broken] })).verdict).toBe('not-promised');
  });
});
