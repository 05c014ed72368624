// The peer of the stack: what a person builds from cockatiel, the resilience library that is used most.

import {
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import type { Operation } from '../../src/resilience/operation.ts';

/**
 * Breaker, retry, bulkhead and time-out of cockatiel around `operation`, in our order and with our numbers. It has
 * neither a timer nor a log, and is given its best case: the cheapest of its breakers, and no abort after an answer.
 * The time-out rejects at its limit, as ours does, whether or not the operation listens to the signal.
 */
export function cockatielStack<Request, Result>(
  operation: Operation<Request, Result>,
): Operation<Request, Result> {
  const policy = wrap(
    circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: new ConsecutiveBreaker(5) }),
    retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 500 }) }),
    bulkhead(100),
    timeout(8_000, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false }),
  );
  return (request) => policy.execute(({ signal }) => operation(request, { signal }));
}
