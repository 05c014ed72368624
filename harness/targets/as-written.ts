// The stack as textbooks and blog posts write it: the client's key guards the door, but the gateway gets a new
// key for every attempt, any retriable error is retried, and an unknown outcome clears the slot. The shop around it is in
// `as-written-shop.ts`.

import { asWrittenShop } from './as-written-shop.ts';
import { chargeCapabilities, chargeService, retryAnything, retryPolicy } from './charge-stack.ts';
import { shopCapabilities, type Target } from './target.ts';

/** The system that charges twice, and whose shop loses what it does not charge. */
export const asWritten: Target = {
  name: 'as-written',
  description: 'the textbook stack and shop: key not forwarded, unknown outcomes cleared, mark-then-process',
  capabilities: [...chargeCapabilities, ...shopCapabilities],
  retry: retryPolicy,
  start: (env) => ({
    ...chargeService(env, {
      options: (options) => ({ ...options, onUnknown: 'clear' }),
      retry: retryAnything,
      send: (operation) => (intent, call) =>
        operation(intent, {
          ...call,
          idempotencyKey: env.runtime.id('request'),
          merchantReference: env.runtime.id('order'),
        }),
    }),
    ...asWrittenShop(env),
  }),
};
