// Convinces by one write at a time: each is told once with what justifies it and once without, the books
// included.

import { describe, expect, it } from 'vitest';
import type { Terms } from '../history/history.ts';
import { knownFinals } from './known-finals.ts';
import { type Course, type Tale, tale } from './testing.ts';
import { bad, chargeResult, good } from './testing-values.ts';

const unanswered: Course = { reply: undefined };
const unknown: Course = { reply: bad('gateway_timeout', 'unknown') };
const refused: Course = { effect: undefined, reply: bad('network_error', 'none') };
const declined: Course = { effect: bad('card_declined', 'final'), reply: bad('card_declined', 'final') };

function claimed(...sends: readonly Course[]): Tale {
  const story = tale();
  story.request('a');
  story.claim('a');
  for (const course of sends) story.send('a', course);
  return story;
}

function completes(story: Tale, how: Course = {}): Tale {
  story.write('a', 'store.complete', { record: { state: 'COMPLETED' }, ...how });
  return story;
}

function fails(story: Tale, code = 'card_declined'): Tale {
  story.write('a', 'store.fail', { request: { failure: { code } }, record: { state: 'FAILED' } });
  return story;
}

function releases(story: Tale, how: { written?: boolean } = {}): Tale {
  story.write('a', 'store.release', { record: { state: 'RELEASED' }, ...how });
  return story;
}

function booked(story: Tale): Tale {
  story.book();
  return story;
}

function verdictOf(story: Tale, terms: Partial<Terms> = {}) {
  return knownFinals.check(story.done(terms)).verdict;
}

