// The kill matrix: every planted bug is hunted under every profile that should expose it, several times over, and the
// reference is stormed as often and as long, since a harness that cries wolf catches everything.

import type { ProfileName, SuiteName } from '../cases/case.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { runCase } from '../run.ts';
import { runCampaign } from '../search/campaign.ts';
import { reference } from '../targets/reference.ts';
import { randomStreams } from '../world/random.ts';
import { type Hunted, hunt, type Pair } from './hunt.ts';

/** What to hunt, how often and for how long. */
export interface MatrixOptions {
  readonly pairs: readonly Pair[];
  /** Hunts of each pair, from 1. */
  readonly trials: number;
  /** Cases of each hunt at most, and of each campaign against the reference, by what they are about. */
  readonly runs: Readonly<Record<SuiteName, number>>;
  /** Fresh seeds are derived from it. */
  readonly seed: number;
  /** Wall clock for measurements, milliseconds. */
  readonly now: () => number;
  readonly stopSignal?: AbortSignal | undefined;
}

/** One hunt of a pair. */
export interface Trial extends Hunted {
  readonly seed: number;
}

/** What the hunts of one pair came to: those that were not given up. */
export interface HuntedPair extends Pair {
  readonly trials: readonly Trial[];
}

/** What one campaign against the reference came to, where everything that breaks is a false alarm. */
export interface ReferenceCampaign {
  readonly suite: SuiteName;
  readonly profile: ProfileName;
  readonly seed: number;
  readonly runs: number;
  readonly broken: readonly { readonly invariant: InvariantId; readonly because: string }[];
  /** Cases that could not be judged. */
  readonly errorCount: number;
}

/** What all hunts came to. */
export interface KillMatrix {
  /** In the order in which they were given. */
  readonly pairs: readonly HuntedPair[];
  readonly reference: readonly ReferenceCampaign[];
  readonly elapsedMs: number;
  readonly interrupted: boolean;
}

/** What an observer hears. */
export type MatrixEvent =
  | { readonly kind: 'hunting'; readonly pair: Pair; readonly place: number; readonly of: number }
  | { readonly kind: 'hunted'; readonly trial: Trial }
  | ({ readonly kind: 'reference' } & Pick<ReferenceCampaign, 'suite' | 'profile'>);

/**
 * The seeds of the trials. Half of them, rounded up, are always the same, 1, 2, 3 …, so that two versions can be
 * compared; the others are fresh, derived from `seed`, so that nothing is tuned to the fixed ones.
 */
export function seedsOf({ trials, seed }: Pick<MatrixOptions, 'trials' | 'seed'>): readonly number[] {
  const fixed = Math.ceil(trials / 2);
  const chance = randomStreams(seed)('trials');
  return Array.from({ length: trials }, (_, index) =>
    index < fixed ? index + 1 : Math.floor(chance() * freshSeedLimit),
  );
}

/** Fresh seeds stay short enough to be read aloud. */
const freshSeedLimit = 2 ** 31;

/** Runs the whole matrix, or as much of it as the signal leaves time for. */
export async function killMatrix(
  options: MatrixOptions,
  observe: (event: MatrixEvent) => void = () => {},
): Promise<KillMatrix> {
  const { pairs, runs, now, stopSignal } = options;
  const isStopped = (): boolean => stopSignal?.aborted === true;
  const seeds = seedsOf(options);
  const startedMs = now();
  const hunted: HuntedPair[] = [];
  for (const [index, pair] of pairs.entries()) {
    if (isStopped()) break;
    const trials: Trial[] = [];
    observe({ kind: 'hunting', pair, place: index + 1, of: pairs.length });
    for (const seed of seeds) {
      const trial = {
        seed,
        ...(await hunt({ ...pair, seed, runs: runs[pair.mutant.suite] }, { now, stopSignal })),
      };
      if (trial.interrupted) break;
      trials.push(trial);
      observe({ kind: 'hunted', trial });
    }
    hunted.push({ ...pair, trials });
  }
  const campaigns: ReferenceCampaign[] = [];
  for (const weather of climatesOf(pairs)) {
    for (const seed of seeds) {
      if (isStopped()) break;
      observe({ kind: 'reference', ...weather });
      campaigns.push(await stormReference({ ...weather, seed }, options));
    }
  }
  return { pairs: hunted, reference: campaigns, elapsedMs: now() - startedMs, interrupted: isStopped() };
}

/** Each kind of cases under each profile in which something is hunted, in the order in which they come up. */
function climatesOf(pairs: readonly Pair[]): readonly Pick<ReferenceCampaign, 'suite' | 'profile'>[] {
  const climates = new Map(
    pairs.map(({ mutant: { suite }, profile }) => [`${suite} ${profile}`, { suite, profile }]),
  );
  return [...climates.values()];
}

async function stormReference(
  { suite, profile, seed }: Pick<ReferenceCampaign, 'suite' | 'profile' | 'seed'>,
  { runs, now, stopSignal }: MatrixOptions,
): Promise<ReferenceCampaign> {
  const campaign = await runCampaign({
    target: reference,
    suite,
    profile,
    tier: 'sim',
    seed,
    runs: runs[suite],
    strategy: 'mixed',
    bail: false,
    // `paystorm run` tells the story of what breaks; here it is only counted.
    shrink: false,
    recheckEvery: 0,
    stopSignal,
    now,
    runCase,
  });
  const broken = campaign.violations.map(({ invariant, because }) => ({ invariant, because }));
  return { suite, profile, seed, runs: campaign.runs, broken, errorCount: campaign.errorCount };
}
