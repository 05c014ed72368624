// Convinces by the exact instants at which calls are admitted, on a clock that is moved by hand, and by counting the
// admissions in every window of random crowds.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimitedError, ValidationError } from '../errors/payment-error.ts';
import { maxTimerMs } from '../kernel/runtime.ts';
import { manualRuntime } from '../kernel/testing.ts';
import type { Call } from './operation.ts';
import { type RateLimitOptions, rateLimit } from './rate-limit.ts';
import { endOf } from './testing.ts';

/** Two calls in a second; notes when each was admitted. */
function limited(options: Partial<RateLimitOptions> = {}) {
  const runtime = manualRuntime();
  const admitted: (readonly [string, number])[] = [];
  const layer = rateLimit({ runtime, maxCalls: 2, periodMs: 1_000, ...options });
  const operation = layer(async (name: string) => {
    admitted.push([name, runtime.monotonicMs()]);
    return name;
  });
  const call = (name: string, given?: Call) => endOf(operation(name, given));
  return { runtime, layer, operation, call, admitted, names: () => admitted.map(([name]) => name) };
}

describe('rejecting', () => {
  it('admits again when the oldest admission of the window is exactly a period old', async () => {
    const { runtime, call, names } = limited();
    await call('a');
    await runtime.advance(400);
    await call('b');
    await runtime.advance(599);
    expect(await call('c')).toBeInstanceOf(RateLimitedError);
    await runtime.advance(1);
    await call('d');
    expect(await call('e')).toBeInstanceOf(RateLimitedError);
    await runtime.advance(400);
    await call('f');
    expect(names()).toEqual(['a', 'b', 'd', 'f']);
  });

  it('refuses at once, as one of our own layers, without effect', async () => {
    const { call, runtime } = limited({ maxCalls: 1 });
    await call('a');
    expect(await call('b')).toMatchObject({ local: true, effect: 'none', retriable: true });
    expect(runtime.waiting()).toBe(0);
  });

  it.each([
    [0, '3'],
    [499, '3'],
    [500, '2'],
    [1_500, '1'],
    [2_499, '1'],
  ])('says after %i of 2 500 ms to come back in %s seconds', async (waitedMs, retryAfter) => {
    const { call, runtime } = limited({ maxCalls: 1, periodMs: 2_500 });
    await call('a');
    await runtime.advance(waitedMs);
    expect(await call('b')).toMatchObject({ retryAfter });
  });

  it('counts what is refused for nothing', async () => {
    const { call, runtime, names } = limited({ maxCalls: 1 });
    await call('a');
    await runtime.advance(999);
    await call('b');
    await runtime.advance(1);
    await call('c');
    expect(names()).toEqual(['a', 'c']);
  });

  it('leaves one audit record of each refusal', async () => {
    const { call, runtime } = limited({ maxCalls: 1, operation: 'topup' });
    await call('a');
    await call('b', { idempotencyKey: 'k' });
    await call('c');
    expect(runtime.logged).toEqual([
      { audit: 'rejected', operation: 'topup', code: 'rate_limited', idempotencyKey: 'k' },
      { audit: 'rejected', operation: 'topup', code: 'rate_limited' },
    ]);
  });

  it('admits no more because a clock runs backwards', async () => {
    const clock = { nowMs: 1_000 };
    const runtime = { ...manualRuntime(), monotonicMs: () => clock.nowMs };
    const { call, names } = limited({ runtime });
    await call('a');
    clock.nowMs = 0;
    await call('b');
    expect(await call('early')).toMatchObject({ retryAfter: '1' });
    clock.nowMs = 1_999;
    await call('c');
    clock.nowMs = 2_000;
    await call('d');
    expect(names()).toEqual(['a', 'b', 'd']);
  });

  it('is one limit for everything that it is put around', async () => {
    const { layer, call } = limited();
    const other = layer(async () => 'swept');
    await call('a');
    await other('b');
    expect(await call('c')).toBeInstanceOf(RateLimitedError);
    expect(await endOf(other('d'))).toBeInstanceOf(RateLimitedError);
  });
});

