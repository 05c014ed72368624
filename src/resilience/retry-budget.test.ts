// Convinces by counting what a budget lets through, and that nothing earned is ever more than the capacity.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { retryBudget } from './retry-budget.ts';

describe('retryBudget', () => {
  it('starts with its capacity and then allows the share that calls have earned', () => {
    const budget = retryBudget({ ratio: 0.5, capacity: 2 });
    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
    budget.called();
    expect(budget.take()).toBe(false);
    budget.called();
    expect([budget.take(), budget.take()]).toEqual([true, false]);
  });

  it('saves no more than its capacity', () => {
    const budget = retryBudget({ ratio: 1, capacity: 1 });
    for (let call = 0; call < 10; call += 1) budget.called();
    expect([budget.take(), budget.take()]).toEqual([true, false]);
  });

  it.each([
    [0, 1],
    [-1, 1],
    [11, 1],
    [Number.NaN, 1],
    [1, 0.5],
    [1, Number.POSITIVE_INFINITY],
    [1, Number.NaN],
  ])('refuses ratio %s with capacity %s', (ratio, capacity) => {
    expect(() => retryBudget({ ratio, capacity })).toThrow(ValidationError);
  });
});
