// Convinces by the exact list of attempts and of pauses: an operation fails by script, time is moved by hand, and
// both what was sent and how long was waited is compared with the rule.

import { describe, expect, it } from 'vitest';
import {
  CardDeclinedError,
  GatewayServerError,
  GatewayTimeoutError,
  NetworkError,
  NotChargedError,
  PaymentPendingError,
  RateLimitedError,
  ValidationError,
} from '../errors/payment-error.ts';
import { maxTimerMs } from '../kernel/runtime.ts';
import { manualRuntime } from '../kernel/testing.ts';
import type { Call } from './operation.ts';
import { type RetryOptions, retry } from './retry.ts';
import { retryBudget } from './retry-budget.ts';

const refused = new NetworkError('refused', { effect: 'none' });
const lost = new GatewayTimeoutError('lost');
const declined = new CardDeclinedError('declined');
const limited = (retryAfter?: string) =>
  new RateLimitedError('slow down', retryAfter === undefined ? {} : { retryAfter });

/** Runs a script of failures, after which the operation succeeds, and tells everything that happened. */
async function ran(script: readonly unknown[], options: Partial<RetryOptions> = {}, call: Call = {}) {
  const runtime = options.runtime === undefined ? manualRuntime(() => 0.5) : manualRuntime();
  const queue = [...script];
  let attempts = 0;
  const operation = retry({ runtime, ...options })(async () => {
    attempts += 1;
    if (queue.length > 0) throw queue.shift();
    return 'charged';
  });
  const outcome = await runtime.settle(
    operation('purchase', call).then(
      (result): unknown => result,
      (error: unknown) => error,
    ),
  );
  return { outcome, attempts, slept: runtime.sleptMs };
}

describe('what is repeated', () => {
  it('repeats a retriable failure without effect until it succeeds', async () => {
    expect(await ran([refused, limited()])).toEqual({ outcome: 'charged', attempts: 3, slept: [500, 1_000] });
  });

  it('makes no more than the attempts it is allowed', async () => {
    const { outcome, attempts } = await ran([refused, refused, refused, refused]);
    expect(attempts).toBe(3);
    expect(outcome).toBe(refused);
    expect((await ran([refused], { maxAttempts: 1 })).attempts).toBe(1);
  });

  it('does not repeat an unknown effect unless the call says that sending again is safe', async () => {
    expect(await ran([lost])).toMatchObject({ outcome: lost, attempts: 1 });
    expect(await ran([lost], {}, { mayResend: false })).toMatchObject({ attempts: 1 });
    expect(await ran([lost], {}, { mayResend: true })).toMatchObject({ outcome: 'charged', attempts: 2 });
  });

  it('does not ask a key again that the gateway has finally answered', async () => {
    const sealed = new GatewayServerError('replayed 500', { sealed: true });
    expect(await ran([sealed], {}, { mayResend: true })).toMatchObject({ outcome: sealed, attempts: 1 });
  });

  it.each([
    declined,
    new NotChargedError('never'),
    new ValidationError('bad'),
    new PaymentPendingError('accepted', { gatewayId: 'pay_1' }),
    new TypeError('a bug'),
    'not an error at all',
  ])('never repeats %s', async (failure) => {
    expect(await ran([failure], {}, { mayResend: true })).toMatchObject({ outcome: failure, attempts: 1 });
  });

  it('obeys a rule of its own when given one', async () => {
    const retryOn = (error: unknown): boolean => error === declined;
    expect((await ran([declined], { retryOn })).attempts).toBe(2);
    expect((await ran([refused], { retryOn })).attempts).toBe(1);
  });

  it('takes a rule that throws for a no, and passes on the failure', async () => {
    const retryOn = (): boolean => {
      throw new TypeError('a bug');
    };
    expect(await ran([refused], { retryOn })).toMatchObject({ outcome: refused, attempts: 1 });
  });
});

describe('what is thrown', () => {
  it('says unknown when an attempt was unknown, whatever came after', async () => {
    const script = [lost, limited(), limited()];
    expect((await ran(script, {}, { mayResend: true })).outcome).toBe(lost);
  });

  it('lets a decline settle the attempts before it only where every answer is replayed', async () => {
    expect((await ran([lost, declined], {}, { mayResend: true })).outcome).toBe(declined);
    expect((await ran([lost, declined], { retryOn: (error) => error === lost })).outcome).toBe(lost);
  });
});

