// Convinces by comparison: whatever arrives and ends, in whatever order, the table decides as the machine does that guards one
// process, which has its own tests to the millisecond. What the machine cannot show (a call that asks twice, a report that comes
// twice) is shown by example.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Admission, type BreakerState, breakerMachine } from '../resilience/breaker-state.ts';
import { breakerTable } from './breaker-table.ts';

const limits = { failureThreshold: 2, windowMs: 1_000, recoveryTimeoutMs: 3_000, halfOpenProbes: 2 };

function table() {
  const clock = { nowMs: 0 };
  const breakers = breakerTable(() => clock.nowMs);
  const enter = (callId: string, name = 'gateway') => breakers.enter({ name, callId, limits });
  const leave = (callId: string, generation: number, verdict: 'success' | 'failure' | 'neither') =>
    breakers.leave({ name: 'gateway', callId, generation, verdict, limits });
  return { clock, enter, leave };
}

/** Opened at 0 and rested: the next call is a probe. */
function rested() {
  const opened = table();
  for (const callId of ['a', 'b']) opened.leave(callId, opened.enter(callId).generation, 'failure');
  opened.clock.nowMs = 3_000;
  return opened;
}

describe('a breaker table', () => {
  it('decides as the machine of one process does', () => {
    const act = fc.oneof(
      fc.record({ do: fc.constant('enter' as const) }),
      fc.record({
        do: fc.constant('leave' as const),
        which: fc.nat(1),
        verdict: fc.constantFrom(
          'success' as const,
          'success' as const,
          'failure' as const,
          'neither' as const,
        ),
      }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 1_500, 3_000) }),
    );
    const reached = { closed: 0, open: 0, 'half-open': 0 };
    fc.assert(
      fc.property(fc.array(act, { minLength: 20, maxLength: 60 }), (acts) => {
        const { clock, enter, leave } = table();
        let state: BreakerState = 'closed';
        const machine = breakerMachine({ monotonicMs: () => clock.nowMs }, limits, (next) => {
          state = next;
          reached[next] += 1;
        });
        const underWay: { callId: string; generation: number; admission: Admission }[] = [];
        for (const [index, asked] of acts.entries()) {
          if (asked.do === 'wait') clock.nowMs += asked.ms;
          if (asked.do === 'enter') {
            const callId = `call-${index}`;
            const admission = machine.enter();
            const answer = enter(callId);
            expect(answer).toEqual({
              admitted: admission !== undefined,
              state,
              generation: answer.generation,
            });
            if (admission !== undefined) underWay.push({ callId, generation: answer.generation, admission });
          }
          if (asked.do === 'leave') {
            const [call] = underWay.splice(asked.which, 1);
            if (call === undefined) continue;
            machine.leave(call.admission, asked.verdict);
            expect(leave(call.callId, call.generation, asked.verdict).state).toBe(state);
          }
        }
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(reached.closed, reached.open, reached['half-open'])).toBeGreaterThan(0);
  });

  it('gives a call that asks again its place again', () => {
    const { enter } = rested();
    expect(enter('p')).toMatchObject({ admitted: true, state: 'half-open' });
    expect(enter('p')).toMatchObject({ admitted: true });
    expect(enter('q')).toMatchObject({ admitted: true });
    expect(enter('r')).toMatchObject({ admitted: false });
  });

  it('counts what is reported twice once', () => {
    const failing = table();
    failing.leave('a', 0, 'failure');
    expect(failing.leave('a', 0, 'failure')).toEqual({ state: 'closed', generation: 0 });
    const probing = rested();
    const { generation } = probing.enter('p');
    probing.leave('p', generation, 'success');
    expect(probing.leave('p', generation, 'success')).toEqual({ state: 'half-open', generation });
  });

  it('keeps breakers apart by name', () => {
    const { enter } = rested();
    expect(enter('x', 'another')).toEqual({ admitted: true, state: 'closed', generation: 0 });
  });
});
