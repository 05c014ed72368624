// Composition of layers: the first one named is the outermost.

import type { AnyLayer, Layer, Operation } from './operation.ts';

/**
 * Composes `layers` around an operation, outermost first, and preserves its type.
 *
 * The safe order is idempotent, then retry, then timeout: a retry outside the idempotent layer repeats whole
 * claims, and a time-out outside a retry leaves attempts running that nobody owns any more.
 */
export function stack(
  ...layers: readonly AnyLayer[]
): <Request, Result>(operation: Operation<Request, Result>) => Operation<Request, Result>;
/** The same where a layer, such as `idempotent`, fits one type of operation only. */
export function stack<Request, Result>(
  ...layers: readonly (AnyLayer | Layer<Request, Result>)[]
): (operation: Operation<Request, Result>) => Operation<Request, Result>;
export function stack<Request, Result>(
  ...layers: readonly Layer<Request, Result>[]
): (operation: Operation<Request, Result>) => Operation<Request, Result> {
  return (operation) => layers.reduceRight((below, layer) => layer(below), operation);
}
