// Convinces by everything that the metric was told, and by metrics that fail in every way there is.

import { describe, expect, it } from 'vitest';
import { CardDeclinedError, ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { endOf } from './testing.ts';
import { type TimedCall, timer } from './timer.ts';

describe('timer', () => {
  it('tells how long each call took and how it ended', async () => {
    const runtime = manualRuntime();
    const told: TimedCall[] = [];
    const timed = timer({ runtime, metric: (call) => told.push(call) });
    const called = (ms: number, error?: unknown) =>
      endOf(
        timed(async () => {
          await runtime.sleep(ms);
          if (error !== undefined) throw error;
        })('purchase'),
      );
    const calls = [
      called(30),
      called(10, new CardDeclinedError('declined')),
      called(20, new TypeError('a bug')),
    ];
    await runtime.settle(Promise.all(calls));
    expect(told).toEqual([
      { ms: 10, outcome: 'card_declined' },
      { ms: 20, outcome: 'error' },
      { ms: 30, outcome: 'ok' },
    ]);
  });

  it('measures on the monotonic clock', async () => {
    const runtime = manualRuntime();
    const told: TimedCall[] = [];
    const timed = timer({ runtime, metric: (call) => told.push(call) })(async () => {
      runtime.setWall(-1_000_000);
    });
    await timed('purchase');
    expect(told).toEqual([{ ms: 0, outcome: 'ok' }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('the collector is down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the collector is down'))],
  ])('lets nothing through of a metric that %s', async (_, metric) => {
    const timed = timer({ runtime: manualRuntime(), metric });
    expect(await timed(async () => 'charged')('purchase')).toBe('charged');
    const declined = new CardDeclinedError('declined');
    expect(await endOf(timed(() => Promise.reject(declined))('purchase'))).toBe(declined);
  });

  it.each([{ metric: undefined as never }, { metric: 'log' as never }, { runtime: {} as never }])(
    'refuses %j',
    (options) => {
      expect(() => timer({ runtime: manualRuntime(), metric: () => {}, ...options })).toThrow(
        ValidationError,
      );
    },
  );
});
