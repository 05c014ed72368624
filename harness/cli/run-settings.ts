// From the flags of `run` to settings that make sense, or to one line that says which flag does not.

import { type ProfileName, profiles } from '../cases/case.ts';
import { type StoresName, storesNames, type TierName, tiers } from '../cases/tiers.ts';
import { focuses, type Suite } from '../checkers/focus.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import { reference } from '../targets/reference.ts';
import { findTarget, targets } from '../targets/registry.ts';
import type { Target } from '../targets/target.ts';
import { knownName, quoted, UsageError, unknownName } from './usage-error.ts';

/** Names that flags of `run` accept, in the order in which they are listed. */
export const choices = {
  suite: ['all', ...focuses],
  tier: tiers,
  profile: profiles,
  stores: storesNames,
  strategy: ['mixed', 'random'],
  reporter: ['terminal', 'json'],
} as const;

/** Flags as commander hands them over. */
export interface RunFlags {
  readonly suite?: string;
  readonly runs?: string;
  readonly maxTime?: string;
  readonly target?: string;
  readonly tier: string;
  readonly profile: string;
  readonly stores: string;
  readonly strategy: string;
  readonly shard?: string;
  readonly workers?: string;
  readonly seed?: string;
  readonly bail?: true;
  readonly shrink: boolean;
  readonly outputDir: string;
  readonly reporter: string;
  readonly json?: true;
  readonly verbose?: true;
}

