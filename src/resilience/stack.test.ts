// Convinces by the order in which the layers are entered and left, and by a stack that the compiler has to accept
// without a cast.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { layersOf } from './layer.ts';
import type { AnyLayer, Operation } from './operation.ts';
import { retry } from './retry.ts';
import { stack } from './stack.ts';
import { timeout } from './timeout.ts';

describe('stack', () => {
  it('runs the layer that is named first outermost', async () => {
    const order: string[] = [];
    const named = (name: string): AnyLayer =>
      Object.assign(
        <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
          async (request, call) => {
            order.push(`${name} in`);
            const result = await next(request, call);
            order.push(`${name} out`);
            return result;
          },
        { kind: 'custom' as const },
      );
    const operation: Operation<number, string> = async (amount) => `charged ${amount}`;
    const stacked: Operation<number, string> = stack(named('a'), named('b'))(operation);
    expect(await stacked(5)).toBe('charged 5');
    expect(order).toEqual(['a in', 'b in', 'b out', 'a out']);
  });

  it('refuses to be nothing, what is no layer, and two of a kind', () => {
    const runtime = manualRuntime();
    const naked = <Request, Result>(next: Operation<Request, Result>) => next;
    expect(() => stack()).toThrow('stack: it was given no layers');
    // @ts-expect-error it has no kind
    expect(() => stack(retry({ runtime }), naked)).toThrow('stack: number 2 is no layer');
    expect(() => stack(...([undefined] as unknown as AnyLayer[]))).toThrow(ValidationError);
    expect(() => stack(retry({ runtime }), retry({ runtime }))).toThrow('stack: retry is named twice');
  });

  it('refuses to be put around what is no operation, or has one of the layers already', () => {
    const retried = stack(retry({ runtime: manualRuntime() }));
    // @ts-expect-error it is a result, not an operation
    expect(() => retried('charged')).toThrow('retry: it wraps an async function, got string');
    expect(() => retried(retried(async () => 'charged'))).toThrow('retry is applied twice');
  });

  it('remembers layers of other makes by their kind', () => {
    const foreign: AnyLayer = Object.assign(
      <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
        async (request, call) =>
          next(request, call),
      { kind: 'timeout' as const },
    );
    const operation = stack(retry({ runtime: manualRuntime() }), foreign)(async () => 'charged');
    expect(layersOf(operation)).toEqual(['retry', 'timeout']);
    expect(() => foreign(operation)).not.toThrow();
    expect(() => stack(foreign)(operation)).toThrow('timeout is applied twice');
  });

  it('limits each attempt, not all of them together, when the time-out is named after the retry', async () => {
    const runtime = manualRuntime();
    let attempts = 0;
    const operation: Operation<string, string> = async (_, call) => {
      attempts += 1;
      return attempts === 1 ? runtime.sleep(60_000, call?.signal).then(() => 'too late') : 'charged';
    };
    const stacked = stack(retry({ runtime }), timeout({ runtime, afterMs: 1_000 }))(operation);
    expect(await runtime.settle(stacked('purchase', { mayResend: true }))).toBe('charged');
    expect(attempts).toBe(2);
    expect(runtime.monotonicMs()).toBe(1_500);
  });
});
