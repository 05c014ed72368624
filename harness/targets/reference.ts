// paystorm's own reference stack: idempotent, then retry, then timeout, over the gateway.

import { chargeService, retryPolicy } from './charge-stack.ts';
import type { Target } from './target.ts';

/** The system that must hold every invariant. */
export const reference: Target = {
  name: 'reference',
  description: 'the reference stack: idempotent, retry, timeout',
  capabilities: ['charge', 'recover'],
  retry: retryPolicy,
  start: (env) => chargeService(env),
};
