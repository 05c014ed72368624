// Why a saga should not go on: its caller gave up, or it took too long. Neither reaches what undoes it.

import { PaymentError } from '../errors/payment-error.ts';
import type { Custody } from './custody.ts';
import type { SagaSettings } from './options.ts';

/** The scope that going forward to the pivot happens in. */
export interface Cancellation {
  /** Aborted with a `PaymentError` that says why. */
  readonly signal: AbortSignal;
  /** Stops listening and leaves no timer. */
  readonly close: () => void;
}

/** Watches the caller's signal, and the time-out counted from the start of the saga by the journal's clock. */
export function cancellationOf<Context extends object>(
  { runtime, timeoutMs }: SagaSettings<Context>,
  custody: Custody,
  caller: AbortSignal | undefined,
): Cancellation {
  const controller = new AbortController();
  const cancelled = (): void => {
    const { reason } = caller ?? {};
    controller.abort(
      reason instanceof PaymentError ? reason : stopped('saga_cancelled', 'the caller gave it up'),
    );
  };
  const late = (): void => controller.abort(stopped('saga_timeout', `it took longer than ${timeoutMs} ms`));
  let cancelTimer = (): void => {};
  if (timeoutMs !== undefined) {
    const leftMs = custody.record().startedAtMs + timeoutMs - custody.nowMs();
    if (leftMs <= 0) late();
    else cancelTimer = runtime.after(leftMs, late);
  }
  if (caller?.aborted) cancelled();
  else caller?.addEventListener('abort', cancelled, { once: true });
  return {
    signal: controller.signal,
    close() {
      cancelTimer();
      caller?.removeEventListener('abort', cancelled);
    },
  };
}

function stopped(code: string, why: string): PaymentError {
  const kind = { code, retriable: false, effect: 'final' } as const;
  return new PaymentError(`the saga was stopped: ${why}; what it had done is undone`, kind);
}