describe('how long it waits', () => {
  it('grows the delay by the factor and caps it', async () => {
    const script = Array.from({ length: 5 }, () => refused);
    const options = { maxAttempts: 6, delayMs: 100, backoff: 3, maxDelayMs: 1_000 };
    expect((await ran(script, options)).slept).toEqual([100, 300, 900, 1_000, 1_000]);
  });

  it('draws within the delay under full jitter, and between the first delay and thrice the last if decorrelated', async () => {
    const script = [refused, refused, refused];
    const options = { maxAttempts: 4, delayMs: 100 };
    expect((await ran(script, { ...options, jitter: 'full' })).slept).toEqual([50, 100, 200]);
    expect((await ran(script, { ...options, jitter: 'decorrelated' })).slept).toEqual([200, 350, 575]);
  });

  it.each(['none', 'full', 'decorrelated'] as const)(
    'stays within the longest delay with jitter %s',
    async (jitter) => {
      const script = Array.from({ length: 60 }, () => refused);
      const options = { maxAttempts: 61, delayMs: 1_000, maxDelayMs: maxTimerMs, backoff: 10, jitter };
      const { slept } = await ran(script, options);
      expect(slept).toHaveLength(60);
      for (const pauseMs of slept) expect(pauseMs).toBeLessThanOrEqual(maxTimerMs);
    },
  );

  it('waits as long as the gateway asks, in seconds or until a date', async () => {
    expect((await ran([limited('2')])).slept).toEqual([2_000]);
    expect((await ran([limited('Thu, 01 Jan 1970 00:00:03 GMT')])).slept).toEqual([3_000]);
  });

  it('never waits less than its own delay, though the gateway asks for less', async () => {
    expect((await ran([limited('0')])).slept).toEqual([500]);
  });

  it('ignores a Retry-After that is garbage', async () => {
    expect((await ran([limited('whenever'), limited('-5')])).slept).toEqual([500, 1_000]);
  });

  it('gives up when the gateway asks for more than the longest delay', async () => {
    const asked = limited('31');
    expect(await ran([asked])).toEqual({ outcome: asked, attempts: 1, slept: [] });
    expect((await ran([limited('30')])).slept).toEqual([30_000]);
  });
});

describe('what stops it', () => {
  it('stops when the budget is spent, which several layers may share', async () => {
    const budget = retryBudget({ ratio: 0.001, capacity: 1 });
    expect((await ran([refused, refused], { budget })).attempts).toBe(2);
    expect((await ran([refused], { budget })).attempts).toBe(1);
  });

  it('takes nothing from the budget for what it does not repeat', async () => {
    const budget = retryBudget({ ratio: 0.001, capacity: 1 });
    await ran([declined], { budget });
    await ran([limited('31')], { budget });
    await ran([refused], { budget }, { signal: AbortSignal.abort() });
    expect((await ran([refused], { budget })).attempts).toBe(2);
  });

  it('stops sleeping when the caller gives up, and throws what the attempts proved', async () => {
    const runtime = manualRuntime();
    const controller = new AbortController();
    let attempts = 0;
    const operation = retry({ runtime })(async () => {
      attempts += 1;
      throw refused;
    });
    const outcome = operation('purchase', { signal: controller.signal }).catch((error: unknown) => error);
    await runtime.advance(100);
    controller.abort(new Error('the caller left'));
    await runtime.drain();
    expect(await outcome).toBe(refused);
    expect(attempts).toBe(1);
    expect(runtime.waiting()).toBe(0);
  });

  it('does not start another attempt for a caller who has given up', async () => {
    const signal = AbortSignal.abort();
    expect(await ran([refused], {}, { signal })).toEqual({ outcome: refused, attempts: 1, slept: [] });
  });
});

describe('options', () => {
  it.each([
    { maxAttempts: 0 },
    { maxAttempts: 1.5 },
    { maxAttempts: Number.POSITIVE_INFINITY },
    { delayMs: -1 },
    { delayMs: Number.NaN },
    { delayMs: maxTimerMs + 1 },
    { backoff: 0.5 },
    { backoff: Number.POSITIVE_INFINITY },
    { maxDelayMs: -1 },
    { maxDelayMs: maxTimerMs + 1 },
    { jitter: 'some' as never },
    { retryOn: 'always' as never },
    { budget: { called: () => {} } as never },
    { runtime: { sleep: async () => {} } as never },
  ])('refuses %j', (options) => {
    expect(() => retry({ runtime: manualRuntime(), ...options })).toThrow(ValidationError);
  });
});
