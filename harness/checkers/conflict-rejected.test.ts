// Convinces by a request for 7.00 that meets the record of a request for 5.00: each way to treat it wrongly
// breaks, and each way in which the record may rightly be gone, or the answer rightly missing, does not.

import { describe, expect, it } from 'vitest';
import type { Answer, ChargeIntent } from '../history/history.ts';
import { conflictRejected } from './conflict-rejected.ts';
import { buys, type Tale, tale } from './testing.ts';
import { bad, good, okAnswer, toldAnswer } from './testing-values.ts';

const seven: Partial<ChargeIntent> = { amountMinor: 700 };
const conflict = toldAnswer('rejected', 'idempotency_conflict');
const owner = { fingerprint: 'sha-500' };

/** A request for 7.00 meets the record of 5.00 and is answered. */
function meets(
  story: Tale,
  answer: Answer | undefined,
  state: 'IN_FLIGHT' | 'COMPLETED' = 'COMPLETED',
): Tale {
  const request = story.request('b', seven);
  story.claim('b', { ...owner, state }, { owned: false, fingerprint: 'sha-700' });
  if (answer !== undefined) story.answer(request, answer);
  return story;
}

function afterPurchase(answer: Answer | undefined): Tale {
  const story = tale();
  buys(story, 'a');
  return meets(story, answer);
}

