// Pairs of layers, and the orders that try them out.

import type { LayerPair, Order } from '../../targets/orders.ts';

/** Every pair of layers that `order` has the other way round, in the order of the layers. */
export function reversalsOf(order: Order): readonly LayerPair[] {
  return order.flatMap((inner, place) => order.slice(place + 1).map((outer) => ({ outer, inner })));
}

/** Whether `order` has the pair's outer layer outside its inner one. */
export function hasOutside(order: Order, { outer, inner }: LayerPair): boolean {
  return order.indexOf(outer) < order.indexOf(inner);
}
