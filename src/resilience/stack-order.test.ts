// Convinces by the compiler: every order of the table is refused by `tsc` (an expected error that does not occur is
// one itself), every other order and everything that is no list compiles, and the text of an error is compared.

import { describe, expect, expectTypeOf, it } from 'vitest';
import { idempotent } from '../idempotency/idempotent.ts';
import type { IdempotencyOptions } from '../idempotency/options.ts';
import { type Order as Purchase, rig } from '../idempotency/testing.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { cached } from './cached.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import { logExecution } from './log-execution.ts';
import type { AnyLayer, Layer, Operation } from './operation.ts';
import { rateLimit } from './rate-limit.ts';
import { retry } from './retry.ts';
import { stack } from './stack.ts';
import type { Ordered } from './stack-order.ts';
import { timeout } from './timeout.ts';
import { timer } from './timer.ts';

const runtime = manualRuntime();
const options: IdempotencyOptions<Purchase, unknown> = rig().options;
const guard = {
  idempotent: idempotent(options),
  circuitBreaker: circuitBreaker({ runtime }),
  retry: retry({ runtime }),
  rateLimit: rateLimit({ runtime, maxCalls: 10, periodMs: 1_000 }),
  timeout: timeout({ runtime, afterMs: 1_000 }),
  timer: timer({ runtime, metric: () => {} }),
  logExecution: logExecution({ runtime }),
  cached: cached({ runtime, ttlMs: 1_000 }),
};
const charge: Operation<Purchase, unknown> = async () => 'charged';

describe('orders that do not compile', () => {
  it('are those of the table', () => {
    const { idempotent, circuitBreaker, retry, rateLimit, timeout, timer, logExecution } = guard;
    // @ts-expect-error S6
    stack(retry, idempotent);
    // @ts-expect-error S16
    stack(circuitBreaker, idempotent);
    // @ts-expect-error S15
    stack(rateLimit, idempotent);
    // @ts-expect-error L1
    stack(timeout, idempotent);
    // @ts-expect-error S20
    stack(logExecution, idempotent);
    // @ts-expect-error S15
    stack(rateLimit, retry);
    // @ts-expect-error S20
    stack(logExecution, retry);
    // @ts-expect-error S6, though others stand between the two
    stack(retry, timer, idempotent, timeout);
    // @ts-expect-error S6, known of a tuple as well
    expect(() => stack(...([retry, idempotent] as const))).not.toThrow();
  });

  it('are those with a cache on a charge, wherever it stands', () => {
    const { idempotent, cached, retry } = guard;
    // @ts-expect-error S13
    stack(idempotent, retry, cached);
    // @ts-expect-error S13
    stack(cached, idempotent);
  });

  it('say what is wrong', () => {
    type Found = Ordered<[AnyLayer<'rateLimit'>, AnyLayer<'timer'>, AnyLayer<'retry'>]>;
    expectTypeOf<
      Found[0]
    >().toEqualTypeOf<'Unsafe order: rateLimit outside retry breaks S15; put rateLimit inside retry, so that it admits every attempt'>();
    expectTypeOf<Found[1]>().toEqualTypeOf<unknown>();
  });
});

describe('what compiles', () => {
  it('is every other order', () => {
    const { idempotent, circuitBreaker, retry, rateLimit, timeout, timer, logExecution, cached } = guard;
    expectTypeOf(
      stack(idempotent, circuitBreaker, retry, rateLimit, timeout, timer, logExecution)(charge),
    ).toEqualTypeOf<typeof charge>();
    stack(timer, idempotent, timeout, logExecution);
    stack(timeout, circuitBreaker, retry, logExecution, rateLimit);
    const read = async (id: string): Promise<number> => id.length;
    expectTypeOf(stack(cached, timeout, retry)(read)).toEqualTypeOf<Operation<string, number>>();
  });

  it('is what the compiler knows only as an array or as one of several kinds', () => {
    const { idempotent, retry, timeout } = guard;
    const attempts = [timeout, retry];
    const some: readonly AnyLayer[] = attempts;
    const own: readonly Layer<Purchase, unknown>[] = [idempotent, ...attempts];
    expectTypeOf(stack(idempotent, ...attempts)(charge)).toEqualTypeOf<typeof charge>();
    expectTypeOf(stack(...some)(charge)).toEqualTypeOf<typeof charge>();
    expectTypeOf(stack(...own)(charge)).toEqualTypeOf<typeof charge>();
  });
});
