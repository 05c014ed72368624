// Keeps the number of calls in any window within what the gateway grants, by refusing or by waiting.

import { type ErrorDetails, RateLimitedError } from '../errors/payment-error.ts';
import type { Clock, LogSink, Timers } from '../kernel/runtime.ts';
import { writeRejection } from './audit.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
import { slidingLog } from './sliding-log.ts';
import { started } from './started.ts';
import { waitingLine } from './waiting-line.ts';

/** Options of {@link rateLimit}. Durations are milliseconds. */
export interface RateLimitOptions {
  readonly runtime: Pick<Clock, 'monotonicMs'> & Pick<Timers, 'sleep'> & LogSink;
  /** Calls admitted in any window of `periodMs`. */
  readonly maxCalls: number;
  readonly periodMs: number;
  /** What becomes of a call that is too many: refused, or made to wait for its turn. Default `reject`. */
  readonly mode?: 'reject' | 'wait';
  /** A call that would have to wait longer is refused at once. Default 60 000. */
  readonly maxWaitMs?: number;
  /** Name of the operation in the audit log. Default `charge`. */
  readonly operation?: string;
}

/**
 * Admits at most `maxCalls` calls in any window [t, t + `periodMs`) of the monotonic clock: a call is admitted at t
 * when the `maxCalls`-th latest admission was at or before t - `periodMs`. One limiter may guard several
 * operations. The operation below is called at the instant of admission.
 *
 * What is too many is refused with `RateLimitedError` (`local`, effect none, `retryAfter` in whole seconds) or, with
 * mode `wait`, waits in order of arrival. Whether a call may go is decided when it wakes and never before, so a
 * process that stalled does not send at once what it had put off. A call whose signal is aborted leaves the queue and
 * is refused. Memory grows with `maxCalls` and with the calls that wait.
 *
 * Every refusal writes one audit record.
 *
 * @throws ValidationError when an option is out of range.
 */
export function rateLimit(options: RateLimitOptions): AnyLayer<'rateLimit'> {
  const { runtime, maxCalls, periodMs, mode, maxWaitMs, operation } = validated(options);
  const admissions = slidingLog(maxCalls, periodMs);
  const line = waitingLine();
  let latestMs = Number.NEGATIVE_INFINITY;
  const now = (): number => {
    latestMs = Math.max(latestMs, runtime.monotonicMs());
    return latestMs;
  };
  const admitted = (): boolean => {
    const nowMs = now();
    const admits = admissions.admits(nowMs);
    if (admits) admissions.admit(nowMs);
    return admits;
  };
  const refused = (call: Call | undefined, details: ErrorDetails): RateLimitedError => {
    const why = 'cause' in details ? 'the caller gave up while it waited' : 'the limit is reached';
    const error = new RateLimitedError(`rateLimit: ${why}; nothing was sent`, { ...details, local: true });
    writeRejection(runtime, { operation, code: error.code, call });
    return error;
  };

  return layer(
    'rateLimit',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> => {
      const waited: Operation<Request, Result> = async (request, call) => {
        const place = line.join();
        try {
          await place.atHead(call?.signal);
          while (!admitted()) await runtime.sleep(admissions.waitMs(now(), 0), call?.signal);
        } catch (cause) {
          throw refused(call, { cause });
        } finally {
          place.leave();
        }
        return next(request, call);
      };
      return (request, call) => {
        if (line.length() === 0 && admitted()) return started(next, request, call);
        const waitMs = admissions.waitMs(now(), line.length());
        if (mode === 'wait' && waitMs <= maxWaitMs) return waited(request, call);
        return Promise.reject(refused(call, { retryAfter: String(Math.ceil(waitMs / 1000)) }));
      };
    },
  );
}

const check = optionCheck('rateLimit');

function validated(options: RateLimitOptions): Required<RateLimitOptions> {
  const settled = { mode: 'reject' as const, maxWaitMs: 60_000, operation: 'charge', ...options };
  check.runtime(settled.runtime, ['monotonicMs', 'sleep', 'log']);
  check.count('maxCalls', settled.maxCalls);
  check.choice('mode', settled.mode, ['reject', 'wait']);
  if (settled.mode === 'wait') check.delay('periodMs', settled.periodMs, 1);
  else check.span('periodMs', settled.periodMs);
  check.delay('maxWaitMs', settled.maxWaitMs);
  check.text('operation', settled.operation);
  return settled;
}
