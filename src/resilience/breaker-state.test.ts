// Convinces by random lives of a breaker that must agree with a model which keeps the whole past and computes the state
// from it, and by counting that these lives have been through every state often enough.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import type { BreakerState } from './breaker-state.ts';
import { broken, guarded } from './testing.ts';

type Move =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'call' }
  | { readonly do: 'end'; readonly nth: number; readonly as: 'success' | 'failure' | 'neither' };

const limits = { failureThreshold: 2, windowMs: 8, recoveryTimeoutMs: 5, halfOpenProbes: 2 };
/** More calls and endings than waits, or it would hardly ever close again. */
const moves = fc.array(
  fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6 }) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('call' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('end' as const),
        nth: fc.nat(7),
        as: fc.constantFrom('success' as const, 'failure' as const, 'neither' as const),
      }),
    },
  ),
  { minLength: 20, maxLength: 80, size: 'max' },
);

/** A breaker that remembers everything: eras, each with its state, its beginning and what was let through in it. */
function modelled() {
  interface Passed {
    readonly atMs: number;
    end?: { readonly atMs: number; readonly as: string };
  }
  const eras: { state: BreakerState; fromMs: number; calls: Passed[] }[] = [
    { state: 'closed', fromMs: 0, calls: [] },
  ];
  const era = () => eras.at(-1) ?? eras[0];
  const begin = (state: BreakerState, fromMs: number) => void eras.push({ state, fromMs, calls: [] });
  const overdue = (nowMs: number): void => {
    const now = era();
    if (now?.state !== 'half-open') return;
    const lost = now.calls.filter(
      ({ end, atMs }) => end === undefined && nowMs >= atMs + limits.recoveryTimeoutMs,
    );
    if (lost.length > 0) begin('open', Math.min(...lost.map(({ atMs }) => atMs)) + limits.recoveryTimeoutMs);
  };
  return {
    states: () => eras.slice(1).map(({ state }) => state),
    call(nowMs: number): Passed | undefined {
      overdue(nowMs);
      const before = era();
      if (before?.state === 'open' && nowMs >= before.fromMs + limits.recoveryTimeoutMs)
        begin('half-open', nowMs);
      const now = era();
      if (now === undefined || now.state === 'open') return undefined;
      const places = now.calls.filter(({ end }) => end?.as !== 'neither').length;
      if (now.state === 'half-open' && places >= limits.halfOpenProbes) return undefined;
      const passed = { atMs: nowMs };
      now.calls.push(passed);
      return passed;
    },
    end(passed: Passed, as: string, nowMs: number): void {
      overdue(nowMs);
      const now = era();
      passed.end = { atMs: nowMs, as };
      if (now === undefined || !now.calls.includes(passed)) return;
      const ends = now.calls.flatMap(({ end }) => (end === undefined ? [] : [end]));
      const failures = ends.filter((end) => end.as === 'failure' && end.atMs > nowMs - limits.windowMs);
      const enough = now.state === 'half-open' ? 1 : limits.failureThreshold;
      if (as === 'failure' && failures.length >= enough) begin('open', nowMs);
      const successes = ends.filter((end) => end.as === 'success').length;
      if (now.state === 'half-open' && as === 'success' && successes >= limits.halfOpenProbes)
        begin('closed', nowMs);
    },
  };
}

describe('any life of a breaker', () => {
  it('is that of the model', async () => {
    const errors = { failure: broken, neither: new ValidationError('nothing to send') };
    const seen = { 'half-open': 0, open: 0, closed: 0 };
    const property = fc.asyncProperty(moves, async (life: readonly Move[]) => {
      const { runtime, states, start } = guarded(limits);
      const model = modelled();
      const passed: { real: ReturnType<typeof start>; model: NonNullable<ReturnType<typeof model.call>> }[] =
        [];
      for (const move of life) {
        const nowMs = runtime.monotonicMs();
        if (move.do === 'wait') await runtime.advance(move.ms);
        if (move.do === 'call') {
          const real = start();
          const expected = model.call(nowMs);
          expect(real.passed).toBe(expected !== undefined);
          if (expected !== undefined) passed.push({ real, model: expected });
        }
        if (move.do === 'end' && passed.length > 0) {
          const [ended] = passed.splice(move.nth % passed.length, 1);
          if (ended === undefined) continue;
          if (move.as === 'success') await ended.real.succeed();
          else await ended.real.fail(errors[move.as]);
          model.end(ended.model, move.as, nowMs);
        }
        expect(states).toEqual(model.states());
      }
      for (const state of states) seen[state] += 1;
    });
    await fc.assert(property, { numRuns: 400 });
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });
});
