// Convinces by several processes over one store, on a clock that is moved by hand: what all of them send together is counted in
// every window, while admissions arrive late or not at all.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimitedError, StoreUnavailableError, ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryLimiterStore } from '../stores/memory-limiter-store.ts';
import type { LimiterStore } from './limiter-store.ts';
import { type SharedRateLimitOptions, sharedRateLimit } from './shared-rate-limit.ts';
import { endOf } from './testing.ts';

/** Two processes that may send two calls in a second; a reply of the store takes as long as `repliesMs` says. */
function processes(options: Partial<SharedRateLimitOptions> = {}, repliesMs: () => number = () => 0) {
  const runtime = manualRuntime();
  const store = memoryLimiterStore(runtime);
  const slow: LimiterStore = {
    async admit(request) {
      const answer = await store.admit(request);
      const ms = repliesMs();
      if (ms > 0) await runtime.sleep(ms);
      return answer;
    },
  };
  const sentMs: number[] = [];
  const send = async (): Promise<string> => {
    sentMs.push(runtime.monotonicMs());
    return 'sent';
  };
  const parts = {
    runtime,
    store: slow,
    name: 'gateway',
    maxCalls: 2,
    periodMs: 1_000,
    slackMs: 100,
    ...options,
  };
  const [one, other] = [sharedRateLimit(parts)(send), sharedRateLimit(parts)(send)];
  return { runtime, one, other, sentMs };
}

describe('a shared rate limit', () => {
  it('counts what all processes send', async () => {
    const { one, other, runtime } = processes();
    await one('a');
    await other('b');
    const refused = await endOf(one('c'));
    expect(refused).toBeInstanceOf(RateLimitedError);
    expect(refused).toMatchObject({ local: true, effect: 'none', retriable: true, retryAfter: '2' });
    await runtime.advance(1_100);
    expect(await other('d')).toBe('sent');
  });

  it('keeps the bound of what is sent when admissions arrive late', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            pauseMs: fc.constantFrom(0, 50, 400, 1_000),
            replyMs: fc.constantFrom(0, 60, 100, 101, 500),
          }),
          {
            maxLength: 25,
          },
        ),
        async (calls) => {
          const replies = calls.map(({ replyMs }) => replyMs);
          const { one, other, runtime, sentMs } = processes({ mode: 'wait' }, () => replies.shift() ?? 0);
          const ends: Promise<unknown>[] = [];
          for (const [index, { pauseMs }] of calls.entries()) {
            await runtime.advance(pauseMs);
            ends.push(endOf((index % 2 === 0 ? one : other)('call')));
          }
          await runtime.settle(Promise.all(ends));
          expect(sentMs).toHaveLength(calls.length);
          for (const atMs of sentMs)
            expect(sentMs.filter((sent) => sent > atMs - 1_000 && sent <= atMs).length).toBeLessThanOrEqual(
              2,
            );
        },
      ),
    );
  });

  it('sends nothing when the limit cannot be asked for', async () => {
    const store: LimiterStore = {
      admit: () => Promise.reject(new StoreUnavailableError('limiter.admit: timed out')),
    };
    const { one, sentMs, runtime } = processes({ store });
    expect(await endOf(one('a'))).toMatchObject({ code: 'rate_limited', local: true, effect: 'none' });
    expect(sentMs).toEqual([]);
    expect(runtime.logged).toEqual([{ audit: 'rejected', operation: 'charge', code: 'rate_limited' }]);
  });

  it('waits no longer than it is told, and not for a caller who has left', async () => {
    const { one, runtime } = processes({ mode: 'wait', maxWaitMs: 500, maxCalls: 1 });
    await one('a');
    expect(await endOf(one('b'))).toMatchObject({ retryAfter: '2' });
    const leaving = new AbortController();
    const waiting = processes({ mode: 'wait', maxCalls: 1 });
    await waiting.one('a');
    const left = endOf(waiting.other('b', { signal: leaving.signal }));
    await waiting.runtime.advance(10);
    leaving.abort(new Error('gone'));
    expect(await left).toMatchObject({ code: 'rate_limited', local: true });
    expect(waiting.sentMs).toHaveLength(1);
    expect(runtime.waiting()).toBe(0);
  });

  it.each([
    [{ maxCalls: 0 }],
    [{ periodMs: 0 }],
    [{ slackMs: -1 }],
    [{ name: '' }],
    [{ store: {} as LimiterStore }],
  ])('refuses %j', (options) => {
    expect(() => processes(options)).toThrow(ValidationError);
  });
});
