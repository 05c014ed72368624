// Convinces by requests after the storm that a guard refuses, of both kinds and with every refusal, beside the same
// refusals during the storm, which are a guard's business.

import { describe, expect, it } from 'vitest';
import type { Answer } from '../history/history.ts';
import { guardsRecover } from './guards-recover.ts';
import { type Tale, tale } from './testing.ts';
import { okAnswer, toldAnswer } from './testing-values.ts';

const fresh = { paymentToken: 'tok:new:fresh-1', scope: 'new', key: 'fresh-1' };

function told(actor: string, answer: Answer | undefined, asked = {}): Tale {
  const story = tale();
  const request = story.request(actor, asked);
  if (answer !== undefined) story.answer(request, answer);
  return story;
}

describe('L4 guards-recover', () => {
  it('holds when new payments are taken', () => {
    const story = told('fresh:1', okAnswer(), fresh);
    expect(guardsRecover.check(story.done())).toEqual({ verdict: 'holds', judged: 1 });
  });

  it.each([
    ['refused by a breaker', toldAnswer('rejected', 'circuit_open'), 'was told rejected (circuit_open)'],
    ['refused by a limiter', toldAnswer('rejected', 'rate_limited'), 'was told rejected (rate_limited)'],
    [
      'declined, although no fault strikes any more',
      toldAnswer('failed', 'card_declined'),
      'was told failed',
    ],
    ['left unanswered', undefined, 'got no answer'],
  ])('breaks when one is %s', (_, answer, words) => {
    expect(guardsRecover.check(told('fresh:1', answer, fresh).done())).toEqual({
      verdict: 'breaks',
      because: expect.stringContaining(words),
      crossings: [0],
    });
  });

  it.each(['circuit_open', 'rate_limited'])('breaks when a client that asks again is told %s', (code) => {
    expect(guardsRecover.check(told('ask:1', toldAnswer('rejected', code)).done())).toMatchObject({
      verdict: 'breaks',
      because: `ask:1 asked for its payment on p0 after everything had healed and was told rejected (${code})`,
    });
  });

  it('leaves other answers to those who ask again to other invariants', () => {
    const story = told('ask:1', toldAnswer('unknown', 'outcome_unknown'));
    expect(guardsRecover.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('has nothing against refusals during the storm', () => {
    const story = told('a', toldAnswer('rejected', 'circuit_open'));
    expect(guardsRecover.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });
});
