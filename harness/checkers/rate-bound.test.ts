// Convinces by sends that are one millisecond too close, in every guise in which one too many can come: a repeated
// attempt, a sweep, a burst at the border of two windows.

import { describe, expect, it } from 'vitest';
import { rateBound } from './rate-bound.ts';
import { type Tale, tale } from './testing.ts';

const limit = { maxCalls: 2, periodMs: 1000, mode: 'reject' } as const;

/** Sends at the given virtual milliseconds, by actors of one process. */
function sendsAt(times: readonly number[], actors: readonly string[] = ['a']): Tale {
  const story = tale();
  let atMs = 0;
  times.forEach((time, index) => {
    story.wait(time - atMs);
    atMs = time;
    story.send(actors[index % actors.length] ?? 'a');
  });
  return story;
}

describe('S15 rate-bound', () => {
  it('holds when the third send comes a whole period after the first', () => {
    expect(rateBound.check(sendsAt([0, 500, 1000]).done({ limit }))).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('breaks when it comes a millisecond sooner, and shows what stood in the window', () => {
    expect(rateBound.check(sendsAt([0, 500, 999]).done({ limit }))).toEqual({
      verdict: 'breaks',
      because: 'p0 sent 3 charges within 999 ms, from a to a; its limiter allows 2 in 1000 ms',
      crossings: [0, 1, 2],
    });
  });

  it('counts across the border of any fixed window', () => {
    expect(rateBound.check(sendsAt([900, 1000, 1100]).done({ limit })).verdict).toBe('breaks');
  });

  it('counts the sweep and other requests of the process with it', () => {
    expect(rateBound.check(sendsAt([0, 10, 20], ['a', 'b', 'sweep:1']).done({ limit }))).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('from a to sweep:1'),
    });
  });

  it('leaves each process, and each life of one, its own limit', () => {
    const story = tale();
    for (const process of ['p0', 'p1'])
      for (const incarnation of [1, 2])
        for (let count = 0; count < 2; count += 1)
          story.send(`${process} ${incarnation}`, { process, incarnation });
    expect(rateBound.check(story.done({ limit }))).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('breaks when a call is refused a whole period after the last, and holds a millisecond before', () => {
    const refusedAt = (atMs: number, mode: 'reject' | 'wait' = 'reject'): string => {
      const story = tale();
      for (let count = 0; count < 2; count += 1) story.settles(story.passes('a', 'rate-limit'));
      story.wait(atMs);
      story.refused('b', 'rate-limit');
      return rateBound.check(story.done({ limit: { ...limit, mode } })).verdict;
    };
    expect([refusedAt(999), refusedAt(1000)]).toEqual(['holds', 'breaks']);
    expect(refusedAt(1000, 'wait')).toBe('holds');
  });

  it('judges nothing without a limiter, and promises nothing without a trace', () => {
    const burst = sendsAt([0, 0, 0]);
    expect(rateBound.check(burst.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(rateBound.check(burst.done({ limit, trace: false })).verdict).toBe('not-promised');
  });
});
