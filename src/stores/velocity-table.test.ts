// Convinces by exact instants on a clock moved by hand, and by random payments whose effects are noted apart from the
// table: in every window that ends at an effect, the effects are added up and compared with the cap.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryVelocityStore } from './memory-velocity-store.ts';
import { type VelocityTable, velocityTable } from './velocity-table.ts';

/** A cap of 100 in a second, held for half a second. */
function counted() {
  const clock = { nowMs: 0 };
  const table = velocityTable(() => clock.nowMs);
  const reserve = (attemptId: string, amount = 60, evaluationId = `${attemptId}1`) =>
    table.reserve({ key: 'card', attemptId, evaluationId, amount, cap: 100, windowMs: 1_000, holdMs: 500 });
  const confirm = (attemptId: string, amount = 60) =>
    table.confirm({ key: 'card', attemptId, amount, windowMs: 1_000 });
  const release = (attemptId: string, evaluationId?: string) =>
    table.release({
      key: 'card',
      attemptId,
      windowMs: 1_000,
      ...(evaluationId === undefined ? {} : { evaluationId }),
    });
  return { clock, table, reserve, confirm, release };
}

describe('a velocity table', () => {
  it('admits up to the cap and not one more, and counts what it refuses for nothing', () => {
    const { reserve } = counted();
    expect(reserve('a')).toEqual({ admitted: true, used: 60 });
    expect(reserve('b', 41)).toEqual({ admitted: false, used: 60 });
    expect(reserve('b', 40)).toEqual({ admitted: true, used: 100 });
    expect(reserve('c', 1)).toEqual({ admitted: false, used: 100 });
  });

  it('counts a payment once, however often it is checked', () => {
    const { reserve } = counted();
    reserve('a');
    expect(reserve('a')).toEqual({ admitted: true, used: 60 });
    expect(reserve('a', 60, 'a2')).toEqual({ admitted: true, used: 60 });
  });

  it('holds what is not confirmed for the window and the hold, counted from its last check', () => {
    const { clock, reserve } = counted();
    reserve('a');
    clock.nowMs = 400;
    reserve('a', 60, 'a2');
    clock.nowMs = 1_899;
    expect(reserve('b')).toMatchObject({ admitted: false });
    clock.nowMs = 1_900;
    expect(reserve('b')).toEqual({ admitted: true, used: 60 });
  });

  it('counts what is confirmed for a window from its first confirmation', () => {
    const { clock, reserve, confirm } = counted();
    reserve('a');
    clock.nowMs = 300;
    confirm('a');
    clock.nowMs = 600;
    confirm('a');
    expect(reserve('a')).toEqual({ admitted: true, used: 60 });
    clock.nowMs = 1_299;
    expect(reserve('b')).toMatchObject({ admitted: false });
    clock.nowMs = 1_300;
    expect(reserve('b')).toMatchObject({ admitted: true });
  });

  it('counts a confirmation that it has no check of, even above the cap, because it is true', () => {
    const { reserve, confirm } = counted();
    reserve('a');
    confirm('b');
    expect(reserve('c', 1)).toEqual({ admitted: false, used: 120 });
  });

  it('gives back at once, but nothing that is confirmed', () => {
    const { clock, reserve, confirm, release } = counted();
    reserve('a');
    release('a');
    expect(reserve('b')).toEqual({ admitted: true, used: 60 });
    confirm('b');
    release('b');
    clock.nowMs = 900;
    release('b', 'b1');
    expect(reserve('c')).toMatchObject({ admitted: false });
    clock.nowMs = 1_000;
    expect(reserve('c', 100)).toMatchObject({ admitted: true });
  });

  it('keeps what another evaluation of the payment holds', () => {
    const { reserve, release } = counted();
    reserve('a', 60, 'stalled');
    reserve('a', 60, 'taker');
    release('a', 'stalled');
    expect(reserve('b')).toMatchObject({ admitted: false });
    release('a', 'taker');
    expect(reserve('b')).toMatchObject({ admitted: true });
  });

  it('refuses an evaluation that was released, though its request comes late or first now', () => {
    const { reserve, release } = counted();
    reserve('a', 60, 'one');
    release('a');
    release('b', 'two');
    expect(reserve('a', 60, 'one')).toEqual({ admitted: false, used: 0 });
    expect(reserve('b', 60, 'two')).toEqual({ admitted: false, used: 0 });
    expect(reserve('a', 60, 'three')).toEqual({ admitted: true, used: 60 });
  });

  it('keeps subjects apart', () => {
    const { table, reserve } = counted();
    reserve('a');
    const other = { attemptId: 'a', evaluationId: 'x', amount: 100, cap: 100, windowMs: 1, holdMs: 1 };
    expect(table.reserve({ ...other, key: 'another card' })).toEqual({ admitted: true, used: 100 });
  });
});

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

  it('the memory store answers as the table does', async () => {
    const clock = { nowMs: 0 };
    const table = velocityTable(() => clock.nowMs);
    const store = memoryVelocityStore({ monotonicMs: () => clock.nowMs });
    const entry = { key: 'card', attemptId: 'a', windowMs: 1_000 };
    const request = { ...entry, evaluationId: 'e', amount: 60, cap: 100, holdMs: 500 };
    expect(await store.reserve(request)).toEqual(table.reserve(request));
    await store.release({ ...entry, evaluationId: 'e' });
    table.release({ ...entry, evaluationId: 'e' });
    expect(await store.reserve(request)).toEqual(table.reserve(request));
    await store.confirm({ ...entry, amount: 60 });
    table.confirm({ ...entry, amount: 60 });
    const other = { ...request, attemptId: 'b', evaluationId: 'f' };
    expect(await store.reserve(other)).toEqual(table.reserve(other));
    clock.nowMs = 1_000;
    expect(await store.reserve(other)).toEqual({ admitted: true, used: 60 });
  });
});
