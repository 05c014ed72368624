// Convinces by figures on either side of a goal, and by the two that must never pass for met: none, and NaN.

import { expect, it } from 'vitest';
import { rowOf } from './row.ts';

const measured = { name: 'six layers', unit: 'ns/call', spread: 0.123 };
const atMost = { of: 'ratio', must: 'at most', value: 2.5 } as const;
const atLeast = { of: 'ours', must: 'at least', value: 5_000 } as const;

it.each([
  [{ ratio: 2.5, goal: atMost }, true],
  [{ ratio: 2.504, goal: atMost }, true],
  [{ ratio: 2.506, goal: atMost }, false],
  [{ ratio: Number.NaN, goal: atMost }, false],
  [{ goal: atMost }, false],
  [{ ours: 4_999.6, goal: atLeast }, true],
  [{ ours: 4_999.4, goal: atLeast }, false],
  [{ ours: Number.NaN, goal: atLeast }, false],
  [{ ours: 1, ratio: 9 }, null],
])('judges %o by the figure that is shown', (figures, met) => {
  expect(rowOf({ ...measured, ...figures }).met).toBe(met);
});

it('says of everything that is absent that it is, and rounds the rest', () => {
  expect(rowOf({ ...measured, ours: 12.6, ratio: 1.239 })).toEqual({
    name: 'six layers',
    unit: 'ns/call',
    ours: 13,
    peer: null,
    floor: null,
    ratio: 1.24,
    spread: 0.12,
    goal: null,
    met: null,
  });
});
