// The kill matrix as one plain value: what `mutants --json` prints and what its tables are drawn from. Each figure over
// several trials is the median of those that caught the bug; each story is the longest of theirs.

import { hash } from 'node:crypto';
import type { SuiteName } from '../cases/case.ts';
import type { CaseSize } from '../cases/measure.ts';
import type { HuntedPair, KillMatrix, Trial } from '../mutants/kill-matrix.ts';
import { type Difficulty, difficultyOf, type Minimum, stepsOf } from '../mutants/minimum.ts';
import type { Mutant } from '../mutants/mutant.ts';

/** How a bug fared in its trials. */
export interface Fared {
  /** The invariant that it should break. */
  readonly invariant: string;
  readonly difficulty: Difficulty;
  /** Hunts that came to an end. */
  readonly trials: number;
  readonly caught: number;
  /** Cases until the invariant broke first; null when it never did. */
  readonly medianRunsToFailure: number | null;
  /** Wall-clock milliseconds until then, shrinking not included. */
  readonly medianMsToFailure: number | null;
  /** Size of the longest shrunk story. */
  readonly story: CaseSize | null;
  /** The shortest story that there can be. */
  readonly minimum: Minimum;
}

/** A bug under one profile. */
export interface ReportedExposure extends Fared {
  readonly profile: string;
  /** Of the stories, how many are as short as they can be, or shorter than was thought possible. */
  readonly atMinimum: number;
  /** Seeds of the trials that it survived. */
  readonly survivedSeeds: readonly number[];
  /** Seed of the longest story, when that is longer than it needs to be. */
  readonly exceedingSeed: number | null;
  /** Seed of the shortest story, when that is shorter than was thought possible. */
  readonly undercuttingSeed: number | null;
  /** Cases that could not be judged. */
  readonly errorCount: number;
}

/**
 * A bug under all profiles that should expose it. Its invariant, difficulty, story and minimum are those of the profile
 * under which the minimum is largest, the first of them if there are several.
 */
export interface ReportedMutant extends Fared {
  readonly id: string;
  readonly class: string;
  /** What the cases are about that it is hunted with. */
  readonly suite: SuiteName;
  readonly mistake: string;
  readonly exposures: readonly ReportedExposure[];
}

/** What the reference broke under one profile: false alarms, or a bug of the reference itself. */
export interface ReportedReference {
  /** What the cases were about. */
  readonly suite: SuiteName;
  readonly profile: string;
  /** Cases of all campaigns. */
  readonly runs: number;
  readonly falseAlarms: readonly {
    readonly invariant: string;
    readonly seed: number;
    readonly because: string;
  }[];
  readonly errorCount: number;
}

/** See the file comment. */
export interface KillReport {
  readonly tool: 'paystorm';
  readonly version: string;
  /** What fresh seeds were derived from. */
  readonly seed: number;
  /** Hunts of each pair of bug and profile that were asked for. */
  readonly trials: number;
  /** Cases of each hunt at most, by what they are about. */
  readonly runs: Readonly<Record<SuiteName, number>>;
  readonly elapsedMs: number;
  readonly mutants: readonly ReportedMutant[];
  /** Broken invariants of the reference, over all its campaigns. */
  readonly falseAlarms: number;
  readonly reference: readonly ReportedReference[];
  readonly interrupted: boolean;
  /** Covers what was found when and in which story: equal for equal seeds, trials and runs. */
  readonly digest: string;
}

/** Puts the report together. */
export function killReport(
  matrix: KillMatrix,
  settings: Pick<KillReport, 'version' | 'seed' | 'trials' | 'runs'>,
): KillReport {
  const byMutant = Map.groupBy(matrix.pairs, ({ mutant }) => mutant);
  const mutants = [...byMutant].flatMap(([mutant, pairs]) => reportedMutant(mutant, pairs) ?? []);
  const reference = referenceOf(matrix);
  return {
    tool: 'paystorm',
    ...settings,
    elapsedMs: Math.round(matrix.elapsedMs),
    mutants,
    falseAlarms: reference.reduce((sum, { falseAlarms }) => sum + falseAlarms.length, 0),
    reference,
    interrupted: matrix.interrupted,
    digest: digestOf(matrix),
  };
}

/**
 * The exit code that a report earns: 130 interrupted, 1 a bug survived or the reference broke something, 2 a case could
 * not be judged, so that nothing can be relied upon, 0 every bug was caught and nothing was called a bug that is none.
 */
