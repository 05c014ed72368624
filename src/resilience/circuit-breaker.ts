// Stops calling what does not work, so that it can recover and callers need not wait for it.

import { CircuitOpenError, PaymentError, ValidationError } from '../errors/payment-error.ts';
import type { Clock, LogSink } from '../kernel/runtime.ts';
import { writeRejection } from './audit.ts';
import {
  type BreakerLimits,
  type BreakerState,
  type BreakerVerdict,
  breakerMachine,
} from './breaker-state.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
import { quietly } from './quietly.ts';
import { started } from './started.ts';

/** Options of {@link circuitBreaker}. Durations are milliseconds of the monotonic clock. */
export interface CircuitBreakerOptions {
  readonly runtime: Pick<Clock, 'monotonicMs'> & LogSink;
  /** Counted failures within `windowMs` that open the breaker. Default 5. */
  readonly failureThreshold?: number;
  /** How long a failure counts. Default 60 000. */
  readonly windowMs?: number;
  /** How long an open breaker refuses, and how long a probe may take. Default 30 000. */
  readonly recoveryTimeoutMs?: number;
  /** Calls that are let through to find out whether to close again. Default 1. */
  readonly halfOpenProbes?: number;
  /** A success that took at least so long counts as a failure. Default: however long it took. */
  readonly slowCallMs?: number;
  /** Whether a failure counts. Default {@link isInfrastructureFailure}. What throws has counted. */
  readonly countOn?: (error: unknown) => boolean;
  /** Hears of every transition; what it throws is dropped. */
  readonly onStateChange?: (state: BreakerState) => void;
  /** Name of the operation in the audit log. Default `charge`. */
  readonly operation?: string;
}

const infrastructure: readonly string[] = ['network_error', 'gateway_timeout', 'gateway_error'];

/**
 * Whether a failure speaks against what is guarded: it could not be reached, did not answer in time, or answered
 * that it is broken; so does anything that is not a `PaymentError`. Every other answer is a definite one (a decline, a
 * 4xx, a 429, a 409, a demand for authentication): who gives it works.
 */
export function isInfrastructureFailure(error: unknown): boolean {
  return !(error instanceof PaymentError) || infrastructure.includes(error.code);
}

/**
 * Refuses calls with `CircuitOpenError` (effect none, nothing was sent) while what it guards does not work. One
 * breaker may guard several operations, such as a charge and the sweep's. All times are the monotonic clock's, and the
 * state is brought up to date when a call arrives or settles:
 *
 * - CLOSED: all calls pass. A counted failure is noted with the time at which it settled; one noted at `windowMs`
 *   ago or earlier no longer counts. With `failureThreshold` of them in the window the breaker opens. Successes erase
 *   nothing.
 * - OPEN: all calls are refused at once until `recoveryTimeoutMs` have passed since it opened; the next call then
 *   makes it half-open.
 * - HALF-OPEN: `halfOpenProbes` calls pass, all others are refused at once. When that many have succeeded it closes, and
 *   earlier failures are forgotten. A counted failure of one opens it again from that instant. A probe without a
 *   result `recoveryTimeoutMs` after it was let through counts as a failure at that instant.
 *
 * A failure that is not counted is a success. An outcome that says nothing about what is guarded counts as neither and
 * gives a probe's place back: a refusal by a layer of our own (`local`), a `ValidationError`, and a call that the
 * caller gave up for a reason other than lack of time. Every transition begins a new generation, and the result
 * of a call that was let through in an older one counts for nothing.
 *
 * Every refusal writes one audit record.
 *
 * @throws ValidationError when an option is out of range.
 */
export function circuitBreaker(options: CircuitBreakerOptions): AnyLayer<'circuitBreaker'> {
  const { runtime, slowCallMs, countOn = isInfrastructureFailure, operation = 'charge' } = options;
  const { onStateChange } = options;
  const limits = validated(options);
  const machine = breakerMachine(runtime, limits, (state) => {
    if (onStateChange !== undefined) quietly(onStateChange, state);
  });
  /** Reading a clock costs as much as a layer, so it is read only where somebody asks how long a call took. */
  const sinceMs = (): number => (slowCallMs === undefined ? 0 : runtime.monotonicMs());
  const isSlow = (startedMs: number): boolean =>
    slowCallMs !== undefined && runtime.monotonicMs() - startedMs >= slowCallMs;

  return layer(
    'circuitBreaker',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
      (request, call) => {
        const admission = machine.enter();
        if (admission === undefined) {
          return Promise.reject(refused(runtime, operation, call));
        }
        const startedMs = sinceMs();
        return started(next, request, call).then(
          (result) => {
            machine.leave(admission, isSlow(startedMs) ? 'failure' : 'success');
            return result;
          },
          (error: unknown) => {
            const verdict = verdictOn(error, call, countOn);
            const slow = verdict === 'success' && isSlow(startedMs);
            machine.leave(admission, slow ? 'failure' : verdict);
            throw error;
          },
        );
      },
  );
}

/** The refusal of a call, which it writes into the audit log. */
export function refused(sink: LogSink, operation: string, call: Call | undefined): CircuitOpenError {
  const error = new CircuitOpenError(
    'circuitBreaker: what it guards keeps failing, so nothing was sent; try again later',
  );
  writeRejection(sink, { operation, code: error.code, call });
  return error;
}

/** What a failed call says about what is guarded. */
export function verdictOn(
  error: unknown,
  call: Call | undefined,
  countOn: (error: unknown) => boolean,
): BreakerVerdict {
  if (error instanceof ValidationError || (error instanceof PaymentError && error.local)) return 'neither';
  if (wasAbandoned(error, call?.signal)) return 'neither';
  try {
    return countOn(error) ? 'failure' : 'success';
  } catch {
    return 'failure';
  }
}

/** Whether `error` only says that the caller left. One who left for lack of time (a time-out further out) does say something. */
function wasAbandoned(error: unknown, signal: AbortSignal | undefined): boolean {
  if (!signal?.aborted) return false;
  const reason: unknown = signal.reason;
  const passedOn = error === reason || (error instanceof Error && error.cause === reason);
  const lackedTime = reason instanceof Error && reason.name === 'TimeoutError';
  return passedOn && !lackedTime && !(reason instanceof PaymentError);
}

const check = optionCheck('circuitBreaker');

/** The limits among the options, with their defaults. */
export function validated(options: CircuitBreakerOptions): BreakerLimits {
  const { failureThreshold = 5, windowMs = 60_000, recoveryTimeoutMs = 30_000, halfOpenProbes = 1 } = options;
  check.runtime(options.runtime, ['monotonicMs', 'log']);
  check.count('failureThreshold', failureThreshold);
  check.span('windowMs', windowMs);
  check.span('recoveryTimeoutMs', recoveryTimeoutMs);
  check.count('halfOpenProbes', halfOpenProbes);
  if (options.slowCallMs !== undefined) check.span('slowCallMs', options.slowCallMs);
  if (options.countOn !== undefined) check.callback('countOn', options.countOn);
  if (options.onStateChange !== undefined) check.callback('onStateChange', options.onStateChange);
  if (options.operation !== undefined) check.text('operation', options.operation);
  return { failureThreshold, windowMs, recoveryTimeoutMs, halfOpenProbes };
}
