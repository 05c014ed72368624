// Convinces by counting: six layers have fifteen pairs, and turning one round by one move leaves all others that do not
// involve the moved layer as they were.

import { describe, expect, it } from 'vitest';
import { allOrders, movedOutside, orderName, recommendedOrder } from '../../targets/orders.ts';
import { hasOutside, reversalsOf } from './moves.ts';

describe('turning pairs round', () => {
  const pairs = reversalsOf(recommendedOrder);

  it('gives each of the fifteen pairs once, and none that the order has already', () => {
    expect(new Set(pairs.map(({ outer, inner }) => `${outer} ${inner}`)).size).toBe(15);
    expect(pairs.filter((pair) => hasOutside(recommendedOrder, pair))).toEqual([]);
  });

  it('moves one layer and keeps the others in their order', () => {
    for (const pair of pairs) {
      const moved = movedOutside(recommendedOrder, pair);
      expect(hasOutside(moved, pair)).toBe(true);
      expect(moved.indexOf(pair.inner) - moved.indexOf(pair.outer)).toBe(1);
      const others = (order: readonly string[]): string[] => order.filter((name) => name !== pair.outer);
      expect(others(moved)).toEqual(others(recommendedOrder));
    }
  });

  it('stays within the orders that there are', () => {
    const known = new Set(allOrders.map(orderName));
    expect(pairs.every((pair) => known.has(orderName(movedOutside(recommendedOrder, pair))))).toBe(true);
  });
});
