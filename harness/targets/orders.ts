// The orders in which the layers of a charging service can stand.

/** The layers that can be put in any order; the timer stands beside the log. */
export const layerNames = [
  'idempotent',
  'circuitBreaker',
  'retry',
  'rateLimit',
  'timeout',
  'logExecution',
] as const;

/** See {@link layerNames}. */
export type LayerName = (typeof layerNames)[number];

/** Layers by name, outermost first; each exactly once. */
export type Order = readonly LayerName[];

/** The order of the reference stack. */
export const recommendedOrder: Order = [...layerNames];

/** All 720 orders, the recommended one first; always in the same sequence. */
export const allOrders: readonly Order[] = permutations(layerNames);

function permutations(names: readonly LayerName[]): readonly Order[] {
  if (names.length === 0) return [[]];
  return names.flatMap((first, index) =>
    permutations(names.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  );
}

/** One layer outside another. */
export interface LayerPair {
  readonly outer: LayerName;
  readonly inner: LayerName;
}

/** `order` with `outer` moved to just outside `inner`; the rest stays as it is. */
export function movedOutside(order: Order, { outer, inner }: LayerPair): Order {
  const rest = order.filter((name) => name !== outer);
  return rest.toSpliced(rest.indexOf(inner), 0, outer);
}

/** How an order is written: `idempotent>retry>…`, outermost first. */
export function orderName(order: Order): string {
  return order.join('>');
}

/** The order that is written `text`; undefined unless it names every layer exactly once. */
export function orderNamed(text: string): Order | undefined {
  const order = text.split('>').flatMap((name) => layerNames.filter((known) => known === name.trim()));
  const complete = order.length === layerNames.length && new Set(order).size === layerNames.length;
  return complete && text.split('>').length === layerNames.length ? order : undefined;
}
