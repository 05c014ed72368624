// Convinces by the list itself, and by a correct history that none of the checkers may object to.

import { describe, expect, it } from 'vitest';
import { checkerById, checkers } from './catalogue.ts';
import { asks, buys, tale } from './testing.ts';
import { okAnswer } from './testing-values.ts';

describe('the catalogue of checkers', () => {
  it('lists each invariant once, in the order of the catalogue', () => {
    const ids = checkers.map(({ id }) => id);
    expect(ids).toEqual(['S1', 'S2', 'S6', 'S7', 'S8', 'S13', 'S14', 'S17', 'S18', 'S19', 'L1', 'L2']);
  });

  it('finds each by its id', () => {
    for (const checker of checkers) expect(checkerById(checker.id)).toBe(checker);
  });

  it('has nothing to say against a purchase that went well, and judges it in every respect', () => {
    const story = tale();
    buys(story, 'a');
    asks(story, okAnswer('ch_1', { replayed: true }));
    story.incident({ kind: 'settled' });
    const retry = { maxAttempts: 3, delayMs: 500, backoff: 2, jitter: 'none', maxDelayMs: 10_000 } as const;
    const history = story.done({ retry });
    for (const { id, check } of checkers) {
      const verdict = check(history);
      expect([id, verdict]).toEqual([id, { verdict: 'holds', judged: expect.any(Number) }]);
      expect(verdict.verdict === 'holds' && verdict.judged).toBeGreaterThan(0);
    }
  });
});
