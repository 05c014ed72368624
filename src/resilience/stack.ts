// Composition of layers: the first one named is the outermost.

import type { Layer, Operation } from './operation.ts';

/**
 * Composes `layers` around an operation, outermost first, and preserves its type.
 *
 * The safe order is idempotent, then retry, then timeout: a retry outside the idempotent layer repeats whole
 * claims, and a time-out outside a retry leaves attempts running that nobody owns any more.
 */
export function stack<Request, Result>(
  ...layers: readonly Layer<Request, Result>[]
): (operation: Operation<Request, Result>) => Operation<Request, Result> {
  return (operation) => layers.reduceRight((below, layer) => layer(below), operation);
}
