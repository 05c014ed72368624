// Convinces by comparing the required marks with those that exist, and by the marks that separate the gateways.

import { describe, expect, it } from 'vitest';
import { declaresAll } from './declared.ts';
import { focuses } from './focus.ts';
import { markDefinitions } from './mark-definitions.ts';
import { requiredMarks } from './required-marks.ts';

describe('required marks', () => {
  const gateway = (
    dedup: 'every-answer' | 'successes' | 'none',
    by: readonly ('reference' | 'key')[] = ['reference'],
  ) => ({
    dedup,
    lookup: { by, consistentAfterMs: 0 },
  });

  it('are marks that exist, sorted, each once', () => {
    const known = new Set(markDefinitions.map(({ id }) => id));
    for (const tier of ['sim', 'msw'] as const) {
      for (const dedup of ['every-answer', 'successes', 'none'] as const) {
        const required = requiredMarks({ tier, gateway: gateway(dedup) });
        expect(required.filter((id) => !known.has(id))).toEqual([]);
        expect(required).toEqual([...new Set(required)].toSorted());
      }
    }
  });

  it('ask for no fault that cannot strike a single charge', () => {
    const required = requiredMarks({ tier: 'sim', gateway: gateway('none') });
    expect(required).toContain('fault:partial-approval');
    expect(required).not.toContain('fault:late-authorization');
    expect(required).not.toContain('fault:webhook-never');
  });

  it('follow from what the gateway promises', () => {
    const every = requiredMarks({ tier: 'sim', gateway: gateway('every-answer') });
    expect(every).toEqual(
      expect.arrayContaining(['generation-advanced', 'resent-same-key', 'replayed-by-gateway']),
    );
    expect(every).not.toContain('horizon-elapsed');
    expect(requiredMarks({ tier: 'sim', gateway: gateway('every-answer', ['key']) })).not.toContain(
      'replayed-by-gateway',
    );
    const successes = requiredMarks({ tier: 'sim', gateway: gateway('successes') });
    expect(successes).toContain('horizon-elapsed');
    expect(successes).not.toContain('generation-advanced');
  });

  it('of all are those of every part, and of every fault that strikes an order', () => {
    const plain = { tier: 'sim', gateway: gateway('every-answer') } as const;
    const all = requiredMarks({ ...plain, suite: 'all' });
    for (const suite of focuses) {
      const own = requiredMarks({ ...plain, suite });
      expect(own.length).toBeGreaterThan(1);
      expect(own.filter((mark) => !all.includes(mark))).toEqual([]);
      expect(own).toEqual([...new Set(own)].toSorted());
    }
    const known = new Set(markDefinitions.map(({ id }) => id));
    expect(all.filter((id) => !known.has(id))).toEqual([]);
    expect(all).toEqual(
      expect.arrayContaining([
        'webhook-before-response',
        'saga-repaired',
        'lease-taken-over',
        'step-resolved-by-lookup',
        'dispute-during-refund',
        'late-settlement-row',
        'fault:refund-bounces',
        'fault:webhook-forged',
        'fault:service-refuses',
      ]),
    );
    expect(all).not.toContain('fault:webhook-never');
    expect(all).not.toContain('fault:row-late');
    expect(all).not.toContain('fault:key-expired');
  });

  it('ask of a target only what it says that it does', () => {
    const plain = { tier: 'sim', gateway: gateway('every-answer') } as const;
    const all = requiredMarks({ ...plain, target: declaresAll });
    expect(all).toEqual(requiredMarks(plain));
    const without = {
      retries: ['retried', 'retry-after-honoured', 'retry-exhausted'],
      recovers: ['sweep-resolved', 'taken-over-by-sweep'],
      breaker: [
        'breaker-closed-again',
        'breaker-late-result-ignored',
        'breaker-opened',
        'breaker-probed',
        'breaker-refused',
      ],
      limiter: ['limiter-refused', 'limiter-waited'],
      audits: [],
      orders: [],
    };
    for (const [what, marks] of Object.entries(without)) {
      const left = requiredMarks({ ...plain, target: { ...declaresAll, [what]: false } });
      expect(all.filter((mark) => !left.includes(mark))).toEqual(marks);
    }
  });

  it('ask for no fault that takes an assumption away, and for none where cases are dear', () => {
    expect(requiredMarks({ tier: 'sim', gateway: gateway('none') })).not.toContain('fault:key-expired');
    expect(
      requiredMarks({ tier: 'msw', gateway: gateway('none') }).some((id) => id.startsWith('fault:')),
    ).toBe(false);
  });
});
