// Convinces by comparing a plan that is asked for every case with plans that are asked for some: where a part of the
// cases is run elsewhere, both must agree on each.

import { expect, it } from 'vitest';
import { focusAt } from '../cases/arbitraries.ts';
import type { Suite } from '../checkers/focus.ts';
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

function plan(strategy: 'mixed' | 'random', suite: Suite = 'charge'): Plan {
  return planOf({ ...options, strategy, suite, run: (subject) => runCase(subject, reference) });
}

it.each([
  ['mixed', 'charge'],
  ['random', 'charge'],
  ['mixed', 'all'],
  ['mixed', 'saga'],
] as const)('is the same for whoever skips some of it (%s, %s)', async (strategy, suite) => {
  const whole = plan(strategy, suite);
  const every: unknown[] = [];
  for (let index = 0; index < options.runs; index++) every.push(await whole.at(index));
  for (const step of [3, 50, 399]) {
    const some = plan(strategy, suite);
    for (let index = step - 1; index < options.runs; index += step)
      expect(await some.at(index)).toEqual(every[index]);
  }
});

it('searches the charges among all cases systematically, a quarter of them first', async () => {
  const whole = plan('mixed', 'all');
  const firsts: string[] = [];
  for (let index = 0; index < options.runs; index++) {
    const { case: subject, strategy } = await whole.at(index);
    expect(subject.suite === undefined).toBe(focusAt(options.seed, index, 'all') === 'charge');
    if (subject.suite === undefined) firsts.push(strategy);
  }
  expect(firsts.slice(0, 125)).not.toContain('random');
  expect(firsts.slice(125).filter((strategy) => strategy === 'random').length).toBeGreaterThan(150);
});

it('strews systematic cases of orders among the first random ones, and none later', async () => {
  for (const suite of ['all', 'checkout'] as const) {
    const whole = plan('mixed', suite);
    const found: boolean[] = [];
    for (let index = 0; index < options.runs; index++) {
      const { case: subject, strategy } = await whole.at(index);
      if (subject.suite === 'checkout') found.push(strategy !== 'random');
    }
    const count = (from: number, to: number): number => found.slice(from, to).filter(Boolean).length;
    expect([count(0, 2), count(0, 128), count(128, 368)]).toEqual([1, 64, 0]);
  }
});

it('refuses to go back', async () => {
  const forwards = plan('random');
  await forwards.at(5);
  await expect(forwards.at(5)).rejects.toThrow('the plan is past case 5');
});
