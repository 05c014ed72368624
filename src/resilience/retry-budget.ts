// A token bucket for retries: under an outage, load grows by a bounded share instead of by the attempt count.

import { ValidationError } from '../errors/payment-error.ts';
import type { RetryBudget } from './retry.ts';

/**
 * A budget that earns `ratio` retries for every call and saves at most `capacity` of them.
 *
 * @throws ValidationError unless 0 < ratio ≤ 10 and capacity ≥ 1.
 */
export function retryBudget({
  ratio,
  capacity,
}: {
  readonly ratio: number;
  readonly capacity: number;
}): RetryBudget {
  if (!(ratio > 0 && ratio <= 10 && capacity >= 1 && capacity < Number.POSITIVE_INFINITY)) {
    throw new ValidationError(
      `retryBudget: need 0 < ratio ≤ 10 and a finite capacity ≥ 1, got ${ratio} and ${capacity}`,
    );
  }
  let saved = capacity;
  return {
    called() {
      saved = Math.min(capacity, saved + ratio);
    },
    take() {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
