// Convinces by putting every layer that there is through the same ordeal: what is no operation, what has the layer
// already, calls without a context, and operations that throw what no operation should.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { idempotent } from '../idempotency/idempotent.ts';
import { rig } from '../idempotency/testing.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { cached } from './cached.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import { layer, layersOf } from './layer.ts';
import { logExecution } from './log-execution.ts';
import type { AnyLayer, Layer, LayerKind, Operation } from './operation.ts';
import { rateLimit } from './rate-limit.ts';
import { retry } from './retry.ts';
import { stack } from './stack.ts';
import { timeout } from './timeout.ts';
import { timer } from './timer.ts';

type Every = readonly Layer<unknown, unknown>[];

/** One of each, but the idempotent one, which a request has to have a key for. */
function guards(runtime = manualRuntime()): readonly AnyLayer[] {
  return [
    circuitBreaker({ runtime, failureThreshold: 1_000 }),
    retry({ runtime }),
    rateLimit({ runtime, maxCalls: 100, periodMs: 1_000 }),
    timeout({ runtime, afterMs: 1_000 }),
    timer({ runtime, metric: () => {} }),
    logExecution({ runtime }),
    cached({ runtime, ttlMs: 1_000 }),
  ];
}

const oneOfEach = (): Every => [idempotent(rig().options) as unknown as Layer<unknown, unknown>, ...guards()];
const named = (layers: Every): [string, Layer<unknown, unknown>][] => layers.map((one) => [one.kind, one]);

describe.each(named(oneOfEach()))('%s', (kind, one) => {
  it.each([undefined, null, 5, 'charge', {}, Promise.resolve()])('refuses to wrap %s', (nonsense) => {
    expect(() => one(nonsense as never)).toThrow(ValidationError);
    expect(() => one(nonsense as never)).toThrow(`${kind}: it wraps an async function`);
  });

  it('is not put around an operation that has it, however deep', () => {
    const once = one(async () => 'charged');
    const covered = layer('custom', (next) => next.bind(undefined))(once);
    expect(layersOf(covered)).toEqual(['custom', kind]);
    for (const operation of [once, covered]) {
      expect(() => one(operation)).toThrow(ValidationError);
      expect(() => one(operation)).toThrow(`${kind} is applied twice`);
    }
  });

  it.each([
    [0, 'the second argument of a layer'],
    ['charge', 'the second argument of a layer'],
    [null, 'the second argument of a layer'],
    [{ kind: 'field' }, 'this is a field'],
    [{ kind: 'class' }, 'this is a class'],
    [{ kind: 'getter' }, 'this is a getter'],
  ])('is no decorator of %j', (context, message) => {
    const decorate = () => one(async () => 'charged', context as unknown as ClassMethodDecoratorContext);
    expect(decorate).toThrow(ValidationError);
    expect(decorate).toThrow(message);
  });
});

describe.each(named(guards()))('%s', (_, one) => {
  it('passes on what it knows nothing of: a call that is undefined, and a result', async () => {
    const calls: unknown[] = [];
    const result = Object.freeze({ id: 'ch_1' });
    const operation = one(async (...[, call]: Parameters<Operation<unknown, unknown>>) => {
      calls.push(call?.idempotencyKey);
      return result;
    });
    expect(await operation('a')).toBe(result);
    expect(await operation('b', undefined)).toBe(result);
    expect(await operation('c', { idempotencyKey: 'k' })).toBe(result);
    expect(calls).toEqual([undefined, undefined, 'k']);
  });

  it('makes a promise of what an operation returns that is not as async as its type says', async () => {
    const operation = one((() => 'charged') as never);
    const answer: unknown = operation('purchase');
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toBe('charged');
  });

  it.each([
    ['a string', 'charged twice'],
    ['undefined', undefined],
    ['null', null],
    ['zero', 0],
    ['a symbol', Symbol('thrown')],
    ['a frozen object', Object.freeze({ code: 'gateway_timeout', retriable: true })],
    ['a frozen error', Object.freeze(new Error('frozen'))],
    [
      'an object whose every member throws',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('hands off');
          },
        },
      ),
    ],
  ])('passes on %s that the operation throws, at once or later', async (_name, thrown) => {
    const [rejecting, throwing] = [
      () => Promise.reject(thrown),
      (): Promise<unknown> => {
        throw thrown;
      },
    ];
    for (const operation of [rejecting, throwing]) {
      const ended = await one(operation)(`request of ${operation.name}`).then(
        () => expect.unreachable(),
        (error: unknown) => ({ error }),
      );
      expect(ended.error).toBe(thrown);
    }
  });
});

describe('layersOf', () => {
  it('tells the order, outermost first', () => {
    const runtime = manualRuntime();
    const [breaker, again] = [circuitBreaker({ runtime }), retry({ runtime })];
    const inner = again(async () => 'charged');
    expect(layersOf(breaker(inner))).toEqual(['circuitBreaker', 'retry']);
    expect(layersOf(inner)).toEqual(['retry']);
    const limit = timeout({ runtime, afterMs: 1 });
    expect(layersOf(stack(breaker, limit)(inner))).toEqual(['circuitBreaker', 'timeout', 'retry']);
  });

  it.each([undefined, null, 'charge', {}, async () => 'charged'])('is empty for %s', (value) => {
    expect(layersOf(value)).toEqual([]);
  });

  it('gives nobody a list to change', () => {
    const operation = retry({ runtime: manualRuntime() })(async () => 'charged');
    (layersOf(operation) as LayerKind[]).pop();
    expect(layersOf(operation)).toEqual(['retry']);
  });
});
