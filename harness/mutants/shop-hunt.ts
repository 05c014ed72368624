// Hunting one bug that is planted in the shop: random cases of orders, until one breaks the invariant that the bug should
// break. A case of orders takes several times as long as one of charges, so those that cannot show the bug are passed over.

import { caseAt } from '../cases/arbitraries.ts';
import type { ProfileName } from '../cases/case.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import { type RunResult, runCase } from '../run.ts';
import { type Violation, violationBook } from '../search/violation-book.ts';
import type { Expected } from './mutant.ts';
import type { ShopMutant } from './planted-shop.ts';

/** Which mutant to hunt, where, and for how long. */
export interface ShopHunt {
  readonly mutant: ShopMutant;
  readonly profile: ProfileName;
  readonly expected: Expected;
  readonly seed: number;
  /** Cases to draw at most. */
  readonly runs: number;
  /** Candidates that shrinking may run; 0 leaves the case as it was found. */
  readonly shrinkBudget: number;
}

/** How a hunt ended. */
export interface ShopHunted {
  /** The violation of the expected invariant; undefined when the mutant survived. */
  readonly caught: Violation | undefined;
  /** Cases that were drawn. */
  readonly drawn: number;
  /** Cases that were run: those that could show the bug. */
  readonly ran: number;
}

/** Hunts one mutant under one profile. Bounded by cases alone, so that it ends at the same case on any machine. */
export async function huntShop(one: ShopHunt): Promise<ShopHunted> {
  const { mutant, profile, expected, seed, runs, shrinkBudget } = one;
  const { target, suite, lured } = mutant;
  const run = lookingFor(expected, target);
  const book = violationBook({
    run,
    shrink: shrinkBudget > 0,
    shrinkBudget,
    now: () => 0,
    observe: () => {},
    onError: () => {},
  });
  const options = { suite, target: target.name, profile, dedup: capabilitiesOf(profile).dedup };
  let ran = 0;
  for (let index = 0; index < runs; index += 1) {
    const subject = caseAt(seed, index, options);
    if (!lured(subject)) continue;
    ran += 1;
    const result = await run(subject);
    if (result.broken.length === 0) continue;
    await book.enter({ index, runs: ran, planned: { case: subject, strategy: 'random' }, result });
    return { caught: book.violations()[0], drawn: index + 1, ran };
  }
  return { caught: undefined, drawn: runs, ran };
}

/** Runs cases and sees nothing but the one invariant: a bug breaks others too, which are not what it is hunted for. */
function lookingFor(
  { breaks }: Expected,
  target: ShopMutant['target'],
): (subject: Parameters<typeof runCase>[0]) => Promise<RunResult> {
  return async (subject) => {
    const result = await runCase(subject, target);
    return { ...result, broken: result.broken.filter((id) => id === breaks) };
  };
}
