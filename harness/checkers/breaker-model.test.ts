// Convinces by a breaker that is due to recover: each decision about its probes is got wrong once, a millisecond to
// either side where time decides, beside the same story told right.

import { describe, expect, it } from 'vitest';
import { type Tale, tale } from './testing.ts';
import { checkBreaker as check, fails, guard, openedBreaker, timedOut } from './testing-breaker.ts';
import { bad } from './testing-values.ts';

/** A breaker whose recovery time is over. */
function recovered(): Tale {
  const story = openedBreaker();
  story.wait(1000);
  return story;
}

describe('S16 breaker-discipline: half-open', () => {
  it('lets through no more probes than declared', () => {
    const second = (refused: boolean, halfOpenProbes: number) => {
      const story = recovered();
      story.passes('c', guard);
      if (refused) story.refused('d', guard);
      else story.passes('d', guard);
      return check(story, { halfOpenProbes }).verdict;
    };
    expect(second(true, 1)).toBe('holds');
    expect(second(false, 1)).toBe('breaks');
    expect(second(true, 2)).toBe('breaks');
    expect(second(false, 2)).toBe('holds');
  });

  it('says how many probes there were', () => {
    const story = recovered();
    story.passes('c', guard);
    story.passes('d', guard);
    expect(check(story)).toMatchObject({
      because: expect.stringContaining(
        'although it was half-open since 1000 ms with 1 of 1 probes let through',
      ),
    });
  });

  it('closes when as many probes have succeeded, and forgets earlier failures', () => {
    const story = recovered();
    story.settles(story.passes('c', guard));
    fails(story, 'd');
    story.settles(story.passes('e', guard));
    expect(check(story).verdict).toBe('holds');
    const unproven = recovered();
    unproven.settles(unproven.passes('c', guard));
    unproven.settles(unproven.passes('d', guard));
    unproven.passes('e', guard);
    unproven.passes('f', guard);
    unproven.passes('g', guard);
    expect(check(unproven, { halfOpenProbes: 3 }).verdict).toBe('breaks');
  });

  it('opens again from the instant at which a probe fails', () => {
    const refusedAfter = (ms: number) => {
      const story = recovered();
      const probe = story.passes('c', guard);
      story.wait(100);
      story.settles(probe, timedOut);
      story.wait(ms);
      story.refused('d', guard);
      return check(story).verdict;
    };
    expect(refusedAfter(999)).toBe('holds');
    expect(refusedAfter(1000)).toBe('breaks');
  });

  it.each([
    ['a refusal of our own limiter', bad('rate_limited', 'none', { local: true })],
    ['bad input', bad('validation_error', 'none')],
  ])('gives the place of a probe back that says nothing, and takes %s for no success', (_, result) => {
    const story = recovered();
    fails(story, 'c', result);
    const probe = story.passes('d', guard);
    story.refused('e', guard);
    story.settles(probe);
    expect(check(story).verdict).toBe('holds');
  });

  it('takes a result that comes as late as that for none', () => {
    const settledAfter = (ms: number) => {
      const story = recovered();
      const probe = story.passes('c', guard);
      story.wait(ms);
      story.settles(probe);
      story.passes('d', guard);
      return check(story).verdict;
    };
    expect(settledAfter(999)).toBe('holds');
    expect(settledAfter(1000)).toBe('breaks');
  });

  it('is not opened again by a failure from before', () => {
    const story = tale();
    const late = story.passes('late', guard);
    fails(story, 'a');
    fails(story, 'b');
    story.wait(1000);
    const probe = story.passes('c', guard);
    story.settles(late, timedOut);
    story.settles(probe);
    story.settles(story.passes('d', guard));
    expect(check(story)).toEqual({ verdict: 'holds', judged: 2 });
  });

  it('takes a probe without a result for failed when the recovery time has passed', () => {
    const decidedAfter = (ms: number, refused: boolean) => {
      const story = recovered();
      story.passes('c', guard);
      story.wait(ms);
      if (refused) story.refused('d', guard);
      else story.passes('d', guard);
      return check(story).verdict;
    };
    // Failed after a second, so it may be tried again after two.
    expect(decidedAfter(1999, true)).toBe('holds');
    expect(decidedAfter(1999, false)).toBe('breaks');
    expect(decidedAfter(2000, false)).toBe('holds');
    expect(decidedAfter(2000, true)).toBe('breaks');
  });

  it('ignores results of calls that were let through before it changed', () => {
    const story = tale();
    const late = story.passes('late', guard);
    fails(story, 'a');
    fails(story, 'b');
    story.wait(1000);
    story.passes('probe', guard);
    story.settles(late);
    story.refused('c', guard);
    expect(check(story).verdict).toBe('holds');
    story.passes('d', guard);
    expect(check(story).verdict).toBe('breaks');
  });
});
