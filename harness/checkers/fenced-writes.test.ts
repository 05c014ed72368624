// Convinces by one record that changes hands: each rule of the token is broken once by itself, and each way in which an
// owner may rightly come to its token is told once.

import { describe, expect, it } from 'vitest';
import type { IdempotencyRecord } from '../../src/idempotency/store.ts';
import { fencedWrites } from './fenced-writes.ts';
import { type Claiming, type Tale, tale } from './testing.ts';
import { bad, freshRecord, good } from './testing-values.ts';

const check = (story: Tale) => fencedWrites.check(story.done());
const second: Partial<IdempotencyRecord> = { token: 2, attemptId: 'attempt-2' };

/** `a` claims, and its lease of 90 s runs out. */
function abandoned(): Tale {
  const story = tale();
  story.claim('a');
  story.wait(90_000);
  return story;
}

/** A claim whose answer never came back. */
function unheard(story: Tale, actor: string, record: Partial<IdempotencyRecord> = {}): void {
  const after = { ...freshRecord, ...record };
  const asked = { ...after, leaseMs: 90_000 };
  const effect = good({ owned: true, record: after, nowMs: 0 });
  story.cross(actor, 'store.claim', asked)({ effect, reply: bad('store_unavailable', 'none') });
}

describe('S4 fenced-writes', () => {
  it('holds for an owner that renews, completes, and is asked again', () => {
    const story = tale();
    story.claim('a');
    story.write('a', 'store.renew', { request: { leaseMs: 90_000 } });
    story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
    story.claim('b', { state: 'COMPLETED' }, { owned: false });
    expect(check(story)).toEqual({ verdict: 'holds', judged: 3 });
  });

  describe('writes', () => {
    it('break under another token than the current one', () => {
      const story = abandoned();
      story.claim('b', second);
      story.write('a', 'store.complete', { record: { state: 'COMPLETED' }, request: { token: 1 } });
      expect(check(story)).toEqual({
        verdict: 'breaks',
        because: 'a carried out store.complete under token 1, although b held it under 2 (record shop/k1)',
        crossings: [1, 2],
      });
    });

    it('hold when the store refuses such a write', () => {
      const story = abandoned();
      story.claim('b', second);
      story.write('a', 'store.complete', { written: false, record: second, request: { token: 1 } });
      expect(check(story).verdict).toBe('holds');
    });

    it.each([
      'store.complete',
      'store.fail',
      'store.release',
      'store.suspend',
      'store.renew',
      'store.advance',
    ] as const)('break when %s is carried out for one to whom the token was not granted', (site) => {
      const story = tale();
      story.claim('a');
      story.claim('b', {}, { owned: false });
      story.write('b', site, { request: { leaseMs: 90_000 } });
      expect(check(story)).toMatchObject({
        verdict: 'breaks',
        because: `b carried out ${site} under token 1, which had been granted to a (record shop/k1)`,
      });
    });

    it('break when the writer had not heard yet that its claim was granted', () => {
      const story = tale();
      unheard(story, 'a');
      story.write('a', 'store.release', { record: { state: 'RELEASED' } });
      expect(check(story).verdict).toBe('breaks');
    });

    it('break when nobody had claimed the record', () => {
      const story = tale();
      story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
      expect(check(story)).toMatchObject({
        verdict: 'breaks',
        because: expect.stringContaining('although nobody had been granted the record'),
      });
    });

    it.each(['store.fail', 'store.release', 'store.renew'] as const)(
      'break when %s changes a final record',
      (site) => {
        const story = tale();
        story.claim('a');
        story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
        story.write('a', site, { request: { leaseMs: 90_000 } });
        expect(check(story)).toMatchObject({
          verdict: 'breaks',
          because: `a carried out ${site} under token 1, although a had made the record final (record shop/k1)`,
        });
      },
    );
  });

  describe('grants', () => {
    it('may take over at the very end of the lease, with a higher token', () => {
      const story = abandoned();
      story.claim('b', second);
      expect(check(story)).toEqual({ verdict: 'holds', judged: 2 });
    });

    it.each([1, 0])('break when a takeover is given token %i after 1', (token) => {
      const story = abandoned();
      story.claim('b', { ...second, token });
      expect(check(story)).toMatchObject({
        verdict: 'breaks',
        because: `b was granted token ${token} after a had been granted 1 (record shop/k1)`,
      });
    });

    it('break when a slot that was cleared or left undecided keeps its token', () => {
      for (const [site, state] of [
        ['store.release', 'RELEASED'],
        ['store.suspend', 'UNKNOWN'],
      ] as const) {
        const story = tale();
        story.claim('a');
        story.write('a', site, { record: { state } });
        story.claim('b', { attemptId: 'attempt-2' });
        expect(check(story).verdict).toBe('breaks');
      }
    });

    it('break when a takeover comes a millisecond before the end of the lease', () => {
      const story = tale();
      story.claim('a');
      story.wait(89_999);
      story.claim('b', second);
      expect(check(story)).toMatchObject({
        verdict: 'breaks',
        because:
          'b took over at 89999 ms what a had claimed, although that lease ran until 90000 ms (record shop/k1)',
        crossings: [0, 1],
      });
    });

    it('count the lease from the last renewal', () => {
      const takenOverAfter = (ms: number) => {
        const story = tale();
        story.claim('a');
        story.wait(45_000);
        story.write('a', 'store.renew', { request: { leaseMs: 90_000 } });
        story.wait(ms);
        story.claim('b', second);
        return check(story).verdict;
      };
      expect(takenOverAfter(89_999)).toBe('breaks');
      expect(takenOverAfter(90_000)).toBe('holds');
    });

    it('do not start the lease anew by repeating a claim', () => {
      const story = tale();
      unheard(story, 'a');
      story.wait(50_000);
      story.claim('a');
      story.wait(40_000);
      story.claim('b', second);
      expect(check(story).verdict).toBe('holds');
    });

    it('need not wait for the lease of what was left undecided or cleared', () => {
      for (const [site, state] of [
        ['store.release', 'RELEASED'],
        ['store.suspend', 'UNKNOWN'],
      ] as const) {
        const story = tale();
        story.claim('a');
        story.write('a', site, { record: { state } });
        story.claim('b', second);
        expect(check(story).verdict).toBe('holds');
      }
    });

    it('break when a final record is claimed anew before its time to live is over', () => {
      const claimedAfter = (ms: number) => {
        const story = tale();
        story.claim('a');
        story.wait(10);
        story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
        story.wait(ms);
        story.claim('b', second);
        return check(story);
      };
      expect(claimedAfter(86_400_000).verdict).toBe('holds');
      expect(claimedAfter(86_399_999)).toMatchObject({
        verdict: 'breaks',
        because: 'b claimed anew what a had made final 86399999 ms ago (record shop/k1)',
      });
    });

    it('keep the token of a claim that is repeated', () => {
      const repeated = (token: number) => {
        const story = tale();
        unheard(story, 'a');
        story.claim('a', { token });
        return check(story);
      };
      expect(repeated(1)).toEqual({ verdict: 'holds', judged: 2 });
      expect(repeated(2)).toMatchObject({
        verdict: 'breaks',
        because: 'a repeated its claim and was granted token 2, although it held 1 (record shop/k1)',
      });
    });

    it('may be recognised by reading the record, which bears the own attempt', () => {
      const recognised = (
        record: Partial<IdempotencyRecord>,
        { reader = 'a', site = 'store.read', heard = true } = {},
      ) => {
        const story = tale();
        unheard(story, 'a');
        const read = good({ ...freshRecord, ...record });
        const seen = heard ? { effect: read, reply: read } : { effect: read };
        story.cross(reader, site as 'store.read', 'shop/k1')(seen);
        story.write('a', 'store.release', { record: { state: 'RELEASED' } });
        return check(story).verdict;
      };
      expect(recognised({})).toBe('holds');
      expect(recognised({ attemptId: 'attempt-9' })).toBe('breaks');
      expect(recognised({ token: 2 })).toBe('breaks');
      expect(recognised({}, { reader: 'b' })).toBe('breaks');
      expect(recognised({}, { site: 'store.renew' })).toBe('breaks');
      expect(recognised({}, { heard: false })).toBe('breaks');
    });

    it('come to be known when they are answered, not when they are asked for', () => {
      const story = tale();
      const claim = story.claim('a');
      story.write('a', 'store.release', { record: { state: 'RELEASED' } });
      Object.assign(claim, { replied: story.now() });
      expect(check(story).verdict).toBe('breaks');
    });
  });

  it('keeps apart what happened to different records', () => {
    const story = tale();
    const other: [Partial<IdempotencyRecord>, Claiming] = [{ key: 'shop/k2', attemptId: 'attempt-2' }, {}];
    story.claim('a');
    story.claim('b', ...other);
    expect(check(story)).toEqual({ verdict: 'holds', judged: 2 });
  });

  it('promises nothing where acknowledged writes may be lost, or without a trace', () => {
    const story = tale();
    story.write('a', 'store.complete');
    expect(fencedWrites.check(story.done({ broken: ['durable-claims'] })).verdict).toBe('not-promised');
    expect(fencedWrites.check(story.done({ trace: false })).verdict).toBe('not-promised');
  });
});
