// Convinces by a log that is complete, and by the same log with each kind of record missing, written twice, or written
// without anything behind it; then by the ways in which a call can end that leave a record, leave none, or may.

import { describe, expect, it } from 'vitest';
import type { Answer } from '../history/history.ts';
import { auditComplete } from './audit-complete.ts';
import { type Course, type Tale, tale } from './testing.ts';
import { bad, good, okAnswer, toldAnswer } from './testing-values.ts';

const audits = { audits: true } as const;
const check = (story: Tale) => auditComplete.check(story.done(audits));
const timedOut: Course = { effect: undefined, reply: undefined };
const named = { idempotencyKey: 'shop/k1/charge/0.0' } as const;
const record = (audit: string, code: string) => ({ audit, operation: 'charge', code, ...named });

/** `a` claims, sends as told, and goes on to its final write and its answer. */
function attempts(courses: readonly Course[], records: readonly (readonly [string, string])[]): Tale {
  const story = tale();
  const request = story.request('a');
  story.claim('a');
  for (const course of courses) story.send('a', course);
  for (const [audit, code] of records) story.logs('a', record(audit, code));
  story.write('a', 'store.suspend', { record: { state: 'UNKNOWN' } });
  story.answer(request, toldAnswer('unknown', 'gateway_timeout'));
  return story;
}

/** `a` is refused its claim and told `answer`. */
function refused(answer: Answer, records: readonly (readonly [string, string])[]): Tale {
  const story = tale();
  const request = story.request('a');
  story.claim('a', { state: 'COMPLETED' }, { owned: false });
  for (const [audit, code] of records) story.logs('a', record(audit, code));
  story.answer(request, answer);
  return story;
}

describe('S20 audit-complete: attempts', () => {
  const three: readonly Course[] = [{}, { reply: bad('gateway_error', 'unknown') }, timedOut];
  const complete = [
    ['attempt', 'ok'],
    ['attempt', 'gateway_error'],
    ['attempt', 'gateway_timeout'],
  ] as const;

  it('hold when each has its record', () => {
    expect(check(attempts(three, complete))).toEqual({ verdict: 'holds', judged: 3 });
  });

  it.each([
    [0, 'the attempt sent at 0 ms and answered ok (a)'],
    [1, 'the attempt sent at 0 ms and answered gateway_error (a)'],
    [2, 'the attempt sent at 0 ms and given up (a)'],
  ])('break when record %i is missing', (index, words) => {
    expect(check(attempts(three, complete.toSpliced(index, 1)))).toEqual({
      verdict: 'breaks',
      because: `the audit log has no record of ${words}`,
      crossings: [2 + index],
    });
  });

  it.each([0, 1, 2])('break when record %i is written twice', (index) => {
    const twice = complete.flatMap((one, place) => (place === index ? [one, one] : [one]));
    expect(check(attempts(three, twice))).toMatchObject({
      verdict: 'breaks',
      because: expect.stringMatching(/^the audit log has a record of a at 0 ms \(attempt, \w+\) /),
    });
  });

  it('break when a record says something else than the gateway', () => {
    expect(check(attempts([{ reply: bad('gateway_error', 'unknown') }], [['attempt', 'ok']])).verdict).toBe(
      'breaks',
    );
  });

  it('need not bear the code of a failure that came by HTTP, but must not call it a success', () => {
    const busy = { reply: bad('gateway_busy', 'unknown') };
    const read = (code: string, tier: 'sim' | 'msw') =>
      auditComplete.check(attempts([busy], [['attempt', code]]).done({ ...audits, tier })).verdict;
    expect([read('gateway_error', 'msw'), read('gateway_error', 'sim')]).toEqual(['holds', 'breaks']);
    expect(read('ok', 'msw')).toBe('breaks');
  });

  it('break when several attempts have one record', () => {
    const retried = attempts([timedOut, {}], [['attempt', 'ok']]);
    expect(check(retried).verdict).toBe('breaks');
  });

  it('break when nobody wrote anything on behalf of a sweep', () => {
    const story = tale();
    story.claim('sweep:1');
    story.send('sweep:1');
    expect(check(story)).toMatchObject({ because: expect.stringContaining('answered ok (sweep:1)') });
  });

  it('may have a record or not while nobody knows whether they are over', () => {
    for (const records of [0, 1, 2]) {
      const story = tale();
      story.request('a');
      story.claim('a');
      story.send('a', timedOut);
      story.write('a', 'store.renew', { request: { leaseMs: 90_000 } });
      for (let count = 0; count < records; count += 1) story.logs('a', record('attempt', 'gateway_timeout'));
      const verdict = check(story);
      if (records < 2) expect(verdict).toEqual({ verdict: 'holds', judged: records });
      else expect(verdict.verdict).toBe('breaks');
    }
  });

  it('are over when their actor goes on, and were no success then', () => {
    const gaveUp = (code: string | undefined) => {
      const story = tale();
      story.claim('sweep:1');
      story.send('sweep:1', timedOut);
      if (code !== undefined) story.logs('sweep:1', record('attempt', code));
      story.write('sweep:1', 'store.suspend', { record: { state: 'UNKNOWN' } });
      return check(story).verdict;
    };
    expect(gaveUp('gateway_timeout')).toBe('holds');
    expect(gaveUp('ok')).toBe('breaks');
    expect(gaveUp(undefined)).toBe('breaks');
  });

  it('may lack one record where the process died, and no more', () => {
    const died = (process: string, count: number, crashes: number) => {
      const story = tale();
      for (let sent = 0; sent < count; sent += 1)
        story.send('a', { reply: bad('gateway_error', 'unknown'), process: 'p0', incarnation: 2 });
      for (let crash = 0; crash < crashes; crash += 1) story.incident({ kind: 'crashed', process });
      return check(story).verdict;
    };
    expect(died('p0', 1, 2)).toBe('holds');
    expect(died('p0', 2, 2)).toBe('breaks');
    expect(died('p0', 1, 1)).toBe('breaks');
    expect(died('p1', 1, 2)).toBe('breaks');
  });
});

