// The reference's layers in any other order, as a target of its own.

import { chargeCapabilities, chargeService, retryPolicy } from './charge-stack.ts';
import { type Order, orderName, orderNamed } from './orders.ts';
import type { Target } from './target.ts';

const prefix = 'stack:';

/** The charging service whose layers stand in `order`; its name is `stack:` and the order's. */
export function stackTarget(order: Order): Target {
  return {
    name: `${prefix}${orderName(order)}`,
    description: `the reference's layers as ${order.join(', ')}`,
    capabilities: chargeCapabilities,
    retry: retryPolicy,
    start: (env) => chargeService(env, { order }),
  };
}

/** The target that `name` names, or undefined when it names none, or not every layer exactly once. */
export function findStackTarget(name: string): Target | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const order = orderNamed(name.slice(prefix.length));
  return order === undefined ? undefined : stackTarget(order);
}