describe('waiting', () => {
  it('admits in order of arrival, each as soon as may be', async () => {
    const { runtime, call, admitted } = limited({ mode: 'wait' });
    const crowd = ['a', 'b', 'c', 'd', 'e'].map((name) => call(name));
    await runtime.advance(5_000);
    expect(await Promise.all(crowd)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(admitted).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 1_000],
      ['d', 1_000],
      ['e', 2_000],
    ]);
    expect(runtime.logged).toEqual([]);
  });

  it('lets nobody pass those who wait, though the window has room', async () => {
    const stalled = { byMs: 0 };
    const manual = manualRuntime();
    const runtime = { ...manual, monotonicMs: () => manual.monotonicMs() + stalled.byMs };
    const { call, names } = limited({ runtime, maxCalls: 1, mode: 'wait' });
    const crowd = [call('a'), call('b')];
    stalled.byMs = 5_000;
    crowd.push(call('c'));
    await manual.settle(Promise.all(crowd));
    expect(names()).toEqual(['a', 'b', 'c']);
  });

  it('sends no burst after the process stalled, because nobody had a reservation', async () => {
    const manual = manualRuntime();
    const stalled = { byMs: 0 };
    const runtime = { ...manual, monotonicMs: () => manual.monotonicMs() + stalled.byMs };
    const atMs: number[] = [];
    const operation = rateLimit({ runtime, maxCalls: 1, periodMs: 1_000, mode: 'wait' })(async () => {
      atMs.push(runtime.monotonicMs());
    });
    const crowd = Array.from({ length: 5 }, () => operation('purchase'));
    await manual.advance(500);
    stalled.byMs = 60_000;
    await manual.settle(Promise.all(crowd));
    expect(atMs).toEqual([0, 61_000, 62_000, 63_000, 64_000]);
  });

  it('refuses at once who would wait too long, by how many wait before', async () => {
    const { runtime, call, names } = limited({ maxCalls: 2, mode: 'wait', maxWaitMs: 1_999 });
    const crowd = ['a', 'b', 'c', 'd', 'e'].map((name) => call(name));
    expect(await crowd.at(-1)).toMatchObject({ local: true, retryAfter: '2' });
    await runtime.advance(1_000);
    expect(names()).toEqual(['a', 'b', 'c', 'd']);
    expect(runtime.waiting()).toBe(0);
    expect(runtime.logged).toHaveLength(1);
  });

  it('knows when each of those who wait will go, to the millisecond', async () => {
    const { runtime, call, admitted } = limited({ mode: 'wait', maxWaitMs: 1_400 });
    const crowd = [call('a')];
    await runtime.advance(400);
    crowd.push(...['b', 'c', 'd', 'e'].map((name) => call(name)));
    expect(await crowd[4]).toMatchObject({ retryAfter: '2' });
    await runtime.settle(Promise.all(crowd));
    expect(admitted.slice(2)).toEqual([
      ['c', 1_000],
      ['d', 1_400],
    ]);
    const impatient = limited({ mode: 'wait', maxWaitMs: 800 });
    await impatient.call('a');
    await impatient.runtime.advance(400);
    const [, , d] = ['b', 'c', 'd'].map((name) => impatient.call(name));
    expect(await d).toMatchObject({ retryAfter: '1' });
    const exactly = limited({ maxCalls: 1, mode: 'wait', maxWaitMs: 1_000 });
    await exactly.call('a');
    expect(await exactly.runtime.settle(exactly.call('b'))).toBe('b');
  });

  it('refuses every call that would have to wait when no wait is allowed', async () => {
    const { call } = limited({ maxCalls: 1, mode: 'wait', maxWaitMs: 0 });
    expect(await call('a')).toBe('a');
    expect(await call('b')).toMatchObject({ local: true, retryAfter: '1' });
  });

  it.each([0, 1, 2])('lets number %i of the queue leave, and the others go on', async (place) => {
    const { runtime, call, names } = limited({ maxCalls: 1, mode: 'wait' });
    const controllers = Array.from({ length: 3 }, () => new AbortController());
    const crowd = [call('first'), ...controllers.map(({ signal }, nth) => call(`${nth}`, { signal }))];
    await runtime.advance(500);
    controllers[place]?.abort('left');
    await runtime.drain();
    expect(await crowd[place + 1]).toMatchObject({ local: true, effect: 'none', cause: 'left' });
    await runtime.advance(5_000);
    expect(names()).toEqual(['first', '0', '1', '2'].filter((name) => name !== String(place)));
    expect(runtime.monotonicMs()).toBe(5_500);
    expect(runtime.waiting()).toBe(0);
    expect(runtime.logged).toEqual([{ audit: 'rejected', operation: 'charge', code: 'rate_limited' }]);
  });

  it('does not queue who has left already', async () => {
    const { call, names, runtime } = limited({ maxCalls: 1, mode: 'wait' });
    const signal = AbortSignal.abort('left');
    const crowd = [call('a'), call('b', { signal }), call('c'), call('d', { signal })];
    await crowd[3];
    expect(runtime.monotonicMs()).toBe(0);
    await runtime.settle(Promise.all(crowd));
    expect(names()).toEqual(['a', 'c']);
    expect(runtime.monotonicMs()).toBe(1_000);
  });

  it('lets the next come forward though the one before fails, at once or later', async () => {
    const runtime = manualRuntime();
    let calls = 0;
    const operation = rateLimit({ runtime, maxCalls: 1, periodMs: 1_000, mode: 'wait' })(() => {
      calls += 1;
      throw new TypeError('a bug');
    });
    const crowd = Array.from({ length: 3 }, () => endOf(operation('purchase')));
    expect(await runtime.settle(Promise.all(crowd))).toEqual(Array(3).fill(expect.any(TypeError)));
    expect(calls).toBe(3);
  });
});

