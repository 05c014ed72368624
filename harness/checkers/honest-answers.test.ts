// Convinces by telling a client something other than the books say, once for each of the three clauses.

import { describe, expect, it } from 'vitest';
import type { Answer } from '../history/history.ts';
import { honestAnswers } from './honest-answers.ts';
import { asks, buys, type Course, tale } from './testing.ts';
import { bad, okAnswer, toldAnswer } from './testing-values.ts';

const declined = toldAnswer('failed', 'card_declined');

describe('S13 honest-answers', () => {
  it('holds when who paid is told so, at once and when asking again', () => {
    const story = tale();
    buys(story, 'a');
    asks(story, okAnswer());
    expect(honestAnswers.check(story.done())).toEqual({ verdict: 'holds', judged: 2 });
  });

  it('holds when who was told failed was not charged', () => {
    const story = tale();
    story.answer(story.request('a'), declined);
    story.book({ status: 'failed', capturedMinor: 0 });
    expect(honestAnswers.check(story.done())).toEqual({ verdict: 'holds', judged: 1 });
  });

  it.each([
    ['voided', 'the books hold it as voided'],
    ['pending', 'the books hold it as pending'],
    ['failed', 'the books hold it as failed'],
  ] as const)('breaks when told ok about a charge that is %s', (status, because) => {
    const story = tale();
    story.answer(story.request('a'), okAnswer());
    story.book({ status });
    expect(honestAnswers.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining(because),
    });
  });

  it('breaks when told ok about a charge that does not exist', () => {
    const story = tale();
    story.answer(story.request('a'), okAnswer());
    expect(honestAnswers.check(story.done()).verdict).toBe('breaks');
  });

  it('breaks when told failed although charged, and shows the send that charged', () => {
    const story = tale();
    const request = story.request('a');
    story.claim('a');
    story.send('a');
    story.book();
    story.answer(request, declined);
    expect(honestAnswers.check(story.done())).toEqual({
      verdict: 'breaks',
      because:
        'a asked for 500 USD and was told failed (card_declined), but charge ch_1 of the same purchase is captured ' +
        'over 500 USD',
      crossings: [0, 2],
    });
  });

  it('takes a time-out for what it is: told unknown says nothing', () => {
    const story = tale();
    story.answer(story.request('a'), toldAnswer('unknown', 'gateway_timeout'));
    story.request('a/1');
    story.book();
    expect(honestAnswers.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it.each<[string, Answer]>([
    ['unknown', toldAnswer('unknown', 'outcome_unknown')],
    ['rejected', toldAnswer('rejected', 'idempotency_in_progress')],
    ['a conflict that nobody made', toldAnswer('rejected', 'idempotency_conflict')],
  ])('breaks when who was charged asks again and is told %s', (_, answer) => {
    const story = tale();
    buys(story, 'a');
    asks(story, answer);
    expect(honestAnswers.check(story.done()).verdict).toBe('breaks');
  });

  it('lets another payload of the same key be told that it conflicts', () => {
    const story = tale();
    buys(story, 'a');
    asks(story, toldAnswer('rejected', 'idempotency_conflict'), { amountMinor: 700 });
    expect(honestAnswers.check(story.done()).verdict).toBe('holds');
  });

  it('breaks when told that nothing was done although the own send had charged', () => {
    const told = (order: 'before' | 'after') => {
      const story = tale();
      const request = story.request('a');
      story.claim('a');
      story.send('a');
      if (order === 'after') story.book();
      story.answer(request, toldAnswer('rejected', 'rate_limited'));
      if (order === 'before') story.book();
      return honestAnswers.check(story.done()).verdict;
    };
    expect(told('after')).toBe('breaks');
    // What lands after the answer could not be known.
    expect(told('before')).toBe('holds');
  });

  it('does not take a charge for the own that another had sent for meanwhile', () => {
    const told = (sent: Course, others: Course | undefined) => {
      const story = tale();
      const request = story.request('a');
      story.send('a', sent);
      story.request('b');
      if (others !== undefined) story.send('b', others);
      story.book();
      story.answer(request, toldAnswer('rejected', 'rate_limited'));
      return honestAnswers.check(story.done()).verdict;
    };
    const lost: Course = { effect: undefined, reply: bad('network_error', 'none') };
    const silent: Course = { effect: bad('gateway_error', 'unknown'), reply: undefined };
    expect(told(lost, {})).toBe('holds');
    expect(told(silent, undefined)).toBe('breaks');
    expect(told(silent, {})).toBe('holds');
    expect(told({ reply: undefined }, silent)).toBe('breaks');
  });

  it('breaks when told ok about a charge that is only authorised', () => {
    const story = tale();
    const request = story.request('a');
    story.claim('a');
    story.send('a');
    story.book({ status: 'authorized' });
    story.answer(request, okAnswer());
    expect(honestAnswers.check(story.done()).verdict).toBe('breaks');
  });

  it('does not charge an answer of one epoch with a charge of another', () => {
    const story = (epoch: number) => {
      const told = tale();
      const first = told.request('a');
      told.claim('a');
      told.write('a', 'store.fail', {
        request: { failure: { code: 'card_declined' } },
        record: { state: 'FAILED' },
      });
      told.answer(first, declined);
      const second = told.request('b');
      told.claim('b', { epoch, token: 2 });
      told.send('b');
      told.book();
      told.answer(second, okAnswer());
      return told.done();
    };
    expect(honestAnswers.check(story(1)).verdict).toBe('holds');
    expect(honestAnswers.check(story(0)).verdict).toBe('breaks');
  });

  it('judges a failure told by a black box only within one time to live', () => {
    const story = tale();
    story.answer(story.request('a'), declined);
    story.wait(1000);
    story.answer(story.request('b'), okAnswer());
    story.book();
    expect(honestAnswers.check(story.done({ trace: false, ttlMs: 1000 })).verdict).toBe('holds');
    expect(honestAnswers.check(story.done({ trace: false, ttlMs: 1001 })).verdict).toBe('breaks');
  });

  it('takes the word of the trace on which payload may conflict', () => {
    const story = tale();
    buys(story, 'a', { amountMinor: 700 });
    story.answer(story.request('b'), toldAnswer('rejected', 'idempotency_conflict'));
    asks(story, toldAnswer('rejected', 'idempotency_conflict'), { amountMinor: 700 });
    expect(honestAnswers.check(story.done()).verdict).toBe('breaks');
  });

  it('gives a conflict the benefit of the doubt where the trace does not show who owned the record', () => {
    const story = tale();
    story.request('a');
    story.request('b', { amountMinor: 700 });
    story.book();
    story.answer(story.request('ask:1'), toldAnswer('rejected', 'idempotency_conflict'));
    expect(honestAnswers.check(story.done()).verdict).toBe('holds');
  });

  it('promises nothing about failures where the network breaks the declared bound, but does where none was declared', () => {
    const story = tale();
    story.answer(story.request('a'), toldAnswer('failed', 'not_charged'));
    story.book();
    const broken = ['bounded-delay'];
    expect(honestAnswers.check(story.done({ broken }))).toEqual({ verdict: 'holds', judged: 0 });
    expect(
      honestAnswers.check(story.done({ broken, maxEffectDelayMs: Number.POSITIVE_INFINITY })).verdict,
    ).toBe('breaks');
  });

  it('promises nothing once the gateway forgets keys before their time', () => {
    const story = tale();
    story.answer(story.request('a'), okAnswer());
    expect(honestAnswers.check(story.done({ broken: ['key-retention'] })).verdict).toBe('not-promised');
  });
});
