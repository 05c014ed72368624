// Convinces by small histories written by hand, in which every figure can be counted off.

import { describe, expect, it } from 'vitest';
import { buys, type Tale, tale } from '../../checkers/testing.ts';
import { bad, okAnswer, toldAnswer } from '../../checkers/testing-values.ts';
import { patienceMs } from '../../world/client.ts';
import { metricsOf } from './metrics.ts';

/** Another purchase than the usual one. */
const second = { key: 'k2', paymentToken: 'tok:shop:k2' };

function figures(tell: (story: Tale) => void) {
  const story = tale();
  tell(story);
  return metricsOf(story.done(), 10_000);
}

describe('what a day earned', () => {
  it('counts purchases and not requests, and only those told ok in time', () => {
    const metrics = figures((story) => {
      buys(story, 'a');
      buys(story, 'a/1');
      story.wait(10_001);
      buys(story, 'b', second);
    });
    expect(metrics).toMatchObject({ goodputPerSecond: 0.1, successRate: 1, firstAnswerRate: 1, samples: 3 });
  });

  it('tells the first answer from later ones', () => {
    const metrics = figures((story) => {
      const refused = story.request('a');
      story.answer(refused, toldAnswer('rejected', 'circuit_open'));
      buys(story, 'a/1');
      buys(story, 'b', second);
    });
    expect(metrics).toMatchObject({ successRate: 1, firstAnswerRate: 0.5 });
  });

  it('takes no account of what happens once the world has healed', () => {
    const metrics = figures((story) => {
      const unanswered = story.request('a');
      story.answer(unanswered, toldAnswer('unknown', 'outcome_unknown'));
      story.incident({ kind: 'healed' });
      buys(story, 'ask:1');
      buys(story, 'fresh:1', second);
    });
    expect(metrics).toMatchObject({ successRate: 0, samples: 1, callsPerSuccess: null });
  });
});

describe('what a day cost', () => {
  it('is the latency of all requests, the unanswered ones included', () => {
    const quick = (story: Tale, actor: string, ms: number): void => {
      const request = story.request(actor);
      story.wait(ms);
      story.answer(request, okAnswer());
    };
    const metrics = figures((story) => {
      for (let index = 0; index < 9; index++) quick(story, `a${index}`, 10 * (index + 1));
      story.request('lost');
    });
    expect(metrics).toMatchObject({ samples: 10, p50Ms: 50, p99Ms: null });
    const hopeless = figures((story) => {
      for (let index = 0; index < 500; index++) story.request(`a${index}`);
    });
    expect(hopeless).toMatchObject({ p50Ms: patienceMs, p99Ms: patienceMs });
  });

  it('is every call of the gateway, also those of purchases that came to nothing', () => {
    const metrics = figures((story) => {
      buys(story, 'a');
      story.request('b', second);
      story.send('b', { token: second.paymentToken, reply: bad('gateway_timeout', 'unknown') });
      story.lookup('sweep:1', { kind: 'absent' });
    });
    expect(metrics.callsPerSuccess).toBe(3);
  });

  it('is a purchase that the books show twice, unless one of the charges came to nothing', () => {
    const metrics = figures((story) => {
      buys(story, 'a');
      story.book({ id: 'ch_2' });
      buys(story, 'b', second);
      story.book({ id: 'ch_4', paymentToken: second.paymentToken, status: 'voided' });
    });
    expect(metrics.doubleCharges).toBe(1);
  });

  it('is what was sent after a decline, and not before', () => {
    const metrics = figures((story) => {
      story.request('a');
      story.send('a', { reply: bad('gateway_error', 'unknown') });
      story.send('a', { reply: bad('card_declined', 'final') });
      story.send('a');
      story.send('a');
    });
    expect(metrics.declinesRetried).toBe(2);
  });

  it('is what our own layers refused while the load lasted', () => {
    const metrics = figures((story) => {
      story.request('a');
      story.refused('a', 'circuit-breaker');
      story.refused('a', 'circuit-breaker');
      story.refused('a', 'rate-limit');
      story.settles(story.passes('a', 'rate-limit'));
      story.incident({ kind: 'healed' });
      story.refused('ask:1', 'rate-limit');
    });
    expect(metrics).toMatchObject({ refusedByBreaker: 2, refusedByLimiter: 1 });
  });
});
