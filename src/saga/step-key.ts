// Names of a saga's operations, the same in every process and life.

import { hash } from 'node:crypto';

/**
 * A key of 1 to 200 printable ASCII characters without white space, different for different parts. Within the 255
 * that common gateways take it leaves room for what a layer puts around it.
 */
export function operationKey(...parts: readonly string[]): string {
  const name = parts.map(encodeURIComponent).join('/');
  return name.length <= 200 ? name : `sha256:${hash('sha256', name, 'hex')}`;
}