describe('S20 audit-complete: decisions', () => {
  const cases: [string, Answer, readonly [string, string]][] = [
    ['replayed success', okAnswer('ch_1', { replayed: true }), ['replay', 'ok']],
    ['replayed failure', toldAnswer('failed', 'card_declined', true), ['replay', 'card_declined']],
    ['conflict', toldAnswer('rejected', 'idempotency_conflict'), ['conflict', 'idempotency_conflict']],
    [
      'request in progress',
      toldAnswer('rejected', 'idempotency_in_progress'),
      ['rejected', 'idempotency_in_progress'],
    ],
    ['store out of reach', toldAnswer('rejected', 'store_unavailable'), ['rejected', 'store_unavailable']],
  ];

  it.each(cases)('of a %s have exactly one record', (_, answer, one) => {
    expect(check(refused(answer, [one]))).toEqual({ verdict: 'holds', judged: 1 });
    expect(check(refused(answer, []))).toMatchObject({
      because: expect.stringContaining('has no record of the'),
    });
    expect(check(refused(answer, [one, one]))).toMatchObject({
      because: expect.stringContaining('more than the 1 that there should be'),
    });
    expect(check(refused(answer, [['attempt', one[1]]])).verdict).toBe('breaks');
  });

  it('that nobody made must not be recorded', () => {
    for (const [, , one] of cases)
      expect(check(attempts([{}], [['attempt', 'ok'], one])).verdict).toBe('breaks');
  });

  it('may be more than the client was told where a layer further out asked again', () => {
    const asked = (attemptId: string) => {
      const story = tale();
      const request = story.request('a');
      story.claim('a', {}, { owned: false });
      story.claim('a', { state: 'COMPLETED', attemptId }, { owned: false });
      story.logs('a', record('rejected', 'idempotency_in_progress'));
      story.logs('a', record('replay', 'ok'));
      story.answer(request, okAnswer('ch_1', { replayed: true }));
      return check(story).verdict;
    };
    expect(asked('attempt-2')).toBe('holds');
    // One call that polls decides once.
    expect(asked('attempt-1')).toBe('breaks');
  });

  it('may be unknown to a client that a time-out further out had answered', () => {
    expect(check(refused(toldAnswer('unknown', 'gateway_timeout'), [['replay', 'ok']])).verdict).toBe(
      'holds',
    );
  });

  it('may come after that, and an attempt too that was never sent', () => {
    const left = (code: string) => {
      const story = tale();
      const request = story.request('a');
      story.answer(request, toldAnswer('unknown', code));
      story.claim('a');
      story.logs('a', record('attempt', 'gateway_timeout'));
      story.write('a', 'store.complete', { written: false });
      story.logs('a', record('replay', 'ok'));
      return check(story).verdict;
    };
    expect(left('gateway_timeout')).toBe('holds');
    expect(left('outcome_unknown')).toBe('breaks');
  });

  it('are recorded for those who asked only, so a sweep has none', () => {
    const story = tale();
    story.claim('sweep:1', { state: 'COMPLETED' }, { owned: false });
    story.logs('sweep:1', record('replay', 'ok'));
    expect(check(story)).toMatchObject({
      because: 'the audit log has a record of sweep:1 at 0 ms (replay, ok) that nothing stands behind',
    });
  });
});

