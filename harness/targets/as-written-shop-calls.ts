// How the textbook calls other services: a time-out, three attempts, exponential backoff.

import type { GatewayCallOptions } from '../../src/gateway/port.ts';
import type { Call } from '../../src/resilience/operation.ts';
import { retry } from '../../src/resilience/retry.ts';
import { timeout } from '../../src/resilience/timeout.ts';
import { retryAnything, retryPolicy } from './charge-stack.ts';
import type { TargetEnv } from './target.ts';

/** How long one attempt may take, milliseconds. */
const attemptTimeoutMs = 8_000;

/** Makes a call, in as many attempts as it takes. `send` is given the idempotency key of the attempt. */
export type RemoteCall = <Result>(
  send: (idempotencyKey: string, options: GatewayCallOptions) => Promise<Result>,
) => Promise<Result>;

/**
 * Calls that are repeated when they fail. Weaknesses: an attempt that timed out may have been carried out and is
 * repeated all the same, and the key is made where it is needed, anew for each attempt, so that nobody on the other side can
 * recognise the second as the first (S1, S18).
 */
export function remoteCalls({ runtime, config }: TargetEnv): RemoteCall {
  const repeated = retry(retryAnything({ runtime, ...retryPolicy, jitter: config.jitter }));
  const bounded = timeout({ runtime, afterMs: attemptTimeoutMs });
  return (send) => {
    const attempt = (_: undefined, { signal }: Call = {}) =>
      send(runtime.id('request'), signal === undefined ? {} : { signal });
    return repeated(bounded(attempt))(undefined);
  };
}
