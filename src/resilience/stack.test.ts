// Convinces by the order in which the layers are entered and left, and by a stack that the compiler has to accept
// without a cast.

import { describe, expect, it } from 'vitest';
import { manualRuntime } from '../kernel/testing.ts';
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
        { kind: 'retry' as const },
      );
    const operation: Operation<number, string> = async (amount) => `charged ${amount}`;
    const stacked: Operation<number, string> = stack(named('a'), named('b'))(operation);
    expect(await stacked(5)).toBe('charged 5');
    expect(order).toEqual(['a in', 'b in', 'b out', 'a out']);
  });

  it('is the operation itself without layers', () => {
    const operation: Operation<number, string> = async () => 'charged';
    expect(stack()(operation)).toBe(operation);
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
