// Convinces by a send after each kind of final answer and each way to learn of it, beside the sends that look alike and
// are right: after an answer that proves nothing, for another purchase, after a demand for authentication.

import { describe, expect, it } from 'vitest';
import { noRetryAfterFinal } from './no-retry-after-final.ts';
import { type Course, type Tale, tale } from './testing.ts';
import { bad, chargeResult, good } from './testing-values.ts';

const check = (story: Tale) => noRetryAfterFinal.check(story.done());

/** `a` sends, is answered as told, and sends again under the same claim. */
function twice(course: Course): Tale {
  const story = tale();
  story.request('a');
  story.claim('a');
  story.send('a', course);
  story.send('a');
  return story;
}

/** `a` brings its payment to an end, and `b` sends after it. */
function afterEnd(site: 'store.complete' | 'store.fail', waitMs: number, more: { epoch: number }): Tale {
  const story = tale();
  story.request('a');
  story.claim('a');
  story.send('a', { reply: bad('gateway_timeout', 'unknown') });
  story.write('a', site, { record: { state: site === 'store.fail' ? 'FAILED' : 'COMPLETED' } });
  story.wait(waitMs);
  story.request('b');
  story.claim('b', { token: 2, ...more });
  story.send('b');
  return story;
}

describe('S5 no-retry-after-final', () => {
  it.each<[string, Course, string]>([
    ['a decline', { reply: bad('card_declined', 'final') }, 'answered finally (card_declined)'],
    ['a success', { reply: good(chargeResult()) }, 'answered with a charge'],
  ])('breaks when the owner sends again after %s', (_, course, words) => {
    expect(check(twice(course))).toEqual({
      verdict: 'breaks',
      because: `a sent key k1 of shop at 0 ms although it had been ${words}`,
      crossings: [2, 3],
    });
  });

  it.each<[string, Course]>([
    ['an error that proves nothing', { reply: bad('gateway_timeout', 'unknown') }],
    ['an error without effect', { reply: bad('rate_limited', 'none') }],
    ['a demand for authentication', { reply: bad('authentication_required', 'final') }],
    ['no answer at all', { effect: undefined, reply: undefined }],
    ['a decline that never came back', { effect: bad('card_declined', 'final'), reply: undefined }],
  ])('holds when the owner sends again after %s', (_, course) => {
    expect(check(twice(course))).toEqual({ verdict: 'holds', judged: 2 });
  });

  it('breaks when the owner sends after its look-up found the charge, or a final answer', () => {
    const lookedUp = (found: unknown) => {
      const story = tale();
      story.request('a');
      story.claim('a');
      story.lookup('a', found);
      story.send('a');
      return check(story);
    };
    expect(lookedUp({ kind: 'found', charge: chargeResult() })).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('although its look-up had found charge ch_1'),
    });
    expect(lookedUp({ kind: 'answered', error: { code: 'card_declined', effect: 'final' } })).toMatchObject({
      because: expect.stringContaining('a final answer (card_declined)'),
    });
    expect(lookedUp({ kind: 'answered', error: { code: 'gateway_error', effect: 'unknown' } }).verdict).toBe(
      'holds',
    );
    expect(lookedUp({ kind: 'absent' }).verdict).toBe('holds');
  });

  it('does not hold an owner to what others heard, or what it had looked up before it claimed', () => {
    const story = tale();
    story.request('b');
    story.send('b', { reply: bad('card_declined', 'final') });
    story.lookup('b', { kind: 'found', charge: chargeResult() });
    story.request('a');
    story.lookup('a', { kind: 'found', charge: chargeResult() });
    story.claim('a');
    story.send('a');
    expect(check(story).verdict).toBe('holds');
  });

  it('does not take two who send without any claim for one', () => {
    const story = tale();
    story.send('b', { reply: bad('card_declined', 'final') });
    story.send('a');
    expect(check(story).verdict).toBe('holds');
  });

  it('does not hold an owner to what it heard under an earlier claim', () => {
    const story = tale();
    story.request('a');
    story.claim('a');
    story.send('a', { reply: bad('card_declined', 'final') });
    story.claim('a', { token: 2 });
    story.send('a');
    expect(check(story).verdict).toBe('holds');
  });

  it.each([
    ['store.complete', 'completed'],
    ['store.fail', 'failed'],
  ] as const)('breaks when anybody sends after %s', (site, state) => {
    expect(check(afterEnd(site, 0, { epoch: 0 }))).toMatchObject({
      verdict: 'breaks',
      because: `b sent key k1 of shop at 0 ms although a had stored the payment as ${state}`,
      crossings: [3, 6],
    });
  });

  it('takes a record that has outlived its time to live for another purchase, and no sooner', () => {
    expect(check(afterEnd('store.complete', 0, { epoch: 1 })).verdict).toBe('holds');
    const early = afterEnd('store.complete', 0, { epoch: 1 }).done({ ttlMs: 2 * 86_400_000 });
    expect(noRetryAfterFinal.check(early).verdict).toBe('breaks');
  });

  it('does not mind a final write that the store refused or never got', () => {
    for (const how of [{ written: false }, { effect: undefined, reply: undefined }]) {
      const story = tale();
      story.request('a');
      story.claim('a');
      story.write('a', 'store.complete', how);
      story.send('a');
      expect(check(story).verdict).toBe('holds');
    }
  });

  describe('captures', () => {
    const captured = (reply: Course['reply'], site?: 'store.complete' | 'store.fail') => {
      const story = tale();
      story.request('a');
      story.claim('a');
      story.send('a', { reply });
      story.book();
      if (site !== undefined) story.write('a', site);
      story.cross('a', 'gateway.capture', { chargeId: 'ch_1', amountMinor: 500 })({});
      return check(story);
    };

    it('may follow a success', () => {
      expect(captured(good(chargeResult()), 'store.complete')).toEqual({ verdict: 'holds', judged: 2 });
    });

    it('may not follow a failure, heard or stored', () => {
      expect(captured(bad('card_declined', 'final'))).toMatchObject({
        verdict: 'breaks',
        because:
          'a called gateway.capture for key k1 of shop at 0 ms although it had been answered finally (card_declined)',
      });
      expect(captured(bad('gateway_timeout', 'unknown'), 'store.fail').verdict).toBe('breaks');
    });
  });

  it('leaves records that several purchases share to S6', () => {
    const story = tale();
    story.request('a');
    story.claim('a');
    story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
    story.request('b', { scope: 'other', paymentToken: 'tok:other:k1' });
    story.claim('b', { state: 'COMPLETED' }, { owned: false });
    story.send('b', { token: 'tok:other:k1' });
    expect(check(story).verdict).toBe('holds');
  });

  it('promises nothing where acknowledged writes may be lost, or without a trace', () => {
    const story = twice({ reply: bad('card_declined', 'final') });
    expect(noRetryAfterFinal.check(story.done({ broken: ['durable-claims'] })).verdict).toBe('not-promised');
    expect(noRetryAfterFinal.check(story.done({ trace: false })).verdict).toBe('not-promised');
  });
});
