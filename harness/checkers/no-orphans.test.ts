// Convinces by the last state of one record, reached in different ways.

import { describe, expect, it } from 'vitest';
import { noOrphans } from './no-orphans.ts';
import { buys, type Tale, tale } from './testing.ts';
import { bad } from './testing-values.ts';

function settled(story: Tale): Tale {
  story.incident({ kind: 'settled' });
  return story;
}

describe('L2 no-orphans', () => {
  it('holds when every record has come to its end', () => {
    const story = tale();
    buys(story, 'a');
    expect(noOrphans.check(settled(story).done())).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('breaks when one is left in flight, and says who left it', () => {
    const story = tale();
    buys(story, 'a');
    story.request('b');
    story.claim('b', { key: 'shop/k2' });
    expect(noOrphans.check(settled(story).done())).toEqual({
      verdict: 'breaks',
      because:
        'the record shop/k2 is still in flight after everything had settled; b was the last to touch it (store.claim)',
      crossings: [5],
    });
  });

  it('is not misled by operations that failed or never arrived', () => {
    const story = tale();
    story.request('a');
    story.claim('a');
    story.write('a', 'store.complete', { effect: undefined, reply: bad('store_unavailable', 'none') });
    expect(noOrphans.check(settled(story).done())).toMatchObject({ verdict: 'breaks', crossings: [1] });
  });

  it('goes by the order in which the store acted, not by that of the calls', () => {
    const story = tale();
    story.request('a');
    const claim = story.claim('a');
    const write = story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
    const [claimed, written] = [claim.applied, write.applied];
    if (claimed !== undefined && written !== undefined) {
      claim.applied = written;
      write.applied = claimed;
    }
    expect(noOrphans.check(settled(story).done()).verdict).toBe('breaks');
  });

  it('does not let a target that sweeps leave a record to the clients, as one that cannot sweep must', () => {
    const story = tale();
    buys(story, 'a');
    story.claim('b', { key: 'shop/k2' });
    story.request('ask:1');
    story.write('ask:1', 'store.complete', { record: { key: 'shop/k2', state: 'COMPLETED' } });
    expect(noOrphans.check(settled(story).done()).verdict).toBe('breaks');
    expect(noOrphans.check(story.done({ recovers: false })).verdict).toBe('holds');
  });

  it('breaks when a claim is refused for the sake of a lease that has run out, and not a millisecond sooner', () => {
    const refusedAfter = (ms: number): string => {
      const story = tale();
      story.request('a');
      story.claim('a');
      story.wait(ms);
      story.claim('b', {}, { owned: false });
      story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
      return noOrphans.check(settled(story).done()).verdict;
    };
    expect(refusedAfter(89_999)).toBe('holds');
    expect(refusedAfter(90_000)).toBe('breaks');
  });

  it('counts it anew for a claim that was sent twice and arrived the second time after the release', () => {
    const story = tale();
    story.request('a');
    story.claim('a', { token: 1, attemptId: 'x' });
    story.write('a', 'store.release', { record: { state: 'RELEASED', attemptId: 'x' } });
    story.wait(50_000);
    story.claim('a', { token: 2, attemptId: 'x' });
    story.wait(89_999);
    story.claim('b', { token: 2, attemptId: 'x' }, { owned: false });
    story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
    expect(noOrphans.check(settled(story).done()).verdict).toBe('holds');
  });

  it('counts the lease from its last renewal', () => {
    const story = tale();
    story.request('a');
    story.claim('a');
    story.wait(50_000);
    story.write('a', 'store.renew', { request: { leaseMs: 90_000 } });
    story.wait(89_999);
    story.claim('b', {}, { owned: false });
    story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
    expect(noOrphans.check(settled(story).done()).verdict).toBe('holds');
    story.wait(1);
    story.claim('b', {}, { owned: false });
    expect(noOrphans.check(story.done()).verdict).toBe('breaks');
  });

  it('judges nothing before the world has settled, and promises nothing for a black box', () => {
    const story = tale();
    story.request('a');
    story.claim('a');
    expect(noOrphans.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(noOrphans.check(settled(story).done({ trace: false })).verdict).toBe('not-promised');
  });
});