describe('S6 conflict-rejected', () => {
  it('holds when the other payload is rejected as a conflict', () => {
    expect(conflictRejected.check(afterPurchase(conflict).done()).verdict).toBe('holds');
  });

  it.each<[string, Answer | undefined]>([
    ['the store did not answer', toldAnswer('rejected', 'store_unavailable')],
    ['the handler broke down', toldAnswer('unknown', 'internal_error')],
    ['nothing was answered', undefined],
  ])('holds when %s', (_, answer) => {
    expect(conflictRejected.check(afterPurchase(answer).done()).verdict).toBe('holds');
  });

  it.each<[string, Answer]>([
    ['failed', toldAnswer('failed', 'card_declined')],
    ['pending', toldAnswer('pending', 'payment_pending')],
    ['unknown', toldAnswer('unknown', 'outcome_unknown')],
    ['that it is in progress', toldAnswer('rejected', 'idempotency_in_progress')],
  ])('breaks when the other payload is told %s', (_, answer) => {
    expect(conflictRejected.check(afterPurchase(answer).done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('while its record was owned by a payload of 500 USD'),
    });
  });

  it('breaks in flight as well, where the record has no outcome yet', () => {
    const story = tale();
    story.request('a');
    story.claim('a', owner);
    expect(
      conflictRejected.check(
        meets(story, toldAnswer('rejected', 'idempotency_in_progress'), 'IN_FLIGHT').done(),
      ),
    ).toMatchObject({
      verdict: 'breaks',
      crossings: [1, 2],
    });
  });

  it('breaks by books and answers alone when told ok about the charge of another payload', () => {
    expect(conflictRejected.check(afterPurchase(okAnswer()).done({ trace: false }))).toMatchObject({
      verdict: 'breaks',
      because:
        'b asked for 700 USD and was told ok about charge ch_1, which was made for another payload of key k1 of shop (500 USD)',
    });
  });

  it('breaks when the other payload is sent while the record stands, whatever is answered', () => {
    const story = afterPurchase(conflict);
    story.send('b', { amountMinor: 700 });
    expect(conflictRejected.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('b sent 700 USD while the record of key k1 of shop was owned'),
    });
  });

  it('breaks when the other payload takes the record over', () => {
    const story = tale();
    story.request('a');
    story.claim('a', owner);
    story.send('a', { reply: bad('gateway_timeout', 'unknown') });
    story.write('a', 'store.suspend', { record: { state: 'UNKNOWN' } });
    const request = story.request('b', seven);
    story.claim('b', { ...owner, token: 2 });
    story.send('b', { amountMinor: 700 });
    story.book({ amountMinor: 700, capturedMinor: 700 });
    story.answer(request, okAnswer('ch_1', { amountMinor: 700 }));
    expect(conflictRejected.check(story.done()).verdict).toBe('breaks');
  });

  it('lets the other payload have a slot that was released', () => {
    const story = tale();
    const first = story.request('a');
    story.claim('a', owner);
    story.write('a', 'store.release', { record: { state: 'RELEASED' } });
    story.answer(first, toldAnswer('rejected', 'rate_limited'));
    buys(story, 'b', seven);
    expect(conflictRejected.check(story.done()).verdict).toBe('holds');
  });

  it('lets the other payload have a slot whose time to live has passed', () => {
    const story = tale();
    buys(story, 'a');
    story.wait(86_400_000);
    const request = story.request('b', seven);
    story.claim('b', { epoch: 1, token: 2, fingerprint: 'sha-700' });
    story.send('b', { key: 'g1', amountMinor: 700 });
    story.book({ id: 'ch_2', idempotencyKey: 'g1', amountMinor: 700, capturedMinor: 700 });
    story.answer(request, okAnswer('ch_2', { amountMinor: 700 }));
    expect(conflictRejected.check(story.done()).verdict).toBe('holds');
  });

  it('judges up to the end of the time to live and no further', () => {
    const story = (waitMs: number) => {
      const told = tale();
      buys(told, 'a');
      told.wait(waitMs);
      const request = told.request('b', seven);
      told.cross('b', 'store.read', 'shop/k1')({ effect: good(null), reply: good(null) });
      told.answer(request, toldAnswer('failed', 'card_declined'));
      return conflictRejected.check(told.done()).verdict;
    };
    expect(story(86_399_999)).toBe('breaks');
    expect(story(86_400_000)).toBe('holds');
  });

  it('lets a sweep that found the slot free own it for the payload whose fingerprint it bears', () => {
    const story = tale();
    story.request('a');
    story.claim('a', owner);
    story.write('a', 'store.release', { record: { state: 'RELEASED' } });
    story.claim('sweep:1', { ...owner, token: 2 });
    story.send('sweep:1');
    expect(conflictRejected.check(meets(story, conflict, 'IN_FLIGHT').done()).verdict).toBe('holds');
    const answered = toldAnswer('failed', 'card_declined');
    const wrong = tale();
    wrong.request('a');
    wrong.claim('a', owner);
    wrong.write('a', 'store.release', { record: { state: 'RELEASED' } });
    wrong.claim('sweep:1', { ...owner, token: 2 });
    expect(conflictRejected.check(meets(wrong, answered, 'IN_FLIGHT').done()).verdict).toBe('breaks');
  });

  it('does not judge an answer given after the record it met was gone', () => {
    const story = tale();
    story.request('a');
    story.claim('a', owner);
    const request = story.request('b', seven);
    story.claim('b', { ...owner }, { owned: false, fingerprint: 'sha-700' });
    story.write('a', 'store.release', { record: { state: 'RELEASED' } });
    story.answer(request, toldAnswer('rejected', 'idempotency_in_progress'));
    expect(conflictRejected.check(story.done()).verdict).toBe('holds');
  });

  describe('a request that had taken the key', () => {
    /** `a` claims, gives up, `b` takes the key with 7.00, and `a` claims again. */
    const givenAway = (first: { readonly owned: boolean }) => {
      const story = tale();
      const request = story.request('a');
      story.claim('a', owner, first);
      story.write('a', 'store.release', { record: { state: 'RELEASED' } });
      story.request('b', seven);
      story.claim('b', { fingerprint: 'sha-700', token: 2 });
      story.claim('a', { fingerprint: 'sha-700', token: 2 }, { owned: false, fingerprint: 'sha-500' });
      story.answer(request, conflict);
      return conflictRejected.check(story.done());
    };

    it('must not be told that it conflicts', () => {
      expect(givenAway({ owned: true })).toEqual({
        verdict: 'breaks',
        because:
          'a had claimed key k1 of shop at 0 ms and was told that it conflicts; the key was taken by b with another ' +
          'payload while the request was being answered',
        crossings: [0, 1, 4],
      });
    });

    it('is told so rightly when it never knew that it had it', () => {
      expect(givenAway({ owned: false }).verdict).toBe('holds');
    });
  });

  it('breaks when a conflict is found where every request was the same', () => {
    const story = tale();
    buys(story, 'a');
    story.answer(story.request('a/1'), conflict);
    expect(conflictRejected.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('every request for key k1 of shop had the same payload'),
    });
  });

  describe('scopes', () => {
    const other = { scope: 'other', paymentToken: 'tok:other:k1' };

    it('hold when each has its own record', () => {
      const story = tale();
      buys(story, 'a');
      buys(story, 'b', other);
      expect(conflictRejected.check(story.done()).verdict).toBe('holds');
    });

    it('break when one is told ok about a charge of the other', () => {
      const story = tale();
      buys(story, 'a');
      story.answer(story.request('b', other), okAnswer('ch_1'));
      expect(conflictRejected.check(story.done({ trace: false }))).toMatchObject({
        verdict: 'breaks',
        because: expect.stringContaining('belongs to another purchase'),
      });
    });

    it('break when one meets the record of the other', () => {
      const story = tale();
      buys(story, 'a');
      story.request('b', other);
      story.claim('b', { state: 'COMPLETED' }, { owned: false });
      expect(conflictRejected.check(story.done())).toMatchObject({
        verdict: 'breaks',
        because: 'b (key k1 of other) met the record shop/k1, which was made for key k1 of shop',
      });
    });
  });
});

describe('S6 conflict-rejected and the time to live', () => {
  it('does not believe a record that calls itself lapsed before the declared time', () => {
    const story = tale();
    buys(story, 'a');
    story.request('b', seven);
    story.claim('b', { epoch: 1, token: 2, fingerprint: 'sha-700' });
    story.send('b', { key: 'g1', amountMinor: 700 });
    // The tale itself lets one usual time to live pass before a new epoch.
    expect(conflictRejected.check(story.done()).verdict).toBe('holds');
    expect(conflictRejected.check(story.done({ ttlMs: 2 * 86_400_000 })).verdict).toBe('breaks');
  });
});
