// Convinces by a whole table, as it is read: columns are aligned, and what is missed says so.

import { expect, it } from 'vitest';
import { rowOf } from './row.ts';
import { tableOf } from './table.ts';

it('aligns figures to the right, and leaves out what is absent', () => {
  const unit = 'ns/call';
  const rows = [
    rowOf({
      name: 'ours ÷ theirs',
      unit,
      ours: 1_234_567,
      peer: 999,
      ratio: 1.5,
      spread: 0.07,
      goal: { of: 'ratio', must: 'at most', value: 2.5 },
    }),
    rowOf({
      name: 'ours',
      unit,
      ours: 12,
      floor: 1_000,
      spread: 1.5,
      goal: { of: 'ours', must: 'at least', value: 5_000 },
    }),
  ];
  expect(tableOf({ title: 'a title', rows })).toEqual([
    'a title',
    '                      ours  peer  floor   ratio  spread  goal',
    '  ours ÷ theirs  1 234 567   999         1.50 ×     7 %  ≤ 2.5 × met',
    '  ours                  12        1 000           150 %  ≥ 5 000 missed',
  ]);
});
