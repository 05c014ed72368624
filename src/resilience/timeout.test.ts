// Convinces by moving time to either side of the limit, and by looking at what is left behind afterwards: a timer,
// a listener, or a request that was not told to stop.

import { describe, expect, it } from 'vitest';
import { GatewayTimeoutError, RateLimitedError, ValidationError } from '../errors/payment-error.ts';
import { maxTimerMs } from '../kernel/runtime.ts';
import { manualRuntime } from '../kernel/testing.ts';
import type { Call, Operation } from './operation.ts';
import { timeout } from './timeout.ts';

const failureOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

/** An operation that never answers, behind a limit of one second. */
function hanging() {
  const runtime = manualRuntime();
  const calls: Call[] = [];
  const operation: Operation<string, never> = timeout({ runtime, afterMs: 1_000 })((_, call = {}) => {
    calls.push(call);
    return new Promise<never>(() => {});
  });
  return { runtime, operation, calls };
}

/** A signal that counts its listeners. */
function watchedSignal() {
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  return { controller, signal, listeners: () => listeners };
}

describe('timeout', () => {
  it('rejects with an unknown effect at the limit, not before, and aborts the call', async () => {
    const { runtime, operation, calls } = hanging();
    const outcome = failureOf(operation('purchase', { idempotencyKey: 'k' }));
    await runtime.advance(999);
    expect(calls[0]).toMatchObject({ idempotencyKey: 'k', signal: { aborted: false } });
    await runtime.advance(1);
    const error = await outcome;
    expect(error).toBeInstanceOf(GatewayTimeoutError);
    expect(error).toMatchObject({ effect: 'unknown' });
    expect(calls[0]?.signal?.reason).toBe(error);
  });

  it.each([
    ['resolves', async () => 'charged', 'charged'],
    [
      'rejects',
      async () => Promise.reject(new RateLimitedError('slow down')),
      new RateLimitedError('slow down'),
    ],
    [
      'throws at once',
      (): Promise<string> => {
        throw new RateLimitedError('slow down');
      },
      new RateLimitedError('slow down'),
    ],
  ] satisfies [string, () => Promise<string>, unknown][])(
    'leaves neither timer nor listener when the call %s',
    async (_, next, expected) => {
      const runtime = manualRuntime();
      const { signal, listeners } = watchedSignal();
      const outcome = await failureOf(timeout({ runtime, afterMs: 1_000 })(next)('purchase', { signal }));
      expect(outcome).toEqual(expected);
      expect(runtime.waiting()).toBe(0);
      expect(listeners()).toBe(0);
    },
  );

  it('passes on that the caller gave up', async () => {
    const { runtime, operation, calls } = hanging();
    const { controller, signal, listeners } = watchedSignal();
    const outcome = failureOf(operation('purchase', { signal }));
    const reason = new Error('the caller left');
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    expect(calls[0]?.signal?.reason).toBe(reason);
    expect(runtime.waiting()).toBe(0);
    expect(listeners()).toBe(0);
  });

  it('keeps the effect unknown though the caller gives up for a reason that claims to have none', async () => {
    const { operation } = hanging();
    const controller = new AbortController();
    const outcome = failureOf(operation('purchase', { signal: controller.signal }));
    const reason = new RateLimitedError('the caller is over its limit');
    controller.abort(reason);
    const error = await outcome;
    expect(error).toBeInstanceOf(GatewayTimeoutError);
    expect(error).toMatchObject({ effect: 'unknown', cause: reason });
  });

  it('starts nothing for a caller who has given up already', async () => {
    const { runtime, operation, calls } = hanging();
    const reason = new Error('the caller left');
    expect(await failureOf(operation('purchase', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(calls).toEqual([]);
    expect(runtime.waiting()).toBe(0);
  });

  it('is not moved by an answer that comes too late', async () => {
    const runtime = manualRuntime();
    const slow = timeout({ runtime, afterMs: 1_000 })(() => runtime.sleep(2_000).then(() => 'charged'));
    const outcome = failureOf(slow('purchase'));
    await runtime.advance(5_000);
    expect(await outcome).toBeInstanceOf(GatewayTimeoutError);
  });

  it.each([0, -1, Number.NaN, maxTimerMs + 1, Number.POSITIVE_INFINITY])(
    'refuses a limit of %s ms',
    (afterMs) => {
      expect(() => timeout({ runtime: manualRuntime(), afterMs })).toThrow(ValidationError);
    },
  );

  it('refuses a runtime without timers', () => {
    expect(() => timeout({ runtime: {} as never, afterMs: 1 })).toThrow(ValidationError);
  });
});
