// From which orders broke to which pairs of layers are to blame.

import { checkers } from '../../checkers/catalogue.ts';
import type { InvariantId } from '../../checkers/checker.ts';
import type { LayerPair, Order } from '../../targets/orders.ts';
import { hasOutside, reversalsOf } from './moves.ts';

/** How an order fared. */
export interface TriedOrder {
  readonly order: Order;
  /** In the order of the catalogue; empty when it survived. */
  readonly broken: readonly InvariantId[];
}

/**
 * The pairs with which no order survived, each where at least one order that has it was tried; none where no order
 * survived at all, because then it is not the order that breaks. Only as good as the orders are many: with few of them,
 * a pair may be blamed for what another does.
 */
export function unsafePairsIn(orders: readonly TriedOrder[]): readonly LayerPair[] {
  const [any] = orders;
  if (any === undefined || orders.every(({ broken }) => broken.length > 0)) return [];
  const both = [...reversalsOf(any.order), ...reversalsOf(any.order.toReversed())];
  return both.filter((pair) => {
    const having = orders.filter(({ order }) => hasOutside(order, pair));
    return having.length > 0 && having.every(({ broken }) => broken.length > 0);
  });
}

/** Each invariant once, in the order of the catalogue. */
export function inCatalogueOrder(broken: readonly InvariantId[]): readonly InvariantId[] {
  return checkers.map(({ id }) => id).filter((id) => broken.includes(id));
}
