// Convinces by random payments whose effects are noted apart from the table: in every window that ends at an effect, the
// effects are added up and compared with the cap. What each operation does is in the contract of the port.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type VelocityTable, velocityTable } from './velocity-table.ts';

const step = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400 }) }),
  fc.record({
    do: fc.constantFrom<'reserve' | 'effect' | 'confirm' | 'release'>(
      'reserve',
      'reserve',
      'effect',
      'effect',
      'confirm',
      'release',
    ),
    payment: fc.nat(5),
    evaluation: fc.nat(1),
  }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Payment {
  heldBy: Map<string, number>;
  effectMs?: number;
}

/**
 * Plays payments as the layer does: an effect happens only within the hold of an evaluation that was admitted and has
 * not said that it sent nothing, and only what has had no effect is released.
 */
function play(table: VelocityTable, clock: { nowMs: number }, steps: readonly Step[]) {
  const payments = Array.from({ length: 6 }, (): Payment => ({ heldBy: new Map() }));
  const effects: { readonly atMs: number; readonly amount: number }[] = [];
  for (const move of steps) {
    if (move.do === 'wait') {
      clock.nowMs += move.ms;
      continue;
    }
    const attemptId = `p${move.payment}`;
    const amount = 30 + 10 * move.payment;
    const evaluationId = `${attemptId}/${move.evaluation}`;
    const payment: Payment = payments[move.payment] ?? { heldBy: new Map() };
    const entry = { key: 'card', attemptId, windowMs: 1_000 };
    if (move.do === 'reserve') {
      const asked = { ...entry, evaluationId, amount, cap: 100, holdMs: 500 };
      if (table.reserve(asked).admitted) payment.heldBy.set(evaluationId, clock.nowMs + 500);
    } else if (move.do === 'effect') {
      const may = (payment.heldBy.get(evaluationId) ?? -1) >= clock.nowMs;
      if (!may || payment.effectMs !== undefined) continue;
      payment.effectMs = clock.nowMs;
      effects.push({ atMs: clock.nowMs, amount });
    } else if (move.do === 'confirm') {
      if (payment.effectMs !== undefined) table.confirm({ ...entry, amount });
    } else if (payment.effectMs === undefined) {
      table.release({ ...entry, evaluationId });
      payment.heldBy.delete(evaluationId);
    }
  }
  return effects;
}

describe('whatever becomes of the payments', () => {
  it('the effects of no window exceed the cap', () => {
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
        const clock = { nowMs: 0 };
        const table = velocityTable(() => clock.nowMs);
        const watched: VelocityTable = {
          ...table,
          reserve: (request) => {
            const answer = table.reserve(request);
            if (!answer.admitted) refusals += 1;
            return answer;
          },
        };
        const effects = play(watched, clock, steps);
        for (const { atMs } of effects) {
          const window = effects.filter((other) => other.atMs > atMs - 1_000 && other.atMs <= atMs);
          expect(window.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(refusals).toBeGreaterThan(1_000);
  });
});
