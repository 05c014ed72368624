// From the flags of `mutants` to settings that make sense, or to one line that says which flag does not.

import { type ProfileName, profiles, type SuiteName } from '../cases/case.ts';
import { type Pair, pairsOf } from '../mutants/hunt.ts';
import { type Mutant, mutantClasses } from '../mutants/mutant.ts';
import { mutants } from '../mutants/registry.ts';
import { positiveWhole, seedOf, whole } from './run-settings.ts';
import { knownName, quoted, UsageError } from './usage-error.ts';

/** Flags as commander hands them over. */
export interface MutantsFlags {
  readonly trials?: string;
  readonly runs?: string;
  readonly class?: string;
  readonly only?: readonly string[];
  readonly profile?: string;
  readonly seed?: string;
  readonly json?: true;
}

/** What `mutants` shall do. */
export interface MutantsSettings {
  readonly pairs: readonly Pair[];
  readonly trials: number;
  /** Cases of each hunt at most, by what they are about. */
  readonly runs: Readonly<Record<SuiteName, number>>;
  readonly seed: number;
  readonly json: boolean;
}

/** Enough for the hardest bug by a wide margin. A case of orders takes as long as many of single charges. */
const defaultRuns = { charge: 20_000, checkout: 3_000 } as const;

/** More would only take longer. */
const mostTrials = 1_000;

/**
 * Reads the flags. `drawSeed` supplies a seed when none is given.
 *
 * @throws UsageError for a value that is not known or makes no sense, and when no bug is left to hunt.
 */
export function mutantsSettings(flags: MutantsFlags, drawSeed: () => number): MutantsSettings {
  const { trials, runs, seed } = flags;
  return {
    pairs: pairsFor(flags),
    trials: trials === undefined ? 1 : trialsOf(trials),
    runs: runs === undefined ? defaultRuns : runsOf(positiveWhole('--runs', runs)),
    seed: seed === undefined ? drawSeed() : seedOf(seed),
    json: flags.json === true,
  };
}

function runsOf(count: number): MutantsSettings['runs'] {
  return { charge: count, checkout: count };
}

function pairsFor(flags: MutantsFlags): readonly Pair[] {
  const { profile } = flags;
  const chosen = chosenBy(flags);
  const where = profile === undefined ? undefined : profileOf(profile);
  const pairs = pairsOf(chosen).filter((pair) => where === undefined || pair.profile === where);
  if (pairs.length > 0) return pairs;
  const shown = [...new Set(pairsOf(chosen).map((pair) => pair.profile))].join(', ');
  throw new UsageError(
    `--profile ${profile} hides ${chosen.map(({ id }) => id).join(', ')}: nothing can break there; take one of ${shown}`,
  );
}

/** The bugs that the flags name; a bug has to be among both, where both are given. */
function chosenBy({ class: classes, only }: MutantsFlags): readonly Mutant[] {
  const names = mutants.map(({ id }) => id);
  const wanted = only?.map((given) => knownName(given, { what: '--only', names }));
  const kinds = classes
    ?.split(',')
    .map((given) => knownName(given, { what: '--class', names: mutantClasses }));
  const chosen = mutants.filter(
    (mutant) => (wanted?.includes(mutant.id) ?? true) && (kinds?.includes(mutant.class) ?? true),
  );
  if (chosen.length > 0) return chosen;
  const others = [...new Set(mutants.filter(({ id }) => wanted?.includes(id)).map((mutant) => mutant.class))];
  throw new UsageError(
    `--class ${classes} has none of --only ${wanted?.join(' ')}; take --class ${others.join(',')}, or leave it out`,
  );
}

function profileOf(given: string): ProfileName {
  return knownName(given, { what: '--profile', names: profiles });
}

function trialsOf(text: string): number {
  const trials = whole(text);
  if (trials === undefined || trials < 1 || trials > mostTrials) {
    throw new UsageError(
      `--trials ${quoted(text)} is no number of trials; give a whole number from 1 to ${mostTrials}, such as --trials 10`,
    );
  }
  return trials;
}
