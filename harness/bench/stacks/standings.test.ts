// Convinces by days whose goodput is made up: the average over fault profiles decides and not the sum, and the documented
// order gives way only to one that is better by more than chance.

import { describe, expect, it } from 'vitest';
import { allOrders, type Order, recommendedOrder } from '../../targets/orders.ts';
import { type OrderDay, recommendationOf, standingsOf } from './standings.ts';

const other = allOrders[1] ?? [];
const third = allOrders[2] ?? [];

function days(order: Order, healthy: number, brownOut: number): OrderDay[] {
  return [
    { order, weather: 'healthy', metrics: { goodputPerSecond: healthy } },
    { order, weather: 'brown-out', metrics: { goodputPerSecond: brownOut } },
  ];
}

describe('standings', () => {
  it('give a bad day as much weight as a good one', () => {
    const standings = standingsOf([...days(recommendedOrder, 10, 1), ...days(other, 9, 2)]);
    expect(standings).toEqual([
      { order: other, score: 0.95 },
      { order: recommendedOrder, score: 0.75 },
    ]);
  });

  it('keep equal orders as they were given', () => {
    const standings = standingsOf([...days(third, 3, 3), ...days(other, 3, 3)]);
    expect(standings.map(({ order }) => order)).toEqual([third, other]);
  });

  it('survive a day on which nobody sold anything', () => {
    expect(standingsOf(days(other, 0, 2))).toEqual([{ order: other, score: 1 }]);
  });
});

describe('the recommendation', () => {
  const behind = (part: number) =>
    standingsOf([...days(other, 4, 4), ...days(recommendedOrder, 4 * (1 - part), 4 * (1 - part))]);

  it('is the documented order while nothing is clearly better', () => {
    expect(recommendationOf(behind(0), 4)).toBe(recommendedOrder);
    expect(recommendationOf(behind(0.025), 4)).toBe(recommendedOrder);
    expect(recommendationOf(behind(0.035), 4)).toBe(other);
  });

  it('takes less of a difference for chance the more days there are', () => {
    expect(recommendationOf(behind(0.05), 1)).toBe(recommendedOrder);
    expect(recommendationOf(behind(0.05), 7)).toBe(other);
  });

  it('is the best of the others where the documented order was not measured, and none where nothing was', () => {
    expect(recommendationOf(standingsOf([...days(other, 1, 1), ...days(third, 2, 2)]), 2)).toBe(third);
    expect(recommendationOf([], 0)).toBeUndefined();
  });
});