describe('any crowd', () => {
  const crowds = fc.record({
    maxCalls: fc.integer({ min: 1, max: 4 }),
    periodMs: fc.integer({ min: 1, max: 20 }),
    mode: fc.constantFrom('reject' as const, 'wait' as const),
    gapsMs: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 40, size: 'max' }),
    leave: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 5 }),
  });

  it('keeps within the limit in every window, in order, and nobody waits in vain', async () => {
    const property = fc.asyncProperty(crowds, async ({ gapsMs, leave, ...options }) => {
      const { runtime, call, admitted } = limited(options);
      const crowd: Promise<unknown>[] = [];
      const controllers = new Map(leave.map((nth) => [nth, new AbortController()]));
      for (const [nth, gapMs] of gapsMs.entries()) {
        await runtime.advance(gapMs);
        const signal = controllers.get(nth)?.signal;
        crowd.push(call(String(nth), signal === undefined ? {} : { signal }));
        if (nth % 2 === 1) controllers.get(nth - 1)?.abort('left');
      }
      await runtime.advance(2_000);
      const ends = await Promise.all(crowd);
      const times = admitted.map(([, atMs]) => atMs);
      for (const [nth, atMs] of times.entries()) {
        const inWindow = times.filter((other) => other >= atMs && other < atMs + options.periodMs).length;
        expect(inWindow, `from admission ${nth}`).toBeLessThanOrEqual(options.maxCalls);
      }
      const order = admitted.map(([name]) => Number(name));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(admitted).toHaveLength(ends.filter((end) => typeof end === 'string').length);
      expect(runtime.waiting()).toBe(0);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

describe('options', () => {
  it.each([
    { maxCalls: 0 },
    { maxCalls: 1.5 },
    { maxCalls: Number.POSITIVE_INFINITY },
    { periodMs: 0 },
    { periodMs: -1 },
    { periodMs: Number.NaN },
    { periodMs: Number.POSITIVE_INFINITY },
    { periodMs: maxTimerMs + 1, mode: 'wait' as const },
    { maxWaitMs: -1 },
    { maxWaitMs: maxTimerMs + 1 },
    { mode: 'queue' as never },
    { operation: '' },
    { runtime: { monotonicMs: () => 0 } as never },
  ])('refuses %j', (options) => {
    const usual = { runtime: manualRuntime(), maxCalls: 1, periodMs: 1_000 };
    expect(() => rateLimit({ ...usual, ...options })).toThrow(ValidationError);
  });

  it('allows a period that no timer can hold where no timer has to', () => {
    const options = { runtime: manualRuntime(), maxCalls: 1, periodMs: maxTimerMs + 1 };
    expect(() => rateLimit(options)).not.toThrow();
  });
});
