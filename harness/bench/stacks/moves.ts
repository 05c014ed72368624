// Pairs of layers, and the orders that try them out.

import type { LayerName, Order } from '../../targets/orders.ts';

/** One layer outside another. */
export interface LayerPair {
  readonly outer: LayerName;
  readonly inner: LayerName;
}

/** Every pair of layers that `order` has the other way round, in the order of the layers. */
export function reversalsOf(order: Order): readonly LayerPair[] {
  return order.flatMap((inner, place) => order.slice(place + 1).map((outer) => ({ outer, inner })));
}

/** `order` with `outer` moved to just outside `inner`; the rest stays as it is. */
export function movedOutside(order: Order, { outer, inner }: LayerPair): Order {
  const rest = order.filter((name) => name !== outer);
  return rest.toSpliced(rest.indexOf(inner), 0, outer);
}

/** Whether `order` has the pair's outer layer outside its inner one. */
export function hasOutside(order: Order, { outer, inner }: LayerPair): boolean {
  return order.indexOf(outer) < order.indexOf(inner);
}
