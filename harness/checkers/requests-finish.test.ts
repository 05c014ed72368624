// Convinces by the answers to the final asking: the two that end a purchase, every one that does not, and the
// two excuses.

import { describe, expect, it } from 'vitest';
import type { Answer, Terms } from '../history/history.ts';
import { requestsFinish } from './requests-finish.ts';
import { asks, buys, type Tale, tale } from './testing.ts';
import { okAnswer, toldAnswer } from './testing-values.ts';

const unbounded: Partial<Terms> = { broken: ['bounded-delay'], maxEffectDelayMs: Number.POSITIVE_INFINITY };

function asked(answer: Answer): Tale {
  const story = tale();
  story.request('a');
  asks(story, answer);
  return story;
}

describe('L1 requests-finish', () => {
  it.each<[string, Answer]>([
    ['ok', okAnswer()],
    ['failed', toldAnswer('failed', 'not_charged')],
  ])('holds when the final asking is told %s', (_, answer) => {
    expect(requestsFinish.check(asked(answer).done())).toEqual({ verdict: 'holds', judged: 1 });
  });

  it.each<[string, Answer]>([
    ['unknown', toldAnswer('unknown', 'outcome_unknown')],
    ['pending', toldAnswer('pending', 'payment_pending')],
    ['rejected', toldAnswer('rejected', 'idempotency_in_progress')],
    ['rejected', toldAnswer('rejected', 'idempotency_conflict')],
  ])('breaks when it is told %s', (kind, answer) => {
    expect(requestsFinish.check(asked(answer).done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining(
        `asked for key k1 of shop after everything had healed and was told ${kind}`,
      ),
    });
  });

  it('breaks when it is told nothing', () => {
    const story = tale();
    story.request('a');
    story.request('ask:1');
    expect(requestsFinish.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('got no answer'),
      crossings: [1],
    });
  });

  it('does not judge what was told during the storm', () => {
    const story = tale();
    story.answer(story.request('a'), toldAnswer('unknown', 'outcome_unknown'));
    expect(requestsFinish.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('lets another payload of the same key end as a conflict', () => {
    const story = tale();
    buys(story, 'a');
    asks(story, toldAnswer('rejected', 'idempotency_conflict'), { amountMinor: 700 });
    expect(requestsFinish.check(story.done()).verdict).toBe('holds');
  });

  it('breaks when the owner of the record is told that it conflicts', () => {
    const story = tale();
    buys(story, 'a');
    story.answer(story.request('b', { amountMinor: 700 }), toldAnswer('rejected', 'idempotency_conflict'));
    asks(story, toldAnswer('rejected', 'idempotency_conflict'));
    expect(requestsFinish.check(story.done()).verdict).toBe('breaks');
  });

  it('promises nothing for an outcome that stays unknown and queued where delay has no bound', () => {
    expect(
      requestsFinish.check(asked(toldAnswer('unknown', 'outcome_unknown')).done(unbounded)).verdict,
    ).toBe('not-promised');
  });

  it('promises it wherever delay has a bound', () => {
    const story = asked(toldAnswer('unknown', 'outcome_unknown'));
    expect(requestsFinish.check(story.done()).verdict).toBe('breaks');
    expect(requestsFinish.check(story.done({ broken: ['bounded-delay'] })).verdict).toBe('not-promised');
    expect(requestsFinish.check(story.done({ broken: ['key-retention'] })).verdict).toBe('breaks');
  });

  it('breaks even there when the outcome is not queued, or nothing is answered', () => {
    const forgotten = asked(toldAnswer('unknown', 'outcome_unknown'));
    forgotten.write('ask:1', 'store.release', { record: { state: 'RELEASED' } });
    expect(requestsFinish.check(forgotten.done(unbounded)).verdict).toBe('breaks');
    const silent = tale();
    silent.request('ask:1');
    silent.claim('ask:1', { state: 'UNKNOWN' }, { owned: false });
    expect(requestsFinish.check(silent.done(unbounded)).verdict).toBe('breaks');
  });

  it('breaks when a call never ended', () => {
    const story = asked(okAnswer());
    expect(requestsFinish.check(story.done({}, { deadlocked: ['a'] }))).toEqual({
      verdict: 'breaks',
      because: 'a never ended, although nothing was left to happen',
      crossings: [0],
    });
  });
});
