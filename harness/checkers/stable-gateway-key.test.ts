// Convinces by one purchase sent under two keys, with the charge under the first, the second, both or neither.

import { describe, expect, it } from 'vitest';
import { stableGatewayKey } from './stable-gateway-key.ts';
import { type Tale, tale } from './testing.ts';
import { bad } from './testing-values.ts';

const timedOut = { reply: bad('network_error', 'unknown') };

function underTwoKeys(charged: readonly string[], epoch = 0): Tale {
  const story = tale();
  story.request('a');
  story.claim('a');
  story.send('a', { key: 'g0', ...timedOut });
  story.request('b');
  story.claim('b', { epoch, token: 2 });
  story.send('b', { key: 'g1', ...timedOut });
  for (const key of charged) story.book({ id: `ch_${key}`, idempotencyKey: key });
  return story;
}

describe('S18 stable-gateway-key', () => {
  it('holds when a charge was repeated under its own key', () => {
    const story = tale();
    story.request('a');
    story.claim('a');
    story.send('a', timedOut);
    story.send('a');
    story.book();
    expect(stableGatewayKey.check(story.done())).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('holds when the first key came to nothing', () => {
    expect(stableGatewayKey.check(underTwoKeys(['g1']).done()).verdict).toBe('holds');
    expect(stableGatewayKey.check(underTwoKeys([]).done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('breaks when a key that charged was followed by another, even if that one came to nothing', () => {
    expect(stableGatewayKey.check(underTwoKeys(['g0']).done())).toEqual({
      verdict: 'breaks',
      because:
        'b sent key k1 of shop under gateway key g1 after g0 had been sent, which has charge ch_g0 in the books',
      crossings: [2, 5],
    });
  });

  it('breaks when both keys charged, whichever was booked first', () => {
    expect(stableGatewayKey.check(underTwoKeys(['g1', 'g0']).done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('effects under two gateway keys'),
      crossings: [2, 5],
    });
  });

  it('counts a charge that was voided: it had been there', () => {
    const story = underTwoKeys([]);
    story.book({ idempotencyKey: 'g0', status: 'voided' });
    expect(stableGatewayKey.check(story.done()).verdict).toBe('breaks');
  });

  it('does not count a payment that failed', () => {
    const story = underTwoKeys([]);
    story.book({ idempotencyKey: 'g0', status: 'failed' });
    expect(stableGatewayKey.check(story.done()).verdict).toBe('holds');
  });

  it('expects another key in another epoch', () => {
    expect(stableGatewayKey.check(underTwoKeys(['g0', 'g1'], 1).done())).toEqual({
      verdict: 'holds',
      judged: 2,
    });
  });

  it('promises nothing without a bound on delays', () => {
    expect(stableGatewayKey.check(underTwoKeys(['g0']).done({ broken: ['bounded-delay'] })).verdict).toBe(
      'not-promised',
    );
  });
});
