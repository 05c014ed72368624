// Hunting one planted bug: an ordinary campaign against the mutant that looks for the invariant which the bug should
// break, ends with the first case that does, and shrinks it.

import { type ProfileName, profiles } from '../cases/case.ts';
import { type RunResult, runCase } from '../run.ts';
import { runCampaign } from '../search/campaign.ts';
import type { Violation } from '../search/violation-book.ts';
import type { Target } from '../targets/target.ts';
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

/** What surrounds a hunt. */
export interface HuntOptions {
  /** Wall clock for measurements, milliseconds; it has no influence on what is found. */
  readonly now?: () => number;
  /** Whether what is found is shrunk; default: it is. */
  readonly shrink?: boolean;
  /** Gives the hunt up at the next case. */
  readonly stopSignal?: AbortSignal | undefined;
}

/** How a hunt ended. */
export interface Hunted {
  /** The violation of the expected invariant; undefined when the mutant survived or the hunt was given up. */
  readonly caught: Violation | undefined;
  /** Cases that were run. */
  readonly runs: number;
  /** From the beginning to the end of the first case that broke, or to the end of the hunt, wall-clock milliseconds. */
  readonly ms: number;
  /** Cases that could not be judged. */
  readonly errorCount: number;
  /** Whether it was given up before it was over. */
  readonly interrupted: boolean;
}

/** A mutant and a profile that should expose it. */
export type Pair = Pick<Hunt, 'mutant' | 'profile' | 'expected'>;

/** Every such pair: the mutants as they are listed, the profiles in their usual order. */
export function pairsOf(mutants: readonly Mutant[]): readonly Pair[] {
  return mutants.flatMap((mutant) =>
    profiles.flatMap((profile) => {
      const expected = mutant.exposure[profile];
      return expected === undefined ? [] : [{ mutant, profile, expected }];
    }),
  );
}

/** Hunts one mutant under one profile. Bounded by cases alone, so that it ends at the same case on any machine. */
export async function hunt(one: Hunt, options: HuntOptions = {}): Promise<Hunted> {
  const { mutant, profile, expected, seed, runs } = one;
  const { now = () => 0, shrink = true, stopSignal } = options;
  const startedMs = now();
  let brokenMs: number | undefined;
  const campaign = await runCampaign(
    {
      target: mutant.target,
      suite: mutant.suite,
      profile,
      tier: 'sim',
      seed,
      runs,
      strategy: 'mixed',
      bail: true,
      shrink,
      recheckEvery: 0,
      stopSignal,
      now,
      runCase: lookingFor(expected),
    },
    ({ kind }) => {
      if (kind === 'broken') brokenMs = now();
    },
  );
  const [caught] = campaign.violations;
  return {
    caught,
    runs: campaign.runs,
    ms: (brokenMs ?? now()) - startedMs,
    errorCount: campaign.errorCount,
    interrupted: caught === undefined && campaign.interrupted,
  };
}

/** Runs cases and sees nothing but the one invariant: a bug breaks others too, which are not what it is hunted for. */
function lookingFor({
  breaks,
}: Expected): (subject: Parameters<typeof runCase>[0], target: Target) => Promise<RunResult> {
  return async (subject, target) => {
    const result = await runCase(subject, target);
    return { ...result, broken: result.broken.filter((id) => id === breaks) };
  };
}
