// Convinces by the list itself, and by a correct history that none of the checkers may object to.

import { describe, expect, it } from 'vitest';
import { checkerById, checkers } from './catalogue.ts';
import { asks, buys, type Tale, tale } from './testing.ts';
import { settles, undone } from './testing-shop-stories.ts';
import { bad, okAnswer } from './testing-values.ts';

/** Judged by orders only. */
const ofOrders = ['S3', 'S9', 'S10', 'S11', 'S12', 'S22', 'L3'];

/** A breaker that one failure opens, and a limiter that lets one call through in a second. */
const guards = {
  breaker: { failureThreshold: 1, windowMs: 60_000, recoveryTimeoutMs: 500, halfOpenProbes: 1 },
  limit: { maxCalls: 1, periodMs: 1000, mode: 'reject' },
} as const;

/** A time-out that opens the breaker of a sweep, and the call that closes it again. */
function recovers(story: Tale): void {
  const failed = { reply: bad('gateway_timeout', 'unknown') };
  for (const reply of [failed, {}]) {
    story.wait(1000);
    const passage = story.passes('sweep:1', 'circuit-breaker');
    const { actor, reply: answer } = story.send('sweep:1', { token: 'tok:shop:k2', ...reply });
    story.logs(actor, {
      audit: 'attempt',
      idempotencyKey: 'g0',
      code: answer?.ok === false ? answer.error.code : 'ok',
    });
    story.settles(passage, answer);
  }
}

/** Judged by what else only a shop has. */
const ofShops: readonly string[] = ['S21', 'S23', 'S24', 'W1', 'W2', 'W3', 'W4', 'L5'];

describe('the catalogue of checkers', () => {
  it('lists each invariant once, in the order of the catalogue', () => {
    const safety = [
      'S1',
      'S2',
      'S3',
      'S4',
      'S5',
      'S6',
      'S7',
      'S8',
      'S9',
      'S10',
      'S11',
      'S12',
      'S13',
      'S14',
      'S15',
      'S16',
      'S17',
      'S18',
      'S19',
      'S20',
      'S21',
      'S22',
      'S23',
      'S24',
    ];
    const webhooks = ['W1', 'W2', 'W3', 'W4'];
    expect(checkers.map(({ id }) => id)).toEqual([...safety, ...webhooks, 'L1', 'L2', 'L3', 'L4', 'L5']);
  });

  it('finds each by its id', () => {
    for (const checker of checkers) expect(checkerById(checker.id)).toBe(checker);
  });

  it('has nothing to say against purchases that went well, and judges them in every respect but those of a shop', () => {
    const story = tale();
    const retry = { maxAttempts: 3, delayMs: 500, backoff: 2, jitter: 'none', maxDelayMs: 10_000 } as const;
    story.claim('sweep:1', { key: 'shop/k2', attemptId: 'sweep' });
    recovers(story);
    story.write('sweep:1', 'store.complete', { record: { key: 'shop/k2', state: 'COMPLETED' } });
    story.book({ id: 'ch_2', paymentToken: 'tok:shop:k2' });
    story.wait(1000);
    buys(story, 'a');
    story.logs('a', { audit: 'attempt', idempotencyKey: 'g0', code: 'ok' });
    asks(story, okAnswer('ch_1', { replayed: true }));
    story.logs('ask:1', { audit: 'replay', code: 'ok' });
    const request = story.request('fresh:1', { paymentToken: 'tok:shop:k3', key: 'k3' });
    story.answer(request, okAnswer('ch_3'));
    story.book({ id: 'ch_3', paymentToken: 'tok:shop:k3' });
    story.incident({ kind: 'settled' });
    const history = story.done({ retry, ...guards, audits: true });
    for (const { id, check } of checkers) {
      const verdict = check(history);
      expect([id, verdict]).toEqual([id, { verdict: 'holds', judged: expect.any(Number) }]);
      expect([id, verdict.verdict === 'holds' && verdict.judged > 0]).toEqual([
        id,
        !ofOrders.includes(id) && !ofShops.includes(id),
      ]);
    }
  });

  it('has nothing to say against an order that was undone, and judges it in every respect', () => {
    const { story } = undone();
    settles(story, 'failed');
    const history = story.done();
    for (const { id, check } of checkers) {
      const verdict = check(history);
      expect([id, verdict]).toEqual([id, { verdict: 'holds', judged: expect.any(Number) }]);
      if (!ofOrders.includes(id)) continue;
      expect([id, verdict.verdict === 'holds' && verdict.judged > 0]).toEqual([id, true]);
    }
  });
});
