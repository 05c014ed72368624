// Ways to replace one part of a charging service.

import type { ChargeResult, GatewayCapabilities, LookupRequest } from '../../src/gateway/port.ts';
import type { IdempotencyOptions } from '../../src/idempotency/options.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { Operation } from '../../src/resilience/operation.ts';
import type { ChargeIntent } from '../history/history.ts';
import type { ChargeLayer } from '../targets/charge-stack.ts';

/** Options of the charging service's idempotent layer. */
export type ChargeOptions = IdempotencyOptions<ChargeIntent, ChargeResult>;

/** The same options over another view of the store. */
export function withStore(
  options: ChargeOptions,
  change: (store: IdempotencyStore) => IdempotencyStore,
): ChargeOptions {
  return { ...options, store: change(options.store) };
}

/** The same options with other beliefs about the gateway. */
export function withCapabilities(
  options: ChargeOptions,
  change: (capabilities: GatewayCapabilities) => GatewayCapabilities,
): ChargeOptions {
  const { resolve } = options;
  return { ...options, resolve: { ...resolve, capabilities: change(resolve.capabilities) } };
}

/** The same options with another way of looking a payment up. */
export function withFind(
  options: ChargeOptions,
  change: (find: Find, request: LookupRequest) => ReturnType<Find>,
): ChargeOptions {
  const { resolve } = options;
  return { ...options, resolve: { ...resolve, find: (request) => change(resolve.find, request) } };
}

type Find = ChargeOptions['resolve']['find'];

/** An operation of the charging service. */
export type ChargeOperation = Operation<ChargeIntent, ChargeResult>;

/** `inner` with something around it; to a stack it is still one layer. */
export function around(
  inner: ChargeLayer,
  wrap: (operation: ChargeOperation) => ChargeOperation,
): ChargeLayer {
  return Object.assign((next: ChargeOperation) => wrap(inner(next)), { kind: inner.kind });
}

/** An operation whose failures are changed by `reword` before anybody sees them. */
export function failingWith(
  reword: (error: unknown) => unknown,
): (operation: ChargeOperation) => ChargeOperation {
  return (operation) => async (intent, call) => {
    try {
      return await operation(intent, call);
    } catch (error) {
      throw reword(error);
    }
  };
}
