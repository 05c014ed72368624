// paystorm's own system: the reference stack, in the recommended order, over the gateway; and around it, where the world has
// one, the reference shop.

import { chargeCapabilities, chargeService, retryPolicy } from './charge-stack.ts';
import { shopService } from './shop.ts';
import { shopCapabilities, type Target } from './target.ts';

/** The system that must hold every invariant. */
export const reference: Target = {
  name: 'reference',
  description:
    'the reference stack, and the reference shop: sagas, refunds, webhooks, ledger, reconciliation',
  capabilities: [...chargeCapabilities, ...shopCapabilities, 'fees'],
  retry: retryPolicy,
  start: (env) => (env.shop === undefined ? chargeService(env) : shopService(env)),
};