describe('S20 audit-complete: guards and fences', () => {
  it.each([
    ['circuit-breaker', 'circuit_open', 'the call that the breaker refused at 0 ms'],
    ['rate-limit', 'rate_limited', 'the call that the limiter refused at 0 ms'],
  ] as const)('a refusal by the %s has exactly one record', (guard, code, words) => {
    const written = (count: number) => {
      const story = tale();
      story.refused('a', guard);
      for (let place = 0; place < count; place += 1) story.logs('a', record('rejected', code));
      return check(story);
    };
    expect(written(1)).toEqual({ verdict: 'holds', judged: 1 });
    expect(written(0)).toMatchObject({ because: `the audit log has no record of ${words} (a)` });
    expect(written(2).verdict).toBe('breaks');
  });

  it('a wait that a time-out ended may leave an attempt as well, a refusal at once may not', () => {
    const waited = (ms: number, both = true) => {
      const story = tale();
      const passage = story.refused('a', 'rate-limit');
      const { answered } = passage;
      passage.answered = { atMs: ms, order: answered?.order ?? 0 };
      story.logs('a', record('rejected', 'rate_limited'));
      if (both) story.logs('a', record('attempt', 'gateway_timeout'));
      return check(story).verdict;
    };
    expect(waited(8000)).toBe('holds');
    expect(waited(8000, false)).toBe('holds');
    expect(waited(0)).toBe('breaks');
  });

  it('a send that the fence stopped has exactly one record', () => {
    const fenced = (count: number, waitMs: number) => {
      const story = tale();
      story.claim('a');
      story.wait(waitMs);
      story.settles(story.passes('a', 'circuit-breaker'), bad('lease_lost', 'none', { local: true }));
      story.settles(story.passes('a', 'rate-limit'), bad('lease_lost', 'none', { local: true }));
      for (let place = 0; place < count; place += 1) story.logs('a', record('rejected', 'lease_lost'));
      return check(story);
    };
    expect(fenced(1, 90_000)).toEqual({ verdict: 'holds', judged: 1 });
    expect(fenced(0, 90_000)).toMatchObject({
      because: 'the audit log has no record of the send that the fence stopped (a)',
    });
    expect(fenced(2, 90_000).verdict).toBe('breaks');
  });

  it('a fence whose refusal nobody saw needs a lease that had run out', () => {
    const unseen = (waitMs: number, code: string) => {
      const story = tale();
      story.claim('a');
      story.wait(waitMs);
      story.refused('a', 'circuit-breaker');
      story.logs('a', record('rejected', 'circuit_open'));
      if (code !== 'circuit_open') story.logs('a', record('rejected', code));
      return check(story).verdict;
    };
    expect(unseen(90_000, 'lease_lost')).toBe('holds');
    expect(unseen(90_000, 'circuit_open')).toBe('holds');
    expect(unseen(89_999, 'lease_lost')).toBe('breaks');
  });
});

describe('S20 audit-complete: what it looks at', () => {
  it('pays no heed to other records', () => {
    const story = tale();
    story.logs('a', { message: 'started', code: 'ok' });
    expect(check(story)).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('judges nothing without an audit log, and promises nothing without a trace', () => {
    const story = attempts([{}], []);
    expect(auditComplete.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(auditComplete.check(story.done({ ...audits, trace: false })).verdict).toBe('not-promised');
  });

  it('does not ask for records of what never reached the idempotent layer', () => {
    const story = tale();
    story.answer(story.request('a'), toldAnswer('rejected', 'validation_error'));
    const elsewhere = tale();
    elsewhere.cross('a', 'clock.sleep', { ms: 5 })({ effect: good(null), reply: good(null) });
    for (const one of [story, elsewhere]) expect(check(one)).toEqual({ verdict: 'holds', judged: 0 });
  });
});
