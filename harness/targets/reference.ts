// paystorm's own reference stack, in the recommended order, over the gateway.

import { chargeCapabilities, chargeService, retryPolicy } from './charge-stack.ts';
import type { Target } from './target.ts';

/** The system that must hold every invariant. */
export const reference: Target = {
  name: 'reference',
  description: 'the reference stack: idempotent, breaker, retry, limiter, timeout, timer, log',
  capabilities: chargeCapabilities,
  retry: retryPolicy,
  start: (env) => chargeService(env),
};
