// Convinces by counting: in every window that ends at an admission there are at most as many as allowed, and a call is refused
// only where one more would have been too many.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limiterTable } from './limiter-table.ts';

function table(maxCalls = 2) {
  const clock = { nowMs: 0 };
  const { admit } = limiterTable(() => clock.nowMs);
  const ask = (callId: string, name = 'gateway') => admit({ name, callId, maxCalls, periodMs: 1_000 });
  return { clock, ask };
}

describe('a limiter table', () => {
  it('never admits too many, nor refuses without need, nor names another time than that of the next', () => {
    const waits = fc.array(fc.constantFrom(0, 1, 300, 499, 999, 1_000), { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 4 }), (pauses, maxCalls) => {
        const { clock, ask } = table(maxCalls);
        const admittedMs: number[] = [];
        const inWindow = (atMs: number) => admittedMs.filter((other) => other > atMs - 1_000).length;
        for (const [index, pauseMs] of pauses.entries()) {
          clock.nowMs += pauseMs;
          const before = inWindow(clock.nowMs);
          const answer = ask(`call-${index}`);
          expect(answer.admitted).toBe(before < maxCalls);
          if (answer.admitted) admittedMs.push(clock.nowMs);
          else {
            expect(inWindow(clock.nowMs + answer.waitMs)).toBeLessThan(maxCalls);
            expect(inWindow(clock.nowMs + answer.waitMs - 1)).toBe(maxCalls);
          }
        }
      }),
    );
  });

  it('admits a call that asks again without counting it again', () => {
    const { ask } = table();
    ask('a');
    expect(ask('a')).toEqual({ admitted: true });
    expect(ask('b')).toEqual({ admitted: true });
    expect(ask('a')).toEqual({ admitted: true });
    expect(ask('c')).toEqual({ admitted: false, waitMs: 1_000 });
  });

  it('limits names apart', () => {
    const { ask } = table(1);
    ask('a');
    expect(ask('a2', 'another')).toEqual({ admitted: true });
  });
});
