// How an order is called: by its saga, and in every reference that the gateway is given, so that whatever the gateway
// reports of a payment leads back to its order.

import { hash } from 'node:crypto';
import { operationKey } from '../saga/step-key.ts';

/** Names an order: keys of two tenants never meet, because scope and key are kept apart. */
export interface OrderName {
  /** The tenant. */
  readonly scope: string;
  /** The client's idempotency key of the order. */
  readonly key: string;
}

/** Short enough that the references made of it fit into the 255 characters that common gateways take, escaped too. */
const longestId = 100;

/** The id of an order's saga: 1 to 100 printable ASCII characters, different for different names. */
export function orderId({ scope, key }: OrderName): string {
  const name = operationKey(scope, key);
  return name.length <= longestId ? name : `sha256:${hash('sha256', name, 'hex')}`;
}

/** The merchant reference under which the operation `name` of `id` is sent. */
export function referenceOf(name: string, id: string): string {
  return `$${name}/${escaped(id)}/${name}/0`;
}

/** The key of the idempotency record under whose operation `reference` was sent: a reference begins with it. */
export function recordKeyIn(reference: string): string {
  return reference.split('/').slice(0, 2).join('/');
}

/** Whose operation `name` was sent under a reference; undefined when it is not one of ours. */
export function idIn(name: string, reference: string): string | undefined {
  const [scope, id, operation, epoch, ...more] = reference.split('/');
  if (scope !== `$${name}` || operation !== name || id === undefined || epoch === undefined) return undefined;
  return more.length === 0 ? id.replaceAll('%2F', '/').replaceAll('%25', '%') : undefined;
}

function escaped(id: string): string {
  return id.replaceAll('%', '%25').replaceAll('/', '%2F');
}
