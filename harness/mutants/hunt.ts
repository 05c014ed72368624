// Hunting one planted bug: an ordinary campaign against the mutant, until its invariant has broken and the case is
// as small as it gets.

import type { ProfileName } from '../cases/case.ts';
import { runCase } from '../run.ts';
import { runCampaign } from '../search/campaign.ts';
import type { Violation } from '../search/violation-book.ts';
import type { Expected, Mutant } from './mutant.ts';

/** Which mutant to hunt, where, and for how long. */
export interface Hunt {
  readonly mutant: Mutant;
  readonly profile: ProfileName;
  readonly expected: Expected;
  readonly seed: number;
  /** Cases to run at most. */
  readonly runs: number;
}

/** Every (mutant, profile) pair that should be exposed, in the order of the registry. */
export function huntsFor(mutants: readonly Mutant[], limits: Pick<Hunt, 'seed' | 'runs'>): readonly Hunt[] {
  return mutants.flatMap((mutant) =>
    (Object.entries(mutant.exposure) as [ProfileName, Expected][]).map(([profile, expected]) => ({
      mutant,
      profile,
      expected,
      ...limits,
    })),
  );
}

/** The shrunk violation of the expected invariant, or undefined when the mutant survived all runs. */
export async function hunt({ mutant, profile, expected, seed, runs }: Hunt): Promise<Violation | undefined> {
  const caught = new AbortController();
  const campaign = await runCampaign(
    {
      target: mutant.target,
      profile,
      tier: 'sim',
      seed,
      runs,
      strategy: 'mixed',
      bail: false,
      shrink: true,
      recheckEvery: 0,
      stopSignal: caught.signal,
      // Bounded by runs alone, so that the hunt ends at the same case on any machine.
      now: () => 0,
      runCase,
    },
    (event) => {
      if (event.kind === 'shrunk' && event.violation.invariant === expected.breaks) caught.abort();
    },
  );
  return campaign.violations.find(({ invariant }) => invariant === expected.breaks);
}
