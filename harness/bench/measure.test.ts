// Convinces by values whose middle is known, and by one that stands far out: it must move nothing.

import { expect, it } from 'vitest';
import { interleaved, median, quotients, spread } from './measure.ts';

it.each([
  [[3], 3, 0],
  [[4, 2], 3, 2 / 3],
  [[5, 1, 3], 3, 4 / 3],
  [[4, 1, 3, 2], 2.5, 0.4],
  [[8, 7, 6, 5, 4, 3, 2, 1], 4.5, 3 / 4.5],
  [[8, 7, 6, 5, 4, 3, 2, 1_000], 5.5, 3 / 5.5],
])('finds the middle of %o', (values, middle, width) => {
  expect(median(values)).toBe(middle);
  expect(spread(values)).toBeCloseTo(width);
});

it('has no figure without a turn', () => {
  expect(median([])).toBeNaN();
  expect(spread([])).toBeNaN();
});

it('divides turn by turn', () => {
  expect(quotients([2, 9, 4], [1, 3])).toEqual([2, 3, Number.NaN]);
});

it('lets everybody begin a turn, and drops the first', async () => {
  const order: string[] = [];
  const contender = (name: string) => async (): Promise<void> => {
    if (order.at(-1) !== name) order.push(name);
  };
  const turns = await interleaved(['a', 'b', 'c'].map(contender), { turns: 3, turnMs: 1 });
  expect(turns.map(({ length }) => length)).toEqual([3, 3, 3]);
  expect(order.join('')).toBe('abcbcacababc');
});

it('does the work in every turn, however short', async () => {
  let runs = 0;
  const work = async (): Promise<void> => {
    runs += 1;
  };
  const [times = []] = await interleaved([work], { turns: 2, turnMs: 0 });
  expect(runs).toBe(3);
  expect(times.every(Number.isFinite)).toBe(true);
});
