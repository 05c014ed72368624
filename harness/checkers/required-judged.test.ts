// Convinces by the invariants that the numbers are asked for, and by targets that lack what an invariant is about. That
// the numbers are within reach is shown by the campaigns in properties/.

import { describe, expect, it } from 'vitest';
import { checkers } from './catalogue.ts';
import type { InvariantId } from './checker.ts';
import { declaresAll } from './declared.ts';
import { focuses, type Suite, sharesOfAll } from './focus.ts';
import { requiredJudged } from './required-judged.ts';
import { ofOrders } from './testing-invariants.ts';

describe('how often an invariant must be judged', () => {
  const needed = (id: InvariantId, suite: Suite): number =>
    requiredJudged(id, { suite, runs: 10_000, notPromised: 0 });

  it('in a campaign about one part follows what that is about', () => {
    const about: readonly (readonly [Suite, InvariantId])[] = [
      ['saga', 'S9'],
      ['webhooks', 'W3'],
      ['refunds', 'S3'],
      ['reconciliation', 'S23'],
      ['redaction', 'S21'],
      ['fraud', 'S24'],
      ['saga', 'S7'],
      ['redaction', 'S20'],
    ];
    for (const [suite, id] of about) expect([suite, needed(id, suite) > 100]).toEqual([suite, true]);
    expect(needed('W3', 'saga')).toBe(0);
  });

  it('in one about everything is the shares of all parts together', () => {
    for (const { id } of checkers) {
      const shares = focuses.map((focus) => (needed(id, focus) * sharesOfAll[focus]) / 100);
      const sum = shares.reduce((one, other) => one + other);
      expect(Math.abs(needed(id, 'all') - sum)).toBeLessThanOrEqual(1);
      expect(needed(id, 'all')).toBeGreaterThan(0);
    }
  });
});

describe.each(['charge', 'checkout'] as const)(
  'how often an invariant must be judged in a suite of %ss',
  (suite) => {
    const foreign = suite === 'charge' ? ofOrders : [];
    const ids = checkers.map(({ id }) => id);
    const spared = (target: Partial<typeof declaresAll>) =>
      ids.filter(
        (id) =>
          !foreign.includes(id) &&
          requiredJudged(id, {
            suite,
            runs: 1_000,
            notPromised: 0,
            target: { ...declaresAll, ...target },
          }) === 0,
      );

    it('grows with the cases that promised it, for every invariant that the suite is about', () => {
      for (const id of ids) {
        const few = requiredJudged(id, { suite, runs: 1_000, notPromised: 0 });
        if (foreign.includes(id)) expect([id, few]).toEqual([id, 0]);
        else expect(few).toBeGreaterThan(1);
        expect(requiredJudged(id, { suite, runs: 10_000, notPromised: 0 })).toBe(few * 10);
        expect(requiredJudged(id, { suite, runs: 10_000, notPromised: 9_000 })).toBe(few);
      }
    });

    it('is once at least, even where nothing promised it', () => {
      expect(requiredJudged('S16', { suite, runs: 1, notPromised: 0 })).toBe(1);
      expect(requiredJudged('S1', { suite, runs: 1_000, notPromised: 1_000 })).toBe(1);
    });

    it('is never where the target does not declare what it is about', () => {
      const of = (...wanted: readonly string[]) => wanted.filter((id) => !foreign.includes(id));
      expect(spared({})).toEqual([]);
      expect(spared({ retries: false })).toEqual(of('S14'));
      expect(spared({ limiter: false })).toEqual(of('S15'));
      expect(spared({ breaker: false })).toEqual(of('S16'));
      expect(spared({ audits: false })).toEqual(of('S20'));
      expect(spared({ orders: false })).toEqual(of(...ofOrders));
      expect(spared({ breaker: false, limiter: false })).toEqual(of('S15', 'S16', 'L4'));
    });
  },
);
