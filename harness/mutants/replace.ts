// Ways to replace one part of the idempotent layer's options.

import type { ChargeResult, GatewayCapabilities } from '../../src/gateway/port.ts';
import type { IdempotencyOptions } from '../../src/idempotency/options.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { ChargeIntent } from '../history/history.ts';

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
