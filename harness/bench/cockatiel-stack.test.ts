// Convinces by making each part of the peer act: a peer whose layers do nothing would be a flattering comparison.

import { BrokenCircuitError, BulkheadRejectedError, TaskCancelledError } from 'cockatiel';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cockatielStack } from './cockatiel-stack.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The outcome of a call of which every wait is passed over. */
async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  const outcome = work.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return outcome;
}

it('retries', async () => {
  const operation = vi.fn().mockRejectedValueOnce(new Error('once')).mockResolvedValue('charged');
  expect(await outcomeOf(cockatielStack(operation)('purchase'))).toBe('charged');
  expect(operation).toHaveBeenCalledTimes(2);
});

it('gives up an attempt that does not listen, and tells it so', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const charge = cockatielStack((_: string, call) => {
    signals.push(call?.signal);
    return new Promise<never>(() => {});
  });
  expect(await outcomeOf(charge('purchase'))).toBeInstanceOf(TaskCancelledError);
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, true, true]);
});

it('opens after five calls that failed', async () => {
  const charge = cockatielStack(() => Promise.reject(new Error('down')));
  for (let calls = 0; calls < 5; calls++) await outcomeOf(charge('purchase'));
  expect(await outcomeOf(charge('purchase'))).toBeInstanceOf(BrokenCircuitError);
});

it('holds no more than a hundred calls at a time', async () => {
  const operation = vi.fn(() => new Promise<never>(() => {}));
  const charge = cockatielStack(operation);
  const calls = Array.from({ length: 101 }, () => charge('purchase').catch((error: unknown) => error));
  await vi.advanceTimersByTimeAsync(1);
  expect(operation).toHaveBeenCalledTimes(100);
  await vi.runAllTimersAsync();
  expect((await Promise.all(calls)).some((outcome) => outcome instanceof BulkheadRejectedError)).toBe(true);
});
