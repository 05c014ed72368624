// A time limit for one attempt. Giving up on an answer does not undo the request: the charge may still land.

import { effectOf } from '../errors/join.ts';
import { GatewayTimeoutError, ValidationError } from '../errors/payment-error.ts';
import { maxTimerMs, type Timers } from '../kernel/runtime.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';

/** Options of {@link timeout}. */
export interface TimeoutOptions {
  readonly runtime: Timers;
  /** Milliseconds, above 0 and within what a timer can hold. */
  readonly afterMs: number;
}

/**
 * Rejects with `GatewayTimeoutError` (effect unknown) when the operation has not settled after `afterMs`, and
 * aborts it through the call's signal.
 *
 * @throws ValidationError when `afterMs` is not a positive number that a timer can hold.
 */
export function timeout({ runtime, afterMs }: TimeoutOptions): AnyLayer<'timeout'> {
  if (!(afterMs > 0 && afterMs <= maxTimerMs)) {
    throw new ValidationError(
      `timeout: afterMs must be above 0 and at most ${maxTimerMs}, got ${afterMs}; give milliseconds`,
    );
  }
  return layer(
    'timeout',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
      (request, call: Call = {}) =>
        new Promise<Result>((resolve, reject) => {
          const controller = new AbortController();
          const outer = call.signal;
          const giveUp = (reason: unknown): void => {
            settle();
            controller.abort(reason);
            reject(reason);
          };
          const onOuterAbort = (): void => giveUp(abandoned(outer?.reason));
          const cancel = runtime.after(afterMs, () =>
            giveUp(new GatewayTimeoutError(`no answer within ${afterMs} ms; the charge may still land`)),
          );
          const settle = (): void => {
            cancel();
            outer?.removeEventListener('abort', onOuterAbort);
          };
          if (outer?.aborted) return giveUp(outer.reason);
          outer?.addEventListener('abort', onOuterAbort, { once: true });
          started(next, request, { ...call, signal: controller.signal }).then(
            (result) => {
              settle();
              resolve(result);
            },
            (error: unknown) => {
              settle();
              reject(error);
            },
          );
        }),
  );
}

/** Whoever gives up a request that is under way doesn't know what became of it, whatever the reason claims. */
function abandoned(reason: unknown): unknown {
  if (effectOf(reason) === 'unknown') return reason;
  return new GatewayTimeoutError('the caller gave up; the charge may still land', { cause: reason });
}

/** Calls `next` so that even what it throws at once is a rejection, and the timer is cleared. */
async function started<Request, Result>(
  next: Operation<Request, Result>,
  request: Request,
  call: Call,
): Promise<Result> {
  return next(request, call);
}
