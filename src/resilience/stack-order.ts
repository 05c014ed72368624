// The table of unsafe orders as types, so that the compiler refuses what the storm would find.

import type { LayerKind } from './operation.ts';
import type { OrderRule, orderRules } from './order-rules.ts';

/**
 * A demand on layers that are listed one by one: each entry is `unknown` where nothing is known to be wrong with its
 * layer, else a text that says what is. What the compiler knows only as an array, or only as one of several kinds, is
 * accepted.
 */
export type Ordered<Layers extends readonly unknown[]> = Layers extends readonly [infer Outer, ...infer Below]
  ? readonly [Judged<KindOf<Outer>, KindsOf<Below>>, ...Ordered<Below>]
  : readonly unknown[];

type Rules = (typeof orderRules)[number];

/** A distributive search: one text for each broken rule, `unknown` when there is none. */
type Judged<Outer extends LayerKind, Below extends LayerKind> = [Broken<Rules, Outer, Below>] extends [never]
  ? unknown
  : Broken<Rules, Outer, Below>;

type Broken<Rule extends OrderRule, Outer, Below> =
  | (Rule extends { readonly outer: Outer; readonly inner: Below }
      ? `Unsafe order: ${Rule['outer']} outside ${Rule['inner']} breaks ${Rule['invariant']}; ${Rule['fix']}`
      : never)
  | CachedCharge<Outer, Below>;

type CachedCharge<Outer, Below> = 'cached' | 'idempotent' extends Outer | Below
  ? 'Unsafe stack: cached on a charge breaks S13; remove cached, the idempotent layer replays results'
  : never;

/** Kinds of layers that are listed one by one. */
type KindsOf<Layers extends readonly unknown[]> = Layers extends readonly [infer First, ...infer Rest]
  ? KindOf<First> | KindsOf<Rest>
  : never;

/** The kind of a layer; never where it may be one of several. */
type KindOf<Layer> = Layer extends { readonly kind: LayerKind } ? OnlyOne<Layer['kind']> : never;

type OnlyOne<Kind extends LayerKind, All = Kind> = Kind extends unknown
  ? [All] extends [Kind]
    ? Kind
    : never
  : never;
