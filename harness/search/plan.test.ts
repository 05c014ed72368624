// Convinces by comparing a plan that is asked for every case with plans that are asked for some: where a part of the
// cases is run elsewhere, both must agree on each.

import { expect, it } from 'vitest';
import { runCase } from '../run.ts';
import { reference } from '../targets/reference.ts';
import { type Plan, planOf } from './plan.ts';

const options = {
  target: 'reference',
  profile: 'stripe',
  dedup: 'every-answer',
  seed: 3,
  runs: 1_000,
} as const;

function plan(strategy: 'mixed' | 'random'): Plan {
  return planOf({ ...options, strategy, run: (subject) => runCase(subject, reference) });
}

it.each(['mixed', 'random'] as const)('is the same for whoever skips some of it (%s)', async (strategy) => {
  const whole = plan(strategy);
  const every: unknown[] = [];
  for (let index = 0; index < options.runs; index++) every.push(await whole.at(index));
  for (const step of [3, 50, 399]) {
    const some = plan(strategy);
    for (let index = step - 1; index < options.runs; index += step)
      expect(await some.at(index)).toEqual(every[index]);
  }
});

it('refuses to go back', async () => {
  const forwards = plan('random');
  await forwards.at(5);
  await expect(forwards.at(5)).rejects.toThrow('the plan is past case 5');
});
