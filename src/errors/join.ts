// What several attempts prove together. A time-out followed by a 429 is unknown, not rate-limited.

import { type Effect, PaymentError } from './payment-error.ts';

const weight: Readonly<Record<Effect, number>> = { unknown: 3, final: 2, none: 1 };

/** What `error` proves; anything that is not a `PaymentError` proves nothing, so its effect is unknown. */
export function effectOf(error: unknown): Effect {
  return error instanceof PaymentError ? error.effect : 'unknown';
}

/**
 * The error that speaks for all failed attempts of one operation, in the order in which they failed: unknown
 * outweighs final, final outweighs none, and among equals the latest speaks.
 *
 * With `settles` (the gateway replays every answer and all attempts used one key), a final answer decides
 * for the unknown attempts before it as well: they were the same request.
 */
export function joinFailures(failures: readonly unknown[], settles: boolean): unknown {
  const last = failures.at(-1);
  if (settles && effectOf(last) === 'final') return last;
  let speaker = failures[0];
  for (const failure of failures) {
    if (weight[effectOf(failure)] >= weight[effectOf(speaker)]) speaker = failure;
  }
  return speaker;
}
