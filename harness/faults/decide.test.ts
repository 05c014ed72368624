// How this convinces: each rule of combination is tried with faults that would give another answer under the next
// plausible rule. What single faults come to is tried where they are enacted, in `world/crossing.test.ts`.

import { describe, expect, it } from 'vitest';
import { decide, defaultRestartMs, type Striking, undisturbed } from './decide.ts';
import { faultFacts, faultKinds } from './kinds.ts';

describe('deciding', () => {
  it('without faults leaves a crossing undisturbed', () => {
    expect(decide([])).toEqual(undisturbed);
  });

  it('disturbs something for every kind of fault', () => {
    for (const kind of faultKinds) expect(decide([{ kind, ms: 7 }]), kind).not.toEqual(undisturbed);
  });

  it('adds durations up', () => {
    const faults: readonly Striking[] = [
      { kind: 'delay', ms: 5 },
      { kind: 'delay', ms: 6 },
      { kind: 'reply-delay', ms: 1 },
      { kind: 'drip', ms: 2 },
      { kind: 'stall', ms: 3 },
      { kind: 'stall', ms: 4 },
    ];
    expect(decide(faults)).toEqual({ ...undisturbed, holdMs: 11, replyHoldMs: 3, stallMs: 7 });
  });

  it('gives the last word to what keeps a request from arriving, then to the later fault, and keeps the rest', () => {
    expect(decide([{ kind: 'refused' }, { kind: 'response-lost' }])).toMatchObject({
      apply: 'never',
      reply: 'refused',
    });
    expect(decide([{ kind: 'response-lost' }, { kind: 'refused' }])).toMatchObject({
      apply: 'never',
      reply: 'refused',
    });
    expect(decide([{ kind: 'refused' }, { kind: 'duplicated' }])).toMatchObject({
      apply: 'never',
      reply: 'refused',
    });
    expect(decide([{ kind: 'response-lost' }, { kind: 'reset-mid-body' }])).toMatchObject({ reply: 'cut' });
    expect(
      decide([
        { kind: 'pending', ms: 1 },
        { kind: 'slow', ms: 2 },
      ]).inject,
    ).toEqual({ kind: 'slow', ms: 2, retryAfter: undefined });
  });

  it('takes the default of the kind where a case names no duration, and zero where it names zero', () => {
    expect(decide([{ kind: 'delay' }]).holdMs).toBe(faultFacts.delay.defaultMs);
    expect(decide([{ kind: 'delay', ms: 0 }]).holdMs).toBe(0);
    expect(decide([{ kind: 'crash-after-apply' }]).restartAfterMs).toBe(defaultRestartMs);
    expect(decide([{ kind: 'crash-after-apply', restartAfterMs: 0 }]).restartAfterMs).toBe(0);
  });

  it('passes a Retry-After header on as it is', () => {
    expect(decide([{ kind: 'rate-limited', retryAfter: 'soon' }]).inject?.retryAfter).toBe('soon');
  });
});
