// Convinces by a table of what attempts prove together, and by a property over every order of them: knowledge that
// money may have moved is never lost on the way to the caller.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectOf, joinFailures } from './join.ts';
import { CardDeclinedError, GatewayTimeoutError, NetworkError, RateLimitedError } from './payment-error.ts';

const timedOut = new GatewayTimeoutError('no answer');
const reset = new NetworkError('reset', { effect: 'unknown' });
const declined = new CardDeclinedError('declined');
const limited = new RateLimitedError('slow down');
const refused = new NetworkError('refused', { effect: 'none' });
const bug = new TypeError('not of the family');

describe('effectOf', () => {
  it('reads the effect of the family, and takes everything else as unknown', () => {
    expect([timedOut, declined, limited].map(effectOf)).toEqual(['unknown', 'final', 'none']);
    expect([bug, 'thrown text', undefined, { effect: 'none' }].map(effectOf)).toEqual(
      Array(4).fill('unknown'),
    );
  });
});

describe('joinFailures', () => {
  it.each([
    ['a time-out outweighs a later 429', [timedOut, limited], timedOut],
    ['a time-out outweighs an earlier refusal', [refused, timedOut], timedOut],
    ['a decline outweighs a refusal', [declined, refused], declined],
    ['the latest of equals speaks', [timedOut, reset, limited], reset],
    ['what is not of the family is unknown', [limited, bug, declined], bug],
    ['one attempt speaks for itself', [refused], refused],
  ])('%s', (_, failures, speaker) => {
    expect(joinFailures(failures, false)).toBe(speaker);
  });

  it('lets a last final answer settle the others only where every answer is replayed', () => {
    expect(joinFailures([timedOut, limited, declined], true)).toBe(declined);
    expect(joinFailures([timedOut, limited, declined], false)).toBe(timedOut);
    expect(joinFailures([declined, timedOut], true)).toBe(timedOut);
  });

  it('is unknown exactly if an attempt was, unless a final answer settles it', () => {
    const failures = fc.array(fc.constantFrom(timedOut, reset, declined, limited, refused, bug), {
      minLength: 1,
    });
    fc.assert(
      fc.property(failures, fc.boolean(), (attempts, settles) => {
        const effects = attempts.map(effectOf);
        const settled = settles && effects.at(-1) === 'final';
        const joined = effectOf(joinFailures(attempts, settles));
        if (settled) expect(joined).toBe('final');
        else expect(joined === 'unknown').toBe(effects.includes('unknown'));
        if (!settled && effects.every((effect) => effect === 'none')) expect(joined).toBe('none');
      }),
    );
  });
});
