// One rate limit for several processes: the gateway counts the calls of all of them together.

import { RateLimitedError } from '../errors/payment-error.ts';
import type { Chance, Clock, LogSink, Timers } from '../kernel/runtime.ts';
import { writeRejection } from './audit.ts';
import { layer } from './layer.ts';
import type { LimiterStore } from './limiter-store.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
import { started } from './started.ts';

/** Options of {@link sharedRateLimit}. Durations are milliseconds. */
export interface SharedRateLimitOptions {
  readonly runtime: Pick<Clock, 'monotonicMs'> & Pick<Timers, 'sleep'> & Pick<Chance, 'id'> & LogSink;
  readonly store: LimiterStore;
  /** What is limited together, such as one gateway account. */
  readonly name: string;
  /** Calls sent in any window of `periodMs`, by all processes together. */
  readonly maxCalls: number;
  readonly periodMs: number;
  /**
   * How long an admission may take to arrive. One that takes longer is not used, and windows are counted longer by as
   * much, so that the bound holds of what is sent and not only of what was admitted. Default 300.
   */
  readonly slackMs?: number;
  /** What becomes of a call that is too many: refused, or made to wait. Default `reject`. */
  readonly mode?: 'reject' | 'wait';
  /** A call that would have to wait longer in all is refused. Default 60 000. */
  readonly maxWaitMs?: number;
  /** Name of the operation in the audit log. Default `charge`. */
  readonly operation?: string;
}

/**
 * Sends at most `maxCalls` calls in any window of `periodMs`, whichever process makes them: one round trip for each call.
 * What is too many is refused with `RateLimitedError` (`local`, effect none, `retryAfter` in whole seconds) or, with mode
 * `wait`, asks again when an admission may be free; who has waited longest has no precedence over other processes. A
 * store that does not answer, or not within `slackMs`, admits nothing. Every refusal writes one audit record.
 *
 * @throws ValidationError when an option is out of range.
 */
export function sharedRateLimit(options: SharedRateLimitOptions): AnyLayer<'rateLimit'> {
  const { runtime, store, name, maxCalls, periodMs, slackMs, mode, maxWaitMs, operation } =
    validated(options);

  /** Undefined when the call may go, else after how many milliseconds to ask again. */
  const ask = async (): Promise<number | undefined> => {
    const askedMs = runtime.monotonicMs();
    const callId = runtime.id('call');
    const answer = await store.admit({ name, callId, maxCalls, periodMs: periodMs + slackMs });
    if (!answer.admitted) return answer.waitMs;
    return runtime.monotonicMs() - askedMs <= slackMs ? undefined : 1;
  };
  const admitted = async (call: Call | undefined): Promise<void> => {
    const untilMs = runtime.monotonicMs() + (mode === 'wait' ? maxWaitMs : 0);
    for (let waitMs = await ask(); waitMs !== undefined; waitMs = await ask()) {
      if (runtime.monotonicMs() + waitMs > untilMs) {
        const retryAfter = String(Math.ceil(waitMs / 1000));
        throw new RateLimitedError(
          'rateLimit: the limit that is shared with other processes is reached; nothing was sent',
          {
            retryAfter,
            local: true,
          },
        );
      }
      await runtime.sleep(waitMs, call?.signal);
    }
    call?.signal?.throwIfAborted();
  };
  const refusal = (cause: unknown): RateLimitedError =>
    cause instanceof RateLimitedError
      ? cause
      : new RateLimitedError(
          'rateLimit: the limit could not be asked for, or the caller gave up; nothing was sent',
          {
            cause,
            local: true,
          },
        );

  return layer(
    'rateLimit',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
      async (request, call) => {
        try {
          await admitted(call);
        } catch (cause) {
          const error = refusal(cause);
          writeRejection(runtime, { operation, code: error.code, call });
          throw error;
        }
        return started(next, request, call);
      },
  );
}

const check = optionCheck('sharedRateLimit');

function validated(options: SharedRateLimitOptions): Required<SharedRateLimitOptions> {
  const settled = {
    slackMs: 300,
    mode: 'reject' as const,
    maxWaitMs: 60_000,
    operation: 'charge',
    ...options,
  };
  check.runtime(settled.runtime, ['monotonicMs', 'sleep', 'id', 'log']);
  check.callback('store.admit', options.store?.admit);
  check.text('name', settled.name);
  check.count('maxCalls', settled.maxCalls);
  check.choice('mode', settled.mode, ['reject', 'wait']);
  check.delay('periodMs', settled.periodMs, 1);
  check.delay('slackMs', settled.slackMs);
  check.delay('maxWaitMs', settled.maxWaitMs);
  check.text('operation', settled.operation);
  return settled;
}