describe('S8 known-finals: completed', () => {
  it('holds on the word of the answer', () => {
    expect(knownFinals.check(completes(booked(claimed({}))).done())).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('holds on the word of a look-up', () => {
    const story = booked(claimed(unknown));
    story.lookup('a', { kind: 'found', charge: chargeResult() });
    expect(verdictOf(completes(story))).toBe('holds');
  });

  it('breaks when nothing said so', () => {
    expect(knownFinals.check(completes(booked(claimed(unknown))).done())).toEqual({
      verdict: 'breaks',
      because: 'a stored key k1 of shop as completed without an answer or a look-up that said so',
      crossings: [1, 2, 3],
    });
  });

  it('breaks when only another process, or an earlier life of this one, was told', () => {
    expect(verdictOf(completes(booked(claimed({ process: 'p1' }))))).toBe('breaks');
    expect(verdictOf(completes(booked(claimed({})), { incarnation: 2 }))).toBe('breaks');
  });

  it('breaks when the books hold no charge', () => {
    expect(verdictOf(completes(claimed({})))).toBe('breaks');
  });

  it('breaks when the charge belongs to an earlier epoch', () => {
    const story = completes(booked(claimed({})));
    story.request('b');
    story.claim('b', { epoch: 1, token: 2 });
    story.send('b', { key: 'g1' });
    story.write('b', 'store.complete', { record: { state: 'COMPLETED', epoch: 1, token: 2 } });
    expect(verdictOf(story)).toBe('breaks');
  });
});

describe('S8 known-finals: failed', () => {
  it('holds on a final answer, or on a look-up that fetched one', () => {
    expect(verdictOf(fails(claimed(declined)))).toBe('holds');
    const story = claimed(unknown);
    story.lookup('a', { kind: 'answered', error: { effect: 'final' } });
    expect(verdictOf(fails(story))).toBe('holds');
  });

  it.each([
    ['a server error', { reply: bad('gateway_error', 'unknown') }],
    ['a refusal without effect', refused],
    ['nothing', unanswered],
  ])('breaks after %s', (_, course) => {
    expect(verdictOf(fails(claimed(course), 'gateway_error'))).toBe('breaks');
  });

  it('breaks on a stored answer that decided nothing', () => {
    const story = claimed(unknown);
    story.lookup('a', { kind: 'answered', error: { effect: 'unknown' } });
    expect(verdictOf(fails(story, 'gateway_error'))).toBe('breaks');
  });

  it('breaks when an earlier attempt had charged all the same', () => {
    expect(verdictOf(fails(booked(claimed(unknown, declined))))).toBe('breaks');
  });

  const notCharged = (waitMs: number, found: unknown = { kind: 'absent' }): Tale => {
    const story = claimed(unknown);
    story.wait(waitMs);
    story.lookup('a', found);
    return fails(story, 'not_charged');
  };

  it('holds as not charged only when the look-up began after the horizon', () => {
    expect(verdictOf(notCharged(31_000))).toBe('holds');
    expect(verdictOf(notCharged(30_999))).toBe('breaks');
    expect(verdictOf(notCharged(31_000, { kind: 'pending', gatewayId: 'ch_1' }))).toBe('breaks');
  });

  it('never holds as not charged where there is no horizon', () => {
    expect(
      verdictOf(notCharged(1e9), { maxEffectDelayMs: Number.POSITIVE_INFINITY, broken: ['bounded-delay'] }),
    ).toBe('breaks');
  });

  it('counts the horizon from the last send that may still arrive', () => {
    const story = claimed(unknown);
    story.wait(31_000);
    story.send('a', refused);
    story.lookup('a', { kind: 'absent' });
    expect(verdictOf(fails(story, 'not_charged'))).toBe('holds');
    const again = claimed(unknown);
    again.wait(31_000);
    again.send('a', unknown);
    again.lookup('a', { kind: 'absent' });
    expect(verdictOf(fails(again, 'not_charged'))).toBe('breaks');
  });

  it('excuses a charge that came later than the gateway had promised', () => {
    const story = notCharged(31_000);
    story.book();
    expect(verdictOf(story)).toBe('breaks');
    expect(verdictOf(story, { broken: ['bounded-delay'] })).toBe('holds');
  });
});

describe('S8 known-finals: released', () => {
  it('holds when nothing was sent, or everything was answered without effect', () => {
    expect(verdictOf(releases(claimed()))).toBe('holds');
    expect(verdictOf(releases(claimed(refused, refused)))).toBe('holds');
  });

  it.each([
    ['unknown', unknown],
    ['unanswered', unanswered],
    ['final', declined],
    ['successful', {}],
    ['an error that proves nothing', { reply: bad('weird') }],
  ])('breaks when an attempt was %s', (_, course) => {
    expect(verdictOf(releases(claimed(course, refused)))).toBe('breaks');
  });

  it('breaks when an attempt called without effect had been carried out', () => {
    expect(verdictOf(releases(claimed({ ...refused, effect: good(chargeResult()) })))).toBe('breaks');
  });

  it('counts the attempts of other owners as well', () => {
    const story = tale();
    story.request('b');
    story.claim('b');
    story.send('b', unanswered);
    story.request('a');
    story.claim('a', { token: 2 });
    expect(verdictOf(releases(story))).toBe('breaks');
  });

  it('leaves out what was sent before the operation moved to a new key, and no more', () => {
    const story = claimed(unknown);
    story.write('a', 'store.advance', { record: { generation: 1 } });
    story.send('a', { key: 'g1', ...refused });
    expect(verdictOf(releases(story))).toBe('holds');
    const again = claimed(unknown);
    again.write('a', 'store.advance', { record: { generation: 1 } });
    again.send('a', { key: 'g1', ...unknown });
    expect(verdictOf(releases(again))).toBe('breaks');
  });

  it('judges each epoch by its own attempts', () => {
    const inEpoch = (epoch: number, write: (story: Tale) => void): Tale => {
      const story = claimed(unknown);
      story.request('b');
      story.claim('b', { epoch, token: 2 });
      write(story);
      return story;
    };
    const clears = (epoch: number) =>
      inEpoch(epoch, (story) =>
        story.write('b', 'store.release', { record: { state: 'RELEASED', epoch, token: 2 } }),
      );
    const concludes = (epoch: number) =>
      inEpoch(epoch, (story) => {
        story.lookup('b', { kind: 'absent' });
        const failure = { failure: { code: 'not_charged' } };
        story.write('b', 'store.fail', { request: failure, record: { state: 'FAILED', epoch, token: 2 } });
      });
    for (const story of [clears, concludes]) {
      expect(verdictOf(story(1))).toBe('holds');
      expect(verdictOf(story(0))).toBe('breaks');
    }
  });

  it('leaves a record that several scopes share to S6', () => {
    const story = claimed(unknown);
    story.request('b', { scope: 'other', paymentToken: 'tok:other:k1' });
    story.claim('b', { token: 2 });
    releases(story);
    expect(knownFinals.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('does not judge a write that the store refused', () => {
    expect(knownFinals.check(releases(claimed(unknown), { written: false }).done())).toEqual({
      verdict: 'holds',
      judged: 0,
    });
  });
});

it('S8 known-finals promises nothing for a black box or without its assumptions', () => {
  const story = releases(claimed(unknown));
  expect(verdictOf(story, { trace: false })).toBe('not-promised');
  expect(verdictOf(story, { broken: ['single-delivery'] })).toBe('not-promised');
});
