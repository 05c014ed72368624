// Judges the order of a stack at run time: for orders that are put together there, for decorated methods, and for code
// that no compiler reads.

import { ValidationError } from '../errors/payment-error.ts';
import { layersOf } from './layer.ts';
import type { LayerKind, Operation } from './operation.ts';
import { type OrderRule, orderRules } from './order-rules.ts';

/** A mistake in a stack. */
export interface StackWarning {
  /** The layer at fault. */
  readonly outer: LayerKind;
  /** The layer that has to stand outside it; for what must not be there at all, that layer again. */
  readonly inner: LayerKind;
  /** The invariant that breaks, as the storm numbers them. */
  readonly invariant: string;
  readonly because: string;
  readonly fix: string;
  /** All of it in one sentence. */
  readonly message: string;
}

/** What {@link checkStack} is told of the operation. */
export interface CheckStackOptions {
  /** Whether the operation moves money. Nothing is wrong with any order of a read. Default true. */
  readonly charge?: boolean;
}

const cachedOnCharge: OrderRule = {
  outer: 'cached',
  inner: 'cached',
  invariant: 'S13',
  because: 'a new purchase that looks like an earlier one is told that it succeeded, and nothing is captured',
  fix: 'remove cached: the idempotent layer replays what is the same purchase, and only that',
};

/**
 * What is wrong with the order of `layers` (outermost first) or of the layers around an operation that `stack`, a
 * layer or decorators have wrapped. Empty when nothing is known to be wrong. Layers that only look like ours count
 * by their `kind`; around a function that none of ours has touched no layers are seen.
 *
 * @throws ValidationError when it is given neither.
 */
export function checkStack(
  layersOrOperation: readonly { readonly kind: LayerKind }[] | Operation<never, unknown>,
  { charge = true }: CheckStackOptions = {},
): readonly StackWarning[] {
  const kinds = kindsOf(layersOrOperation);
  if (!charge) return [];
  const broken: OrderRule[] = orderRules.filter(({ outer, inner }) => stands(kinds, outer, inner));
  if (kinds.includes('cached')) broken.push(cachedOnCharge);
  return broken.map((rule) => ({ ...rule, message: messageOf(rule) }));
}

function kindsOf(given: unknown): readonly LayerKind[] {
  if (typeof given === 'function' && !('kind' in given)) return layersOf(given);
  if (Array.isArray(given)) return given.map(kindOf);
  throw new ValidationError(
    `checkStack: it judges an array of layers or a wrapped operation, got ${
      typeof given === 'function' ? 'a single layer' : typeof given
    }; pass one of those`,
  );
}

function kindOf(given: { readonly kind: LayerKind } | null | undefined): LayerKind {
  if (typeof given?.kind === 'string') return given.kind;
  throw new ValidationError('checkStack: the array holds something without a kind; pass layers only');
}

function stands(kinds: readonly LayerKind[], outer: LayerKind, inner: LayerKind): boolean {
  const first = kinds.indexOf(outer);
  return first >= 0 && kinds.lastIndexOf(inner) > first;
}

function messageOf({ outer, inner, invariant, because, fix }: OrderRule): string {
  const what = outer === inner ? `${outer} on a charge` : `${outer} outside ${inner}`;
  return `${what} breaks ${invariant}: ${because}; ${fix}`;
}
