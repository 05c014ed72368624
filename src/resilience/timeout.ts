// A time limit for one attempt. Giving up on an answer does not undo the request: the charge may still land.

import { effectOf } from '../errors/join.ts';
import { GatewayTimeoutError } from '../errors/payment-error.ts';
import type { Timers } from '../kernel/runtime.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
import { started } from './started.ts';

const check = optionCheck('timeout');

/** Options of {@link timeout}. */
export interface TimeoutOptions {
  readonly runtime: Pick<Timers, 'after'>;
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
  check.runtime(runtime, ['after']);
  check.span('afterMs', afterMs);
  check.delay('afterMs', afterMs);
  return layer(
    'timeout',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
      (request, call: Call = {}) => {
        const outer = call.signal;
        if (outer?.aborted) return Promise.reject(outer.reason);
        return new Promise<Result>((resolve, reject) => {
          const controller = new AbortController();
          const giveUp = (reason: unknown): void => {
            settle();
            controller.abort(reason);
            reject(reason);
          };
          let settle = runtime.after(afterMs, () =>
            giveUp(new GatewayTimeoutError(`no answer within ${afterMs} ms; the charge may still land`)),
          );
          if (outer !== undefined) settle = alsoOnAbort(outer, settle, giveUp);
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
        });
      },
  );
}

/** Gives up as well when `signal` is aborted. Returns what undoes that and calls `settle`. */
function alsoOnAbort(signal: AbortSignal, settle: () => void, giveUp: (reason: unknown) => void): () => void {
  const onAbort = (): void => giveUp(abandoned(signal.reason));
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    settle();
    signal.removeEventListener('abort', onAbort);
  };
}

/** Whoever gives up a request that is under way doesn't know what became of it, whatever the reason claims. */
function abandoned(reason: unknown): unknown {
  if (effectOf(reason) === 'unknown') return reason;
  return new GatewayTimeoutError('the caller gave up; the charge may still land', { cause: reason });
}
