// Convinces by an order that was undone, and by the same with one thing left standing in the books.

import { describe, expect, it } from 'vitest';
import type { BookedCharge } from '../history/history.ts';
import { compensatedIsClean } from './compensated-is-clean.ts';
import { tale } from './testing.ts';
import { ends, paid, settles, ships, turnsBack, undoes, undone } from './testing-shop-stories.ts';

function verdictOf(change: Partial<BookedCharge>) {
  const { story, charge } = undone();
  Object.assign(charge, change);
  settles(story, 'failed');
  return compensatedIsClean.check(story.done());
}

describe('S11 compensated-is-clean', () => {
  it('holds when everything came back', () => {
    expect(verdictOf({})).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('judges only what was undone, once all has settled', () => {
    const { story } = undone();
    expect(compensatedIsClean.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
    const well = paid();
    ships(well);
    settles(well.story, 'ok');
    expect(compensatedIsClean.check(well.story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(compensatedIsClean.check(tale().done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('breaks when goods are held that arrived behind the end of the order, and holds for those of another', () => {
    const holding = (actor: string, name: string) => {
      const { story } = undone();
      story.serves(actor, 'inventory.reserve', { key: 'late', order: name });
      settles(story, 'failed');
      return compensatedIsClean.check(story.done());
    };
    expect(holding('a', 'shop/k1')).toMatchObject({
      verdict: 'breaks',
      because: 'saga checkout shop/k1 ended as COMPENSATED, but goods of order shop/k1 are still held',
    });
    expect(holding('z', 'shop/k10').verdict).toBe('holds');
  });

  it('breaks when a minor unit was kept, or one too many given back', () => {
    expect(verdictOf({ refundedMinor: 499 })).toMatchObject({
      verdict: 'breaks',
      because: 'saga checkout shop/k1 ended as COMPENSATED, but 1 USD of charge ch_1 were kept',
    });
    expect(verdictOf({ refundedMinor: 501 })).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('501 USD were given back of 500 captured'),
    });
  });

  it('holds when the bank sent the money back twice and people were called about it, and only then', () => {
    const bounced = (times: number, about: (ids: readonly string[]) => string) => {
      const { story, charge } = undone();
      Object.assign(charge, { refunds: [], refundedMinor: 0 });
      const failing = { acknowledged: 'succeeded', status: 'failed', afterMs: 10 } as const;
      const ids = Array.from({ length: times }, () => story.refunds('b', charge, failing).id);
      story.pages(about(ids));
      settles(story, 'failed');
      return compensatedIsClean.check(story.done()).verdict;
    };
    expect(bounced(2, (ids) => `refund ${ids.at(1)} came back twice`)).toBe('holds');
    expect(bounced(2, (ids) => `refund ${ids.at(0)} came back`)).toBe('holds');
    expect(bounced(2, () => 'refund re_9 came back twice')).toBe('breaks');
    expect(bounced(2, (ids) => `refund ${ids.at(1)}0 came back twice`)).toBe('breaks');
    expect(bounced(1, (ids) => `refund ${ids.at(0)} came back`)).toBe('breaks');
  });

  it.each([
    [{ status: 'authorized', capturedMinor: 0, refundedMinor: 0 }, 'is still authorized'],
    [{ status: 'pending', capturedMinor: 0, refundedMinor: 0 }, 'is still pending'],
    [{ openMinor: 1 }, 'is still open over 1 USD'],
  ] as const)('breaks when the charge is left as %o', (change, because) => {
    expect(verdictOf(change)).toMatchObject({ verdict: 'breaks', because: expect.stringContaining(because) });
  });

  it('holds when the charge was voided, or never came about', () => {
    for (const status of ['voided', 'failed'] as const)
      expect(verdictOf({ status, capturedMinor: 0, refundedMinor: 0 }).verdict).toBe('holds');
  });

  it('breaks when another charge of the purchase is open', () => {
    const { story } = undone();
    story.book({ id: 'ch_2', status: 'authorized', capturedMinor: 0 });
    settles(story, 'failed');
    expect(compensatedIsClean.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('charge ch_2 is still authorized'),
    });
  });

  it('breaks when the order was shipped all the same', () => {
    const { story } = undone();
    story.serves('a', 'shipping.ship', { order: 'k1' });
    settles(story, 'failed');
    expect(compensatedIsClean.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('order k1 was shipped'),
    });
  });

  it('takes what the bank withdrew for given back, unless it was won before the saga had ended', () => {
    const disputed = (won?: number) => {
      const { story, charge } = paid();
      turnsBack(story);
      story.disputes(charge, won === undefined ? { status: 'lost' } : { status: 'won', changedAtMs: won });
      story.wait(100);
      undoes(story);
      ends(story);
      settles(story, 'failed');
      return compensatedIsClean.check(story.done()).verdict;
    };
    expect(disputed()).toBe('holds');
    expect(disputed(101)).toBe('holds');
    expect(disputed(100)).toBe('breaks');
  });

  it('lets the bank take back what was refunded already: nobody but the payer gains by it', () => {
    const { story, charge } = undone();
    story.disputes(charge);
    settles(story, 'failed');
    expect(compensatedIsClean.check(story.done()).verdict).toBe('holds');
  });

  it('leaves the charge to another saga of the purchase that completed', () => {
    const { story, charge } = undone();
    Object.assign(charge, { refundedMinor: 0 });
    story.order('b', { key: 'k2' });
    story.begins('b', { ship: 'done' }, { id: 'shop/k2' });
    story.book({ id: 'ch_2' });
    story.leaves('b', { ship: 'done' }, { id: 'shop/k2', state: 'COMPLETED' });
    settles(story, 'ok');
    expect(compensatedIsClean.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('promises nothing where something may land at any time', () => {
    const { story } = undone();
    settles(story, 'failed');
    for (const broken of ['bounded-delay', 'single-delivery', 'key-retention'])
      expect(compensatedIsClean.check(story.done({ broken: [broken] })).verdict).toBe('not-promised');
  });
});
