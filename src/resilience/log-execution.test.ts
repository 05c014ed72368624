// Convinces by the whole log after calls that end in every way, alone and in a stack whose other layers refuse.

import { describe, expect, it } from 'vitest';
import {
  CardDeclinedError,
  LeaseLostError,
  NetworkError,
  RateLimitedError,
  ValidationError,
} from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import { type LogExecutionOptions, logExecution } from './log-execution.ts';
import type { Operation } from './operation.ts';
import { rateLimit } from './rate-limit.ts';
import { retry } from './retry.ts';
import { stack } from './stack.ts';
import { endOf } from './testing.ts';
import { timeout } from './timeout.ts';

/** A logged operation that takes 25 ms and ends as the test says. */
function logged(end: () => unknown, options: Partial<LogExecutionOptions> = {}) {
  const runtime = manualRuntime();
  const operation: Operation<{ readonly pan: string }, unknown> = async () => {
    await runtime.sleep(25);
    return end();
  };
  const charge = logExecution({ runtime, ...options })(operation);
  const call = () => runtime.settle(endOf(charge({ pan: '4111' }, { idempotencyKey: 'k' })));
  return { runtime, call };
}

const throwing = (error: unknown) => (): never => {
  throw error;
};
const usual = { operation: 'charge', idempotencyKey: 'k', ms: 25 };

describe('logExecution', () => {
  it.each([
    ['a success', () => 'charged', 'ok'],
    ['a decline', throwing(new CardDeclinedError('declined')), 'card_declined'],
    ["the gateway's 429", throwing(new RateLimitedError('429')), 'rate_limited'],
    ['a bug', throwing(new TypeError('a bug')), 'error'],
    ['what is no error', throwing('a string'), 'error'],
    ['nothing at all', throwing(undefined), 'error'],
  ])('records %s as one attempt', async (_, end, code) => {
    const { runtime, call } = logged(end);
    await call();
    expect(runtime.logged).toEqual([{ audit: 'attempt', code, ...usual }]);
  });

  it('records a request that is refused for its form as rejected', async () => {
    const { runtime, call } = logged(throwing(new ValidationError('no amount')));
    await call();
    expect(runtime.logged).toEqual([{ audit: 'rejected', code: 'validation_error', ...usual }]);
  });

  it.each([new LeaseLostError('too late'), new RateLimitedError('own limiter', { local: true })])(
    'leaves it to the one that refused to record %s',
    async (error) => {
      const { runtime, call } = logged(throwing(error));
      expect(await call()).toBe(error);
      expect(runtime.logged).toEqual([]);
    },
  );

  it('records of request and result what it is told to, and nothing otherwise', async () => {
    const { runtime, call } = logged(() => ({ id: 'ch_1', cvv: '999' }), {
      operation: 'topup',
      args: (request) => ({ lastDigits: String(Reflect.get(Object(request), 'pan')).slice(-2) }),
      result: (result) => Reflect.get(Object(result), 'id'),
    });
    await call();
    const record = { audit: 'attempt', code: 'ok', ...usual, operation: 'topup' };
    expect(runtime.logged).toEqual([{ ...record, args: { lastDigits: '11' }, result: 'ch_1' }]);
  });

  it('records the request as it was when it was sent', async () => {
    const runtime = manualRuntime();
    const request = { amountMinor: 500 };
    const charge = logExecution({ runtime, args: (given) => ({ ...Object(given) }) })(
      async (given: typeof request) => {
        given.amountMinor = 0;
      },
    );
    await charge(request);
    expect(runtime.logged).toMatchObject([{ args: { amountMinor: 500 } }]);
  });

  it('lets nothing through of what it calls to record', async () => {
    const fails = throwing(new Error('the disk is full'));
    const options = { args: fails, result: fails };
    const { runtime, call } = logged(() => 'charged', options);
    expect(await call()).toBe('charged');
    expect(runtime.logged).toEqual([{ audit: 'attempt', code: 'ok', ...usual }]);
    const failing = { ...manualRuntime(), log: fails };
    expect(await logExecution({ runtime: failing })(async () => 'charged')('purchase')).toBe('charged');
    const declined = new CardDeclinedError('declined');
    const refused = logExecution({ runtime: failing })(() => Promise.reject(declined));
    expect(await endOf(refused('purchase'))).toBe(declined);
  });

  it('writes to a sink that is an object with a memory', async () => {
    const lines: unknown[] = [];
    const sink = {
      lines,
      monotonicMs: () => 0,
      log(record: unknown): void {
        this.lines.push(record);
      },
    };
    await logExecution({ runtime: sink })(async () => 'charged')('purchase');
    expect(lines).toHaveLength(1);
  });

  it.each([
    { operation: '' },
    { operation: 5 as never },
    { args: 'all' as never },
    { result: {} as never },
    { runtime: { log: () => {} } as never },
  ])('refuses %j', (options) => {
    expect(() => logExecution({ runtime: manualRuntime(), ...options })).toThrow(ValidationError);
  });
});

describe('a stack with every guard', () => {
  it('leaves one record of each attempt and of each refusal', async () => {
    const runtime = manualRuntime();
    let sends = 0;
    const charge = stack(
      circuitBreaker({ runtime, failureThreshold: 1 }),
      retry({ runtime, maxAttempts: 4, delayMs: 100 }),
      rateLimit({ runtime, maxCalls: 2, periodMs: 1_000 }),
      timeout({ runtime, afterMs: 1_000 }),
      logExecution({ runtime }),
    )(async () => {
      sends += 1;
      throw new NetworkError('refused', { effect: 'none' });
    });
    await runtime.settle(endOf(charge('purchase')));
    await endOf(charge('purchase'));
    expect(sends).toBe(3);
    expect(runtime.logged.map(({ audit, code }) => `${audit} ${code}`)).toEqual([
      'attempt network_error',
      'attempt network_error',
      'rejected rate_limited',
      'attempt network_error',
      'rejected circuit_open',
    ]);
  });
});