export function killExitCode({ interrupted, mutants, falseAlarms, reference }: KillReport): number {
  if (interrupted) return 130;
  if (falseAlarms > 0 || mutants.some(({ trials, caught }) => caught < trials)) return 1;
  return reference.some(({ errorCount }) => errorCount > 0) ? 2 : 0;
}

function reportedMutant(mutant: Mutant, pairs: readonly HuntedPair[]): ReportedMutant | undefined {
  const exposures = pairs.map(reportedExposure);
  const [first, ...others] = exposures;
  if (first === undefined) return undefined;
  let hardest = first;
  for (const other of others) if (stepsOf(other.minimum) > stepsOf(hardest.minimum)) hardest = other;
  const { invariant, difficulty, story, minimum } = hardest;
  const caught = pairs.flatMap(({ trials }) => trials.filter(isCaught));
  return {
    id: mutant.id,
    class: mutant.class,
    suite: mutant.suite,
    mistake: mutant.mistake,
    invariant,
    difficulty,
    trials: exposures.reduce((sum, { trials }) => sum + trials, 0),
    caught: caught.length,
    ...mediansOf(caught),
    story,
    minimum,
    exposures,
  };
}

type Caught = Trial & { readonly caught: NonNullable<Trial['caught']> };

function isCaught(trial: Trial): trial is Caught {
  return trial.caught !== undefined;
}

function reportedExposure({ profile, expected, trials }: HuntedPair): ReportedExposure {
  const caught = trials.filter(isCaught);
  const { breaks, requests, faults } = expected;
  const minimum = { requests, faults };
  const byLength = caught.toSorted((one, other) => stepsOf(one.caught) - stepsOf(other.caught));
  const [shortest, longest] = [byLength[0], byLength.at(-1)];
  const story = longest?.caught;
  const least = stepsOf(minimum);
  return {
    profile,
    invariant: breaks,
    difficulty: difficultyOf(minimum),
    trials: trials.length,
    caught: caught.length,
    ...mediansOf(caught),
    story:
      story === undefined
        ? null
        : { requests: story.requests, faults: story.faults, preemptions: story.preemptions },
    minimum,
    atMinimum: caught.filter((trial) => stepsOf(trial.caught) <= least).length,
    survivedSeeds: trials.filter((trial) => !isCaught(trial)).map(({ seed }) => seed),
    exceedingSeed: longest !== undefined && stepsOf(longest.caught) > least ? longest.seed : null,
    undercuttingSeed: shortest !== undefined && stepsOf(shortest.caught) < least ? shortest.seed : null,
    errorCount: trials.reduce((sum, { errorCount }) => sum + errorCount, 0),
  };
}

function mediansOf(trials: readonly Caught[]): Pick<Fared, 'medianRunsToFailure' | 'medianMsToFailure'> {
  const runs = medianOf(trials.map(({ caught }) => caught.runsToFailure));
  const ms = medianOf(trials.map((trial) => trial.ms));
  return {
    medianRunsToFailure: runs === undefined ? null : Math.round(runs),
    medianMsToFailure: ms === undefined ? null : Math.round(ms),
  };
}

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

function referenceOf({ reference }: KillMatrix): readonly ReportedReference[] {
  const climates = Map.groupBy(reference, ({ suite, profile }) => `${suite} ${profile}`).values();
  return [...climates].flatMap((campaigns) =>
    campaigns.slice(0, 1).map(({ suite, profile }) => ({
      suite,
      profile,
      runs: campaigns.reduce((sum, { runs }) => sum + runs, 0),
      falseAlarms: campaigns.flatMap(({ broken, seed }) =>
        broken.map(({ invariant, because }) => ({ invariant, seed, because })),
      ),
      errorCount: campaigns.reduce((sum, { errorCount }) => sum + errorCount, 0),
    })),
  );
}

function digestOf({ pairs, reference }: KillMatrix): string {
  const found = pairs.map(({ mutant, profile, trials }) => [
    mutant.id,
    profile,
    trials.map(({ seed, runs, caught }) => [
      seed,
      runs,
      caught?.runsToFailure,
      caught?.result.history.digest,
    ]),
  ]);
  return hash('sha256', JSON.stringify([found, reference])).slice(0, 16);
}
