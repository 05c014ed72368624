// Convinces by hand-made books: one charge holds, two break, and each excuse (another epoch, a charge without
// effect, a lost assumption, a black box past its time to live) is the only difference to a history that breaks.

import { describe, expect, it } from 'vitest';
import { singleCharge } from './single-charge.ts';
import { buys, type Tale, tale } from './testing.ts';
import { okAnswer } from './testing-values.ts';

function charges(
  story: Tale,
  actor: string,
  { epoch = 0, key = 'g0', id = 'ch_1', status = 'captured' as const } = {},
): void {
  story.claim(actor, { epoch, token: epoch + 1, attemptId: actor });
  story.send(actor, { key });
  story.book({ id, idempotencyKey: key, status });
}

function twice(second: Parameters<typeof charges>[2]): Tale {
  const story = tale();
  story.request('a');
  charges(story, 'a');
  story.request('a/1');
  charges(story, 'a/1', { id: 'ch_2', ...second });
  return story;
}

describe('S1 single-charge', () => {
  it('holds for a purchase that was charged once', () => {
    const story = tale();
    buys(story, 'a');
    expect(singleCharge.check(story.done())).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('breaks when one purchase has two effective charges, and shows both sends', () => {
    expect(singleCharge.check(twice({ key: 'g1' }).done())).toEqual({
      verdict: 'breaks',
      because:
        'expected at most 1 effective charge for key k1 of shop, the books hold 2: ch_1 captured 500 USD, ' +
        'ch_2 captured 500 USD',
      crossings: [2, 5],
    });
  });

  it('breaks when a gateway without deduplication charges one key twice', () => {
    expect(singleCharge.check(twice({ key: 'g0' }).done())).toMatchObject({
      verdict: 'breaks',
      crossings: [2, 5],
    });
  });

  it.each(['authorized', 'pending'] as const)('counts a second charge that is %s', (status) => {
    expect(singleCharge.check(twice({ key: 'g1', status: status as 'captured' }).done()).verdict).toBe(
      'breaks',
    );
  });

  it.each(['voided', 'failed'] as const)('does not count a second charge that is %s', (status) => {
    expect(singleCharge.check(twice({ key: 'g1', status: status as 'captured' }).done()).verdict).toBe(
      'holds',
    );
  });

  it('lets each epoch of the record have its charge, even under one reference', () => {
    expect(singleCharge.check(twice({ key: 'g1', epoch: 1 }).done()).verdict).toBe('holds');
  });

  it('does not believe a new epoch sooner than the declared time to live', () => {
    const story = twice({ key: 'g1', epoch: 1 });
    expect(singleCharge.check(story.done({ ttlMs: 2 * 86_400_000 })).verdict).toBe('breaks');
  });

  it('breaks for two charges within a later epoch', () => {
    const story = twice({ key: 'g1', epoch: 1 });
    story.request('a/2');
    charges(story, 'a/2', { epoch: 1, key: 'g2', id: 'ch_3' });
    expect(singleCharge.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('hold 2: ch_2 captured 500 USD, ch_3'),
    });
  });

  it('keeps the charges of two purchases apart', () => {
    const story = tale();
    buys(story, 'a');
    buys(story, 'b', { key: 'k2', paymentToken: 'tok:shop:k2' });
    expect(singleCharge.check(story.done())).toEqual({ verdict: 'holds', judged: 2 });
  });

  it.each(['single-delivery', 'key-retention'])('promises nothing without %s', (assumption) => {
    expect(singleCharge.check(twice({ key: 'g1' }).done({ broken: [assumption] }))).toMatchObject({
      verdict: 'not-promised',
      why: expect.stringContaining(assumption),
    });
  });

  it('excuses a request that outlived its key in the network, only where delay is unbounded', () => {
    const story = tale();
    story.request('a');
    charges(story, 'a');
    story.wait(86_400_000);
    story.book({ id: 'ch_2' });
    expect(singleCharge.check(story.done()).verdict).toBe('breaks');
    expect(singleCharge.check(story.done({ broken: ['bounded-delay'] })).verdict).toBe('holds');
  });

  it('judges a black box only within one time to live', () => {
    const box = (apartMs: number): Tale => {
      const story = tale();
      story.answer(story.request('a'), okAnswer());
      story.book();
      story.wait(apartMs);
      story.answer(story.request('a/1'), okAnswer('ch_2'));
      story.book({ id: 'ch_2', idempotencyKey: 'g1' });
      return story;
    };
    const terms = { trace: false, ttlMs: 1000 };
    expect(singleCharge.check(box(999).done(terms)).verdict).toBe('breaks');
    expect(singleCharge.check(box(1000).done(terms))).toEqual({ verdict: 'holds', judged: 0 });
  });
});
