// How a layer is made. All of them share what has nothing to do with any one of them: refusing what is no operation,
// remembering what is already around an operation, and working as a method decorator.

import { ValidationError } from '../errors/payment-error.ts';
import type { AnyLayer, Layer, LayerKind, Operation } from './operation.ts';

type AnyOperation = Operation<unknown, unknown>;

/** Under which a wrapped operation keeps what is around it. A weak map from operations takes many times as long. */
const around = Symbol('layers around');

/** A layer, and the operation that it is around. */
interface Around {
  readonly kind: LayerKind;
  readonly next: { readonly [around]?: Around };
}

/** For a decorated method: the operation that it is for one instance. */
const boundForms = new WeakMap<object, (self: unknown) => AnyOperation>();

/**
 * Makes a layer out of `wrap`, which takes the operation below and returns the one with the layer around it. State
 * that lives outside `wrap`, such as a breaker's, is shared by everything that the layer is applied to; state within
 * `wrap` belongs to one wrapped function, or to one instance where a method is decorated.
 *
 * The layer throws `ValidationError` when it is applied to what is not a function, to an operation that has a layer
 * of its kind already (`custom` ones excepted), or as a decorator of anything but a method.
 */
export function layer<Kind extends LayerKind>(
  kind: Kind,
  wrap: <Request, Result>(next: Operation<Request, Result>) => Operation<Request, Result>,
): AnyLayer<Kind>;
/** The same for a layer that fits one type of operation only. */
export function layer<Kind extends LayerKind, Request, Result>(
  kind: Kind,
  wrap: (next: Operation<Request, Result>) => Operation<Request, Result>,
): Layer<Request, Result, Kind>;
export function layer(kind: LayerKind, wrap: (next: AnyOperation) => AnyOperation): Layer<unknown, unknown> {
  const apply = (next: AnyOperation, context?: ClassMethodDecoratorContext): AnyOperation => {
    checkDecorator(kind, context);
    demandApplicable(kind, next);
    const wrapped = context === undefined ? wrap(next) : method(next, wrap);
    remember(wrapped, kind, next);
    return wrapped;
  };
  return Object.assign(apply, { kind });
}

/**
 * The kinds of the layers around an operation or a decorated method, outermost first; empty for a function that has
 * none.
 */
export function layersOf(operation: unknown): readonly LayerKind[] {
  const kinds: LayerKind[] = [];
  if (typeof operation !== 'function') return kinds;
  let outer = (operation as { readonly [around]?: Around })[around];
  for (; outer !== undefined; outer = outer.next[around]) kinds.push(outer.kind);
  return kinds;
}

/** Notes that `wrapped` is `next` inside a layer of `kind`. */
export function remember(wrapped: object, kind: LayerKind, next: object): void {
  (wrapped as { [around]?: Around })[around] = { kind, next };
}

/**
 * Throws unless a layer of `kind` may be put around `next`.
 *
 * @throws ValidationError when `next` is not a function, or has a layer of this kind already.
 */
export function demandApplicable(kind: LayerKind, next: unknown): void {
  if (typeof next !== 'function') {
    throw new ValidationError(
      `${kind}: it wraps an async function, got ${next === null ? 'null' : typeof next}; pass the operation itself`,
    );
  }
  if (kind === 'custom' || !has(kind, next)) return;
  throw new ValidationError(
    `${kind} is applied twice: the operation already has the layers ${layersOf(next).join(' → ')}; remove one`,
  );
}

function has(kind: LayerKind, operation: object): boolean {
  for (let outer = (operation as Around['next'])[around]; outer !== undefined; outer = outer.next[around])
    if (outer.kind === kind) return true;
  return false;
}

/** Whether a layer has been noted around an operation. */
export function isLayered(operation: object): boolean {
  return (operation as Around['next'])[around] !== undefined;
}

function checkDecorator(kind: LayerKind, context: unknown): void {
  if (context === undefined) return;
  if (typeof context !== 'object' || context === null || !('kind' in context)) {
    throw new ValidationError(
      `${kind}: the second argument of a layer is the context of a TC39 method decorator; wrap a function ` +
        'with one argument, and compile decorators without experimentalDecorators',
    );
  }
  if (context.kind === 'method') return;
  throw new ValidationError(
    `${kind}: it decorates methods, and this is a ${String(context.kind)}; decorate a method instead`,
  );
}

/**
 * What takes the place of a decorated method. The layers are wrapped once for each instance, around the method
 * bound to it; where decorators are stacked, the inner ones are bound along, so that a call looks an instance up
 * once and not once in each layer.
 */
function method(inner: AnyOperation, wrap: (next: AnyOperation) => AnyOperation): AnyOperation {
  const bindInner =
    boundForms.get(inner) ??
    ((self: unknown): AnyOperation =>
      (request, call) =>
        inner.call(self, request, call));
  const forms = new WeakMap<object, AnyOperation>();
  const boundTo = (self: unknown): AnyOperation => {
    if (!isObject(self)) return wrap(bindInner(self));
    let form = forms.get(self);
    if (form === undefined) {
      form = wrap(bindInner(self));
      forms.set(self, form);
    }
    return form;
  };
  function decorated(this: unknown, ...args: Parameters<AnyOperation>): Promise<unknown> {
    return boundTo(this)(...args);
  }
  boundForms.set(decorated, boundTo);
  return decorated;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
