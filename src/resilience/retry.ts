// Repeats what may safely be repeated. What is safe depends on what the failure proves, and for an unknown
// effect on whether the gateway deduplicates; both are read from the error and the call, never guessed.

import { joinFailures } from '../errors/join.ts';
import { PaymentError, PaymentPendingError } from '../errors/payment-error.ts';
import type { Runtime } from '../kernel/runtime.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
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
  /** Whether a failure may be repeated. Default {@link mayRetry}. What throws has said no. */
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
export function retry(options: RetryOptions): AnyLayer<'retry'> {
  const policy = validated(options);
  return layer(
    'retry',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
      async (request, call) => {
        policy.budget?.called();
        try {
          return await next(request, call);
        } catch (error) {
          return again(policy, { next, request, call: call ?? {} }, error);
        }
      },
  );
}

interface Repeated<Request, Result> {
  readonly next: Operation<Request, Result>;
  readonly request: Request;
  readonly call: Call;
}

/** Everything after the first attempt, which ended in `first`. */
async function again<Request, Result>(
  policy: Policy,
  { next, request, call }: Repeated<Request, Result>,
  first: unknown,
): Promise<Result> {
  const failures = [first];
  const settles = call.mayResend === true;
  let { delayMs } = policy;
  for (;;) {
    const error = failures.at(-1);
    const pauseMs = pauseBefore(policy, { error, call, attempt: failures.length, delayMs });
    if (pauseMs === undefined) throw joinFailures(failures, settles);
    delayMs = pauseMs.nextDelayMs;
    try {
      await policy.runtime.sleep(pauseMs.sleepMs, call.signal);
    } catch {
      throw joinFailures(failures, settles);
    }
    try {
      return await next(request, call);
    } catch (failure) {
      failures.push(failure);
    }
  }
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
  if (attempt >= policy.maxAttempts || call.signal?.aborted || !allows(policy, error, call)) return undefined;
  const header = error instanceof PaymentError ? error.retryAfter : undefined;
  const askedMs = retryAfterMs(header, policy.runtime.wallMs()) ?? 0;
  if (askedMs > policy.maxDelayMs) return undefined;
  if (policy.budget !== undefined && !policy.budget.take()) return undefined;
  const drawnMs = draw(policy, delayMs);
  const grownMs = policy.jitter === 'decorrelated' ? drawnMs : delayMs * policy.backoff;
  return { sleepMs: Math.max(drawnMs, askedMs), nextDelayMs: Math.min(grownMs, policy.maxDelayMs) };
}

/** A rule with a bug must not take the place of the failure that it was asked about. */
function allows({ retryOn }: Policy, error: unknown, call: Call): boolean {
  try {
    return retryOn(error, call);
  } catch {
    return false;
  }
}

function draw(policy: Policy, delayMs: number): number {
  const cappedMs = Math.min(delayMs, policy.maxDelayMs);
  if (policy.jitter === 'none') return cappedMs;
  const luck = policy.runtime.random('retry-jitter');
  if (policy.jitter === 'full') return Math.floor(luck * cappedMs);
  const spanMs = Math.max(0, cappedMs * 3 - policy.delayMs);
  return Math.min(policy.maxDelayMs, Math.floor(policy.delayMs + luck * spanMs));
}

const check = optionCheck('retry');

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
  check.runtime(policy.runtime, ['wallMs', 'sleep', 'random']);
  check.count('maxAttempts', policy.maxAttempts);
  check.delay('delayMs', policy.delayMs);
  check.factor('backoff', policy.backoff);
  check.choice('jitter', policy.jitter, ['none', 'full', 'decorrelated']);
  check.delay('maxDelayMs', policy.maxDelayMs);
  check.callback('retryOn', policy.retryOn);
  if (policy.budget !== undefined) {
    check.callback('budget.called', policy.budget.called);
    check.callback('budget.take', policy.budget.take);
  }
  return policy;
}
