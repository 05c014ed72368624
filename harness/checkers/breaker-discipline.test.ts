// Convinces by a breaker that two failures open for a second: each decision that it can get wrong is got wrong once, a
// millisecond to either side where time decides, beside the same story told right.

import { describe, expect, it } from 'vitest';
import type { BreakerTerms, Outcome } from '../history/history.ts';
import { breakerDiscipline } from './breaker-discipline.ts';
import { tale } from './testing.ts';
import {
  checkBreaker as check,
  fails,
  guard,
  openedBreaker as opened,
  breakerTerms as terms,
  timedOut,
} from './testing-breaker.ts';
import { bad, good } from './testing-values.ts';

describe('S16 breaker-discipline: closed', () => {
  it('holds while calls pass, and judges what comes after a failure', () => {
    const story = tale();
    story.settles(story.passes('a', guard));
    fails(story, 'b');
    story.settles(story.passes('c', guard));
    expect(check(story)).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('breaks when a call is refused', () => {
    const story = tale();
    fails(story, 'a');
    story.refused('b', guard);
    expect(check(story)).toMatchObject({
      verdict: 'breaks',
      because:
        'the breaker of p0 refused the call of b at 0 ms, although it was closed with 1 of 2 failures in the last 500 ms',
    });
  });

  it('opens with the last failure and not one later', () => {
    const story = opened();
    story.settles(story.passes('c', guard));
    expect(check(story)).toMatchObject({
      verdict: 'breaks',
      because:
        'the breaker of p0 let through the call of c at 0 ms, although it was open since 0 ms and until 1000 ms',
    });
  });

  it('opens too late if even what fails next is let through', () => {
    const story = opened();
    fails(story, 'c');
    expect(check(story).verdict).toBe('breaks');
  });

  it('counts a failure for as long as the window, by when it settled', () => {
    const afterWait = (ms: number) => {
      const story = tale();
      const slow = story.passes('a', guard);
      story.wait(400);
      story.settles(slow, timedOut);
      story.wait(ms);
      fails(story, 'b');
      story.refused('c', guard);
      return check(story).verdict;
    };
    expect(afterWait(499)).toBe('holds');
    expect(afterWait(500)).toBe('breaks');
  });

  it('erases nothing by a success', () => {
    const story = tale();
    fails(story, 'a');
    story.settles(story.passes('b', guard));
    fails(story, 'c');
    story.refused('d', guard);
    expect(check(story).verdict).toBe('holds');
  });

  it.each<[string, Outcome, boolean]>([
    ['a time-out', timedOut, true],
    ['a network error', bad('network_error', 'none'), true],
    ['a server error', bad('gateway_error', 'unknown'), true],
    ['what is no payment error', bad('error'), true],
    ['a decline', bad('card_declined', 'final'), false],
    ['a 429 of the gateway', bad('rate_limited', 'none'), false],
    ['a 409', bad('gateway_busy', 'unknown'), false],
    ['a demand for authentication', bad('authentication_required', 'final'), false],
    ['a refusal of our own limiter', bad('rate_limited', 'none', { local: true }), false],
    ['bad input', bad('validation_error', 'none'), false],
  ])('counts %s as it should', (_, result, counts) => {
    const decided = (refused: boolean) => {
      const story = tale();
      fails(story, 'a', result);
      fails(story, 'b', result);
      if (refused) story.refused('c', guard);
      else story.passes('c', guard);
      return check(story).verdict;
    };
    expect([decided(true), decided(false)]).toEqual(counts ? ['holds', 'breaks'] : ['breaks', 'holds']);
  });

  it('counts slow calls where it is told to, whatever they came to', () => {
    for (const result of [good(null), bad('card_declined', 'final')]) {
      const afterCalls = (ms: number, more: Partial<BreakerTerms>) => {
        const story = tale();
        story.wait(300);
        for (const actor of ['a', 'b']) {
          const passage = story.passes(actor, guard);
          story.wait(ms);
          story.settles(passage, result);
        }
        story.refused('c', guard);
        return check(story, more).verdict;
      };
      expect(afterCalls(200, { slowCallMs: 200 })).toBe('holds');
      expect(afterCalls(199, { slowCallMs: 200 })).toBe('breaks');
      expect(afterCalls(200, {})).toBe('breaks');
    }
  });
});

describe('S16 breaker-discipline: open', () => {
  it('refuses until the recovery time is over, and no longer', () => {
    const refusedAfter = (ms: number) => {
      const story = opened();
      story.wait(ms);
      story.refused('c', guard);
      return check(story);
    };
    expect(refusedAfter(999)).toEqual({ verdict: 'holds', judged: 2 });
    expect(refusedAfter(1000)).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('refused the call of c at 1000 ms, although it was open since 0 ms'),
    });
  });

  it('is not kept open by results that come meanwhile', () => {
    const story = tale();
    const late = story.passes('late', guard);
    fails(story, 'a');
    fails(story, 'b');
    story.wait(900);
    story.settles(late, timedOut);
    story.wait(100);
    story.refused('c', guard);
    expect(check(story).verdict).toBe('breaks');
  });

  it('breaks when a charge is sent past it', () => {
    const story = opened();
    story.send('sweep:1');
    expect(check(story)).toMatchObject({
      verdict: 'breaks',
      because:
        'sweep:1 sent a charge at 0 ms past the breaker of p0, which was open since 0 ms and until 1000 ms',
      crossings: [0],
    });
  });

  it('is not passed by passing the limiter, or by being let through too late', () => {
    const story = opened();
    story.passes('sweep:1', 'rate-limit');
    story.send('sweep:1');
    expect(check(story).verdict).toBe('breaks');
    const early = opened();
    early.send('c');
    early.wait(1000);
    early.passes('c', guard);
    expect(check(early).verdict).toBe('breaks');
  });

  it('has nothing against sends of a call that it had let through, or that come when it may recover', () => {
    const story = tale();
    const long = story.passes('c', guard);
    fails(story, 'a');
    fails(story, 'b');
    story.send('c');
    story.settles(long);
    story.wait(1000);
    story.send('sweep:1');
    expect(check(story).verdict).toBe('holds');
  });

  it('breaks when one that it had let through sends again after it was answered', () => {
    const story = tale();
    const long = story.passes('c', guard);
    fails(story, 'a');
    fails(story, 'b');
    story.settles(long);
    story.send('c');
    expect(check(story).verdict).toBe('breaks');
  });
});

