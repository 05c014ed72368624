// Composition of layers: the first one named is the outermost.

import { ValidationError } from '../errors/payment-error.ts';
import { demandApplicable, isLayered, remember } from './layer.ts';
import type { AnyLayer, Layer, LayerKind, Operation } from './operation.ts';
import type { Ordered } from './stack-order.ts';

/**
 * Composes `layers` around an operation, outermost first, and preserves its type.
 *
 * The recommended order for a charge is idempotent, circuitBreaker, retry, rateLimit, timeout, timer, logExecution. An
 * order that is known to be unsafe does not compile where the layers are listed one by one; the error names the
 * invariant that it breaks. Of layers in an array the compiler knows no order: ask `checkStack`.
 *
 * @throws ValidationError when there are no layers, one is no layer, or two are of one kind (`custom` ones
 * excepted); the returned function throws it when it is given something other than a function, or an operation that
 * has one of the layers already.
 */
export function stack<const Layers extends readonly AnyLayer[]>(
  ...layers: Layers & Ordered<Layers>
): <Request, Result>(operation: Operation<Request, Result>) => Operation<Request, Result>;
/** The same where a layer, such as `idempotent`, fits one type of operation only. */
export function stack<Request, Result, const Layers extends readonly (AnyLayer | Layer<Request, Result>)[]>(
  ...layers: Layers & readonly (AnyLayer | Layer<Request, Result>)[] & Ordered<Layers>
): (operation: Operation<Request, Result>) => Operation<Request, Result>;
export function stack<Request, Result>(
  ...layers: readonly Layer<Request, Result>[]
): (operation: Operation<Request, Result>) => Operation<Request, Result> {
  checkLayers(layers);
  return (operation) => layers.reduceRight(around, operation);
}

/** One layer around what is below it; a layer that was not made by `layer` is remembered all the same. */
function around<Request, Result>(
  below: Operation<Request, Result>,
  layer: Layer<Request, Result>,
): Operation<Request, Result> {
  const wrapped = layer(below);
  if (isLayered(wrapped)) return wrapped;
  demandApplicable(layer.kind, below);
  remember(wrapped, layer.kind, below);
  return wrapped;
}

function checkLayers(layers: readonly unknown[]): void {
  if (layers.length === 0) {
    throw new ValidationError('stack: it was given no layers; name at least one, outermost first');
  }
  const seen = new Set<LayerKind>();
  for (const [index, layer] of layers.entries()) {
    if (!isLayer(layer)) {
      throw new ValidationError(
        `stack: number ${index + 1} is no layer; pass what retry(…), timeout(…) and so on return`,
      );
    }
    if (seen.has(layer.kind) && layer.kind !== 'custom') {
      throw new ValidationError(`stack: ${layer.kind} is named twice; remove one`);
    }
    seen.add(layer.kind);
  }
}

function isLayer(value: unknown): value is { readonly kind: LayerKind } {
  return typeof value === 'function' && 'kind' in value && typeof value.kind === 'string';
}