/** What `run` shall do. */
export interface RunSettings {
  readonly suite: Suite;
  /** Why it is not everything, when nobody asked for less. */
  readonly suiteNote: string | undefined;
  /** How many cases at most; undefined when only time is bounded. */
  readonly runs: number | undefined;
  /** How long at most, wall-clock milliseconds; undefined when only the number is bounded. */
  readonly maxTimeMs: number | undefined;
  readonly target: Target;
  readonly tier: TierName;
  readonly profile: ProfileName;
  readonly stores: StoresName;
  readonly strategy: 'mixed' | 'random';
  /** This is part `index` of `count`, from 1. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  /** Threads to run cases on; the result is the same for any number. */
  readonly workers: number;
  readonly seed: number;
  readonly bail: boolean;
  readonly shrink: boolean;
  readonly outputDir: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Cases of a run that is given no budget: some seconds' worth, and enough to reach every mark that is required. */
function defaultRuns(suite: Suite, tier: RunSettings['tier']): number {
  if (tier === 'real') return 100;
  if (tier === 'msw') return 500;
  if (suite === 'charge') return 10_000;
  return suite === 'all' ? 5_000 : 1_000;
}

/** More threads than any machine has use for would only wait for each other. */
const mostWorkers = 64;

/** Seeds that are drawn stay short enough to be read aloud. */
export const drawnSeedLimit = 2 ** 31;

/** Largest seed that is accepted: what a case can hold exactly. */
const largestSeed = Number.MAX_SAFE_INTEGER;

/**
 * Reads the flags. `drawSeed` supplies a seed when none is given.
 *
 * @throws UsageError for a value that is not known or makes no sense.
 */
export function runSettings(flags: RunFlags, drawSeed: () => number): RunSettings {
  const tier = knownName(flags.tier, { what: '--tier', names: choices.tier });
  const runs = flags.runs === undefined ? undefined : positiveWhole('--runs', flags.runs);
  const maxTimeMs =
    flags.maxTime === undefined ? undefined : positiveSeconds('--max-time', flags.maxTime) * 1000;
  const profile = knownName(flags.profile, { what: '--profile', names: choices.profile });
  refuseUnspeakable(tier, profile);
  const reporter = knownName(flags.reporter, { what: '--reporter', names: choices.reporter });
  if (flags.outputDir.trim() === '')
    throw new UsageError('--output-dir is empty; name a folder, such as .paystorm');
  const target = knownTarget(flags.target ?? reference.name);
  const stores = knownName(flags.stores, { what: '--stores', names: choices.stores });
  refuseServers(tier, stores);
  const { suite, suiteNote } = suiteOf(flags.suite, target);
  return {
    suite,
    suiteNote,
    runs: runs ?? (maxTimeMs === undefined ? defaultRuns(suite, tier) : undefined),
    maxTimeMs,
    target,
    tier,
    profile,
    stores,
    strategy: knownName(flags.strategy, { what: '--strategy', names: choices.strategy }),
    shard: flags.shard === undefined ? undefined : shardOf(flags.shard),
    workers: flags.workers === undefined ? 1 : workersOf(flags.workers),
    seed: flags.seed === undefined ? drawSeed() : seedOf(flags.seed),
    bail: flags.bail === true,
    shrink: flags.shrink,
    outputDir: flags.outputDir,
    json: flags.json === true || reporter === 'json',
    verbose: flags.verbose === true,
  };
}

/** The target called `name`. @throws UsageError when there is none; `what` says where the name was given. */
export function knownTarget(name: string, what = '--target'): Target {
  const target = findTarget(name);
  if (target === undefined) throw unknownName(name, { what, names: targets.map((known) => known.name) });
  return target;
}

/** Reads a seed. @throws UsageError unless it is a whole number from 0 to {@link largestSeed}. */
export function seedOf(text: string): number {
  const seed = whole(text);
  if (seed === undefined) {
    throw new UsageError(
      `--seed ${quoted(text)} is not a seed; give a whole number from 0 to ${largestSeed}`,
    );
  }
  return seed;
}

/**
 * Everything, unless less is asked for. Orders can be placed only where they are taken: elsewhere it is single charges, and
 * the run says why.
 */
function suiteOf(
  given: string | undefined,
  { name, capabilities }: Target,
): Pick<RunSettings, 'suite' | 'suiteNote'> {
  const suite = given === undefined ? undefined : knownName(given, { what: '--suite', names: choices.suite });
  if (capabilities.includes('checkout') || suite === 'charge')
    return { suite: suite ?? 'all', suiteNote: undefined };
  const obstacle = `--target ${name} takes no orders`;
  if (suite === undefined) return { suite: 'charge', suiteNote: `${obstacle}, so this is --suite charge` };
  const able = targets.filter((known) => known.capabilities.includes('checkout'));
  const other = `--target ${able.map((known) => known.name).join(' or ')}`;
  throw new UsageError(`${obstacle}, and --suite ${suite} is about orders; take --suite charge, or ${other}`);
}

/** Only processes of their own reach servers. */
function refuseServers(tier: TierName, stores: StoresName): void {
  if (stores === 'memory' || tier === 'real') return;
  throw new UsageError(
    `--tier ${tier} keeps its stores in memory; for --stores ${stores} take --tier real, else leave --stores out`,
  );
}

/** Stripe's API, which the tiers beyond the simulator speak, has no way to fetch an answer by its idempotency key. */
function refuseUnspeakable(tier: RunSettings['tier'], profile: ProfileName): void {
  const unspeakable = profiles.filter((name) => capabilitiesOf(name).lookup.by.includes('key'));
  if (tier === 'sim' || !unspeakable.includes(profile)) return;
  const others = profiles.filter((name) => !unspeakable.includes(name)).join(', ');
  throw new UsageError(
    `--tier ${tier} cannot play --profile ${profile}: Stripe's API has no look-up by key; take --tier sim, or one of ${others}`,
  );
}

/** Reads a number of cases. @throws UsageError unless it is a whole number from 1. */
export function positiveWhole(flag: string, text: string): number {
  const count = whole(text);
  if (count === undefined || count === 0) {
    throw new UsageError(
      `${flag} ${quoted(text)} is no budget; give a whole number of cases from 1, such as ${flag} 10000`,
    );
  }
  return count;
}

function positiveSeconds(flag: string, text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds > 0 && seconds <= 31_536_000)) {
    throw new UsageError(
      `${flag} ${quoted(text)} is no budget; give seconds greater than 0, such as ${flag} 60`,
    );
  }
  return seconds;
}

function shardOf(text: string): { readonly index: number; readonly count: number } {
  const [, first, second] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const index = Number(first);
  const count = Number(second);
  if (!(index >= 1 && index <= count)) {
    throw new UsageError(
      `--shard ${quoted(text)} names no part; give i/n with i from 1 to n, such as --shard 2/4`,
    );
  }
  return { index, count };
}

/** Reads a number of threads. @throws UsageError unless it is a whole number from 1 to {@link mostWorkers}. */
export function workersOf(text: string): number {
  const workers = whole(text);
  if (workers === undefined || workers < 1 || workers > mostWorkers) {
    throw new UsageError(
      `--workers ${quoted(text)} is no number of threads; give a whole number from 1 to ${mostWorkers}, such as --workers 2`,
    );
  }
  return workers;
}

/** The whole number that `text` spells in decimal digits, or undefined. */
export function whole(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
