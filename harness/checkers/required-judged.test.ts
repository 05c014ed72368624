// Convinces by the invariants that the numbers are asked for, and by targets that lack what an invariant is about. That
// the numbers are within reach is shown by the campaigns in properties/.

import { describe, expect, it } from 'vitest';
import { checkers } from './catalogue.ts';
import { declaresAll } from './declared.ts';
import { requiredJudged } from './required-judged.ts';

describe('how often an invariant must be judged', () => {
  it('grows with the cases that promised it, for every invariant', () => {
    for (const { id } of checkers) {
      const few = requiredJudged(id, { runs: 1_000, notPromised: 0 });
      expect(few).toBeGreaterThan(1);
      expect(requiredJudged(id, { runs: 10_000, notPromised: 0 })).toBe(few * 10);
      expect(requiredJudged(id, { runs: 10_000, notPromised: 9_000 })).toBe(few);
    }
  });

  it('is once at least, even where nothing promised it', () => {
    expect(requiredJudged('S16', { runs: 1, notPromised: 0 })).toBe(1);
    expect(requiredJudged('S1', { runs: 1_000, notPromised: 1_000 })).toBe(1);
  });

  it('is never where the target does not declare what it is about', () => {
    const spared = (target: Partial<typeof declaresAll>) =>
      checkers
        .map(({ id }) => id)
        .filter(
          (id) =>
            requiredJudged(id, { runs: 1_000, notPromised: 0, target: { ...declaresAll, ...target } }) === 0,
        );
    expect(spared({})).toEqual([]);
    expect(spared({ retries: false })).toEqual(['S14']);
    expect(spared({ limiter: false })).toEqual(['S15']);
    expect(spared({ breaker: false })).toEqual(['S16']);
    expect(spared({ audits: false })).toEqual(['S20']);
    expect(spared({ orders: false })).toEqual([
      'S3',
      'S9',
      'S10',
      'S11',
      'S12',
      'S21',
      'S22',
      'S23',
      'S24',
      'W1',
      'W2',
      'W3',
      'W4',
      'L3',
      'L5',
    ]);
    expect(spared({ breaker: false, limiter: false })).toEqual(['S15', 'S16', 'L4']);
  });
});