describe('S16 breaker-discipline: what it looks at', () => {
  it('gives each process, and each life of one, a breaker of its own', () => {
    const story = opened();
    for (const life of [{ process: 'p1' }, { incarnation: 2 }]) {
      story.settles(story.passes('b', guard, life), timedOut);
      story.settles(story.passes('d', guard, life));
    }
    expect(check(story).verdict).toBe('holds');
  });

  it('leaves undecided what the process did not live to decide', () => {
    const story = opened();
    const passage = story.passes('c', guard);
    delete passage.admitted;
    expect(check(story).verdict).toBe('holds');
  });

  it('shows the sends that opened the breaker, and no others', () => {
    const story = tale();
    for (const actor of ['a', 'b']) {
      story.send(actor);
      const passage = story.passes(actor, guard);
      story.send(actor, { reply: timedOut });
      story.settles(passage, timedOut);
      if (actor === 'a') story.send(actor);
    }
    story.request('c');
    story.passes('c', guard);
    expect(check(story)).toMatchObject({ verdict: 'breaks', crossings: [1, 4, 5] });
  });

  it('pays no heed to the limiter, judges nothing without a breaker, promises nothing without a trace', () => {
    const story = opened();
    story.passes('c', 'rate-limit');
    expect(check(story).verdict).toBe('holds');
    story.passes('c', guard);
    expect(breakerDiscipline.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(breakerDiscipline.check(story.done({ breaker: terms, trace: false })).verdict).toBe(
      'not-promised',
    );
  });
});
