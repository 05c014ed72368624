// Orders by name: those worth seeing, and how people write them.

import { type LayerName, layerNames, type Order, recommendedOrder } from '../../targets/orders.ts';

/** What the layers are called where there is little room; also understood where orders are given. */
export const shortNames: Readonly<Record<LayerName, string>> = {
  idempotent: 'idem',
  circuitBreaker: 'breaker',
  retry: 'retry',
  rateLimit: 'limit',
  timeout: 'timeout',
  logExecution: 'log',
};

/** An order in short names, such as `idem>retry>…`. */
export function shortOrderName(order: Order): string {
  return order.map((name) => shortNames[name]).join('>');
}

/** The layer that a name or a short name means; undefined when it means none. */
export function layerNamed(text: string): LayerName | undefined {
  const wanted = text.trim().toLowerCase();
  return layerNames.find((name) => name.toLowerCase() === wanted || shortNames[name] === wanted);
}

/** The recommended order, others that teams use or that look harmless, and those that are common and unsafe. */
export const ordersWorthSeeing: readonly Order[] = [
  recommendedOrder,
  // Retry around the breaker, as policy libraries document it: each attempt asks the breaker again.
  ['idempotent', 'retry', 'circuitBreaker', 'rateLimit', 'timeout', 'logExecution'],
  // One deadline over all attempts instead of one for each.
  ['idempotent', 'timeout', 'circuitBreaker', 'retry', 'rateLimit', 'logExecution'],
  // A call that waits for the limiter spends the time of its attempt.
  ['idempotent', 'circuitBreaker', 'retry', 'timeout', 'rateLimit', 'logExecution'],
  // The client retries the whole service call.
  ['retry', 'idempotent', 'circuitBreaker', 'rateLimit', 'timeout', 'logExecution'],
  // The breaker guards the endpoint instead of the gateway.
  ['circuitBreaker', 'idempotent', 'retry', 'rateLimit', 'timeout', 'logExecution'],
  // The limiter stands at the door and counts requests instead of calls.
  ['idempotent', 'rateLimit', 'circuitBreaker', 'retry', 'timeout', 'logExecution'],
  // One log line for each request.
  ['idempotent', 'logExecution', 'circuitBreaker', 'retry', 'rateLimit', 'timeout'],
  // Middleware first, idempotency next to the gateway.
  ['logExecution', 'rateLimit', 'timeout', 'circuitBreaker', 'retry', 'idempotent'],
];
