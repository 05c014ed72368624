// Convinces by samples whose quantiles can be counted off, and by the sizes just below and at which one is given.

import { describe, expect, it } from 'vitest';
import { quantile } from './quantile.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => count - index);

describe('a quantile', () => {
  it.each([
    [0.5, 10, 5],
    [0.5, 11, 6],
    [0.99, 500, 495],
    [0.99, 1_000, 990],
    [0.25, 20, 5],
  ])('at %f of the numbers to %i is %i', (q, count, expected) => {
    expect(quantile(upTo(count), q)).toBe(expected);
  });

  it('is kept back where fewer than five values lie beyond it', () => {
    expect([quantile(upTo(499), 0.99), quantile(upTo(9), 0.5), quantile([], 0.5)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('leaves the sample as it was', () => {
    const values = upTo(10);
    quantile(values, 0.5);
    expect(values).toEqual(upTo(10));
  });
});
