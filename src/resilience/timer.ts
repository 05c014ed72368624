// Tells a metric how long each call took and how it ended.

import type { Clock } from '../kernel/runtime.ts';
import { codeOf } from './audit.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
import { quietly } from './quietly.ts';
import { started } from './started.ts';

const check = optionCheck('timer');

/** One call, as a metric sees it. */
export interface TimedCall {
  /** Milliseconds of the monotonic clock. */
  readonly ms: number;
  /** `ok`, or the code of the error that ended the call; `error` for what is not a `PaymentError`. */
  readonly outcome: string;
}

/** Options of {@link timer}. */
export interface TimerOptions {
  readonly runtime: Pick<Clock, 'monotonicMs'>;
  /** Told of each call that has settled; what it throws is dropped. */
  readonly metric: (call: TimedCall) => void;
}

/**
 * Times the operation below it.
 *
 * @throws ValidationError when an option is missing.
 */
export function timer({ runtime, metric }: TimerOptions): AnyLayer<'timer'> {
  check.runtime(runtime, ['monotonicMs']);
  check.callback('metric', metric);
  return layer(
    'timer',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
      (request, call) => {
        const startedMs = runtime.monotonicMs();
        const ended = (outcome: string): void =>
          quietly(metric, { ms: runtime.monotonicMs() - startedMs, outcome });
        return started(next, request, call).then(
          (result) => {
            ended('ok');
            return result;
          },
          (error: unknown) => {
            ended(codeOf(error));
            throw error;
          },
        );
      },
  );
}
