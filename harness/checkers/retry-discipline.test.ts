// Convinces by pauses that are one millisecond short, and attempts that are one too many.

import { describe, expect, it } from 'vitest';
import type { Terms } from '../history/history.ts';
import { retryDiscipline } from './retry-discipline.ts';
import { type Course, type Tale, tale } from './testing.ts';
import { bad, good } from './testing-values.ts';

const retry = { maxAttempts: 3, delayMs: 500, backoff: 2, jitter: 'none', maxDelayMs: 800 } as const;
const refused: Course = { reply: bad('network_error', 'none') };

function attempts(pausesMs: readonly number[], course: Course = refused): Tale {
  const story = tale();
  story.request('a');
  story.claim('a');
  story.send('a', course);
  for (const pauseMs of pausesMs) {
    story.wait(pauseMs);
    story.send('a', course);
  }
  return story;
}

function check(story: Tale, over: Partial<NonNullable<Terms['retry']>> = {}) {
  return retryDiscipline.check(story.done({ retry: { ...retry, ...over } }));
}

function limited(retryAfter: string): Course {
  return { reply: bad('rate_limited', 'none', { retryAfter }) };
}

describe('S14 retry-discipline', () => {
  it('holds when every pause is as long as declared, the longest being capped', () => {
    expect(check(attempts([500, 800]))).toEqual({ verdict: 'holds', judged: 3 });
  });

  it('breaks when the first pause is too short', () => {
    expect(check(attempts([499]))).toEqual({
      verdict: 'breaks',
      because:
        'a sent key k1 of shop again, but it came 499 ms after the attempt before it, the delay is 500 ms',
      crossings: [2, 3],
    });
  });

  it('breaks when the pause does not grow', () => {
    expect(check(attempts([500, 799])).verdict).toBe('breaks');
  });

  it('breaks at one attempt too many', () => {
    expect(check(attempts([500, 800, 800]))).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('attempt 4 of one call, at most 3 are allowed'),
      crossings: [2, 3, 4, 5],
    });
  });

  it.each([
    ['a decline', { reply: bad('card_declined', 'final') }, 'answered finally (card_declined)'],
    ['a success', { reply: good({ id: 'ch_1' }) }, 'had succeeded'],
  ] as const)('breaks when an attempt follows %s', (_, course, because) => {
    expect(check(attempts([500], course))).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining(because),
    });
  });

  it('breaks when Retry-After is cut short', () => {
    expect(check(attempts([2000], limited('2'))).verdict).toBe('holds');
    expect(check(attempts([1999], limited('2')))).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('asked for 2000 ms (Retry-After)'),
    });
  });

  it.each(['soon', '-1', '1.5', 'Wed, 21 Oct 2026 07:28:00 GMT', ''])(
    'makes no demand of Retry-After: %j',
    (header) => {
      expect(check(attempts([500], limited(header))).verdict).toBe('holds');
    },
  );

  it('measures an attempt that was given up from its call', () => {
    expect(check(attempts([500], { reply: undefined })).verdict).toBe('holds');
    expect(check(attempts([499], { reply: undefined })).verdict).toBe('breaks');
  });

  it('begins anew with each claim and each generation', () => {
    for (const site of ['store.claim', 'store.advance'] as const) {
      const story = attempts([500, 800]);
      if (site === 'store.claim') story.claim('a', { token: 2 });
      else story.write('a', site, { record: { generation: 1 } });
      story.send('a', refused);
      expect(check(story)).toEqual({ verdict: 'holds', judged: 4 });
    }
  });

  describe('with jitter', () => {
    const slept = (ms: number, passedMs: number): Tale => {
      const story = attempts([]);
      const sleep = story.cross('a', 'clock.sleep', { ms });
      sleep({});
      story.wait(passedMs);
      story.send('a', refused);
      return story;
    };

    it('holds when the drawn delay has passed, however short', () => {
      expect(check(slept(3, 3), { jitter: 'full' }).verdict).toBe('holds');
      expect(check(attempts([0]), { jitter: 'full' }).verdict).toBe('holds');
    });

    it('breaks when it has not', () => {
      expect(check(slept(300, 299), { jitter: 'decorrelated' })).toMatchObject({
        verdict: 'breaks',
        because: expect.stringContaining('the drawn delay of 300 ms had not passed'),
      });
    });

    it('ignores sleeps that belong to other pauses', () => {
      const story = tale();
      story.request('a');
      story.cross('a', 'clock.sleep', { ms: 90_000 })({});
      story.claim('a');
      story.send('a', refused);
      story.send('a', refused);
      story.cross('a', 'clock.sleep', { ms: 90_000 })({});
      expect(check(story, { jitter: 'full' }).verdict).toBe('holds');
    });
  });

  it('judges nothing without a declared policy, and promises nothing for a black box', () => {
    const story = attempts([0, 0, 0, 0]);
    expect(retryDiscipline.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(retryDiscipline.check(story.done({ retry, trace: false })).verdict).toBe('not-promised');
  });
});
