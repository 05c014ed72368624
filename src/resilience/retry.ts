// Repeats what may safely be repeated. What is safe depends on what the failure proves, and for an unknown
// effect on whether the gateway deduplicates; both are read from the error and the call, never guessed.

import { joinFailures } from '../errors/join.ts';
import { PaymentError, PaymentPendingError, ValidationError } from '../errors/payment-error.ts';
import { maxTimerMs, type Runtime } from '../kernel/runtime.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { retryAfterMs } from './retry-after.ts';

/** A cap on how much retries may amplify load; one may be shared by many retry layers. */
export interface RetryBudget {
  /** Told of every first attempt. */
  called(): void;
  /** Asks for one retry; false when the budget is spent. */
  take(): boolean;
}

/** Options of {@link retry}. Delays are milliseconds. */
export interface RetryOptions {
  readonly runtime: Runtime;
  /** Attempts in all, the first included. Default 3. */
  readonly maxAttempts?: number;
  /** Delay before the first retry. Default 500. */
  readonly delayMs?: number;
  /** Factor from one delay to the next. Default 2. */
  readonly backoff?: number;
  /** `full`: uniform in [0, delay). `decorrelated`: uniform in [delayMs, 3 × the delay before). Default none. */
  readonly jitter?: 'none' | 'full' | 'decorrelated';
  /** Longest delay; a Retry-After above it ends the retrying. Default 30 000. */
  readonly maxDelayMs?: number;
  readonly budget?: RetryBudget;
  /** Whether a failure may be repeated. Default {@link mayRetry}. */
  readonly retryOn?: (error: unknown, call: Call) => boolean;
}

/**
 * The default rule: a retriable failure without effect may be repeated; one with unknown effect only where the
 * call says that sending again is safe, and not once the gateway has finally answered the key. Declines, payments
 * that the gateway has accepted and will decide later, and anything that is not a `PaymentError` are never repeated.
 */
export function mayRetry(error: unknown, call: Call): boolean {
  if (!(error instanceof PaymentError && error.retriable) || error instanceof PaymentPendingError)
    return false;
  if (error.effect === 'none') return true;
  return error.effect === 'unknown' && call.mayResend === true && !error.sealed;
}

/**
 * Retries the operation and throws the join of its attempts (see `joinFailures`).
 *
 * @throws ValidationError when an option is out of range.
 */
export function retry(options: RetryOptions): AnyLayer {
  const policy = validated(options);
  const wrap =
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
    async (request, call: Call = {}) => {
      const failures: unknown[] = [];
      let delayMs = policy.delayMs;
      policy.budget?.called();
      for (;;) {
        try {
          return await next(request, call);
        } catch (error) {
          failures.push(error);
          const pauseMs = pauseBefore(policy, { error, call, attempt: failures.length, delayMs });
          if (pauseMs === undefined) throw joinFailures(failures, call.mayResend === true);
          delayMs = pauseMs.nextDelayMs;
          try {
            await policy.runtime.sleep(pauseMs.sleepMs, call.signal);
          } catch {
            throw joinFailures(failures, call.mayResend === true);
          }
        }
      }
    };
  return Object.assign(wrap, { kind: 'retry' as const });
}

type Policy = Required<Omit<RetryOptions, 'budget'>> & Pick<RetryOptions, 'budget'>;

interface Failed {
  readonly error: unknown;
  readonly call: Call;
  readonly attempt: number;
  readonly delayMs: number;
}

function pauseBefore(policy: Policy, failed: Failed): { sleepMs: number; nextDelayMs: number } | undefined {
  const { error, call, attempt, delayMs } = failed;
  if (attempt >= policy.maxAttempts || call.signal?.aborted || !policy.retryOn(error, call)) return undefined;
  const header = error instanceof PaymentError ? error.retryAfter : undefined;
  const askedMs = retryAfterMs(header, policy.runtime.wallMs()) ?? 0;
  if (askedMs > policy.maxDelayMs) return undefined;
  if (policy.budget !== undefined && !policy.budget.take()) return undefined;
  const drawnMs = draw(policy, delayMs);
  const grownMs = policy.jitter === 'decorrelated' ? drawnMs : delayMs * policy.backoff;
  return { sleepMs: Math.max(drawnMs, askedMs), nextDelayMs: Math.min(grownMs, policy.maxDelayMs) };
}

function draw(policy: Policy, delayMs: number): number {
  const cappedMs = Math.min(delayMs, policy.maxDelayMs);
  if (policy.jitter === 'none') return cappedMs;
  const luck = policy.runtime.random('retry-jitter');
  if (policy.jitter === 'full') return Math.floor(luck * cappedMs);
  const spanMs = Math.max(0, cappedMs * 3 - policy.delayMs);
  return Math.min(policy.maxDelayMs, Math.floor(policy.delayMs + luck * spanMs));
}

function validated(options: RetryOptions): Policy {
  const policy: Policy = {
    maxAttempts: 3,
    delayMs: 500,
    backoff: 2,
    jitter: 'none',
    maxDelayMs: 30_000,
    retryOn: mayRetry,
    ...options,
  };
  const demand = (holds: boolean, rule: string, got: number): void => {
    if (!holds) throw new ValidationError(`retry: ${rule}, got ${got}`);
  };
  const { maxAttempts, delayMs, backoff, maxDelayMs } = policy;
  demand(
    Number.isSafeInteger(maxAttempts) && maxAttempts >= 1,
    'maxAttempts must be a whole number ≥ 1',
    maxAttempts,
  );
  demand(delayMs >= 0 && delayMs <= maxTimerMs, `delayMs must be between 0 and ${maxTimerMs}`, delayMs);
  demand(backoff >= 1 && backoff < Number.POSITIVE_INFINITY, 'backoff must be a finite factor ≥ 1', backoff);
  demand(
    maxDelayMs >= 0 && maxDelayMs <= maxTimerMs,
    `maxDelayMs must be between 0 and ${maxTimerMs}`,
    maxDelayMs,
  );
  return policy;
}
