// Runs some consecutive cases of a campaign and adds up what came of them. A part is plain data, so that it can be
// run on any thread; parts are put together in the order of their indices.

import type { CaseOptions } from '../cases/arbitraries.ts';
import type { Case, ProfileName } from '../cases/case.ts';
import { type Distribution, tally } from '../cases/distribution.ts';
import type { StoresName, TierName } from '../cases/tiers.ts';
import type { InvariantId } from '../checkers/checker.ts';
import type { Suite } from '../checkers/focus.ts';
import type { Assumption } from '../faults/assumptions.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import type { RunResult } from '../run.ts';
import type { Board } from './board.ts';
import { type Census, censusTaker } from './census.ts';
import { foldedDigest, noHistory } from './folded-digest.ts';
import { type Planned, planOf, type Strategy } from './plan.ts';
import type { Entry } from './violation-book.ts';

/** Which cases a campaign has. Plain data: equal options mean equal cases on every thread. */
export interface CasesOptions {
  /** Name of the target, as cases give it. */
  readonly target: string;
  readonly profile: ProfileName;
  readonly tier: TierName;
  readonly stores?: StoresName | undefined;
  readonly suite?: Suite | undefined;
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly strategy: 'mixed' | 'random';
  readonly shard?: { readonly index: number; readonly count: number } | undefined;
  readonly bail: boolean;
  readonly recheckEvery: number;
  readonly breaking?: readonly Assumption[] | undefined;
}

/** Something that kept a case from being judged. It speaks of the harness or the target's code, not of money. */
export interface CampaignError {
  readonly index: number;
  readonly during: 'run' | 'recheck' | 'shrink';
  readonly case: Case;
  readonly message: string;
}

/** What came of the cases from index `from` on, up to but without `to`. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** Cases that were run: those of other shards lie between, rechecks and discovery are not counted. */
  readonly runs: number;
  readonly census: Census;
  readonly strategies: Readonly<Record<Strategy, number>>;
  readonly distribution: Distribution;
  /** Folded digest of the histories. */
  readonly digest: string;
  readonly determinism: { readonly rechecked: number; readonly mismatches: number };
  /** The first case that came out differently the second time. */
  readonly firstMismatch: { readonly index: number; readonly case: Case } | undefined;
  /** The first hundred; `errorCount` counts all. */
  readonly errors: readonly CampaignError[];
  readonly errorCount: number;
  /** The case that broke what this runner had not seen broken before: a part ends with it. */
  readonly broken?: Entry | undefined;
}

/** Runs parts in the order of their indices. */
export interface PartRunner {
  /** Runs `block`, or its beginning: a part ends early with a fresh violation, and when the board says stop. */
  run(
    block: { readonly from: number; readonly until: number },
    board: Pick<Board, 'begin' | 'isStopped'>,
  ): Promise<Part>;
  /** The part of one case that cannot be run, for the reason given. */
  giveUp(index: number, message: string): Promise<Part>;
}

/** At most so many errors are kept, in a part and in a campaign. */
export const mostErrors = 100;

/** Counts of no cases, by strategy. */
export function noStrategies(): Record<Strategy, number> {
  return { 'no-fault': 0, 'one-fault': 0, 'two-faults': 0, 'three-faults': 0, random: 0 };
}

/** What a case threw, in one line. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}

/** A runner from the first case on. `run` runs one case; what it throws becomes an error of the part. */
export function partRunner(options: CasesOptions, run: (subject: Case) => Promise<RunResult>): PartRunner {
  const { bail, shard = { index: 1, count: 1 } } = options;
  const { seed, strategy, runs } = options;
  const plan = planOf({ seed, strategy, runs, run, ...drawingOf(options) });
  const seen = new Set<InvariantId>();

  return {
    async run({ from, until }, { begin, isStopped }) {
      const sheet = blankSheet(options, run);
      let index = from;
      for (; index < until && !isStopped(); index++) {
        if (index % shard.count !== shard.index - 1) continue;
        begin(index);
        const entry = await sheet.take(index, await plan.at(index));
        if (entry === undefined) continue;
        const fresh = entry.result.broken.filter((invariant) => !seen.has(invariant));
        for (const invariant of fresh) seen.add(invariant);
        if (bail || fresh.length > 0) return sheet.part({ from, to: index + 1, broken: entry });
      }
      return sheet.part({ from, to: index });
    },
    async giveUp(index, message) {
      const sheet = blankSheet(options, run);
      if (index % shard.count === shard.index - 1) sheet.fail(index, await plan.at(index), message);
      return sheet.part({ from: index, to: index + 1 });
    },
  };
}

function drawingOf({ target, profile, tier, stores, suite, breaking }: CasesOptions): CaseOptions {
  return { target, profile, tier, stores, suite, dedup: capabilitiesOf(profile).dedup, breaking };
}

/** Where the cases of one part are run and everything about them is written down. */
interface Sheet {
  /** Runs the case, and once more when it is its turn. Returns what it broke, if it broke anything. */
  take(index: number, planned: Planned): Promise<Entry | undefined>;
  /** Enters a case that cannot be run. */
  fail(index: number, planned: Planned, message: string): void;
  part(range: Pick<Part, 'from' | 'to' | 'broken'>): Part;
}

function blankSheet(
  { recheckEvery, shard }: CasesOptions,
  run: (subject: Case) => Promise<RunResult>,
): Sheet {
  const taker = censusTaker();
  const strategies = noStrategies();
  const counts = tally();
  const digest = foldedDigest();
  const determinism = { rechecked: 0, mismatches: 0 };
  let firstMismatch: Part['firstMismatch'];
  const errors: CampaignError[] = [];
  let errorCount = 0;
  let taken = 0;

  const note = (error: CampaignError): void => {
    errorCount += 1;
    if (errors.length < mostErrors) errors.push(error);
  };
  const attempt = async (at: Omit<CampaignError, 'message'>): Promise<RunResult | undefined> => {
    try {
      return await run(at.case);
    } catch (cause) {
      note({ ...at, message: messageOf(cause) });
      return undefined;
    }
  };
  const recheck = async (index: number, planned: Planned, first: RunResult): Promise<void> => {
    const second = await attempt({ index, during: 'recheck', case: planned.case });
    if (second === undefined) return;
    determinism.rechecked += 1;
    if (second.history.digest === first.history.digest) return;
    determinism.mismatches += 1;
    firstMismatch ??= { index, case: planned.case };
  };
  const count = ({ case: subject, strategy }: Planned): void => {
    taken += 1;
    strategies[strategy] += 1;
    counts.count(subject);
  };

  return {
    async take(index, planned) {
      // Counted among the cases of this shard, so that it does not matter who runs which.
      const place = Math.floor(index / (shard?.count ?? 1));
      count(planned);
      const result = await attempt({ index, during: 'run', case: planned.case });
      digest.add(index, result?.history.digest ?? noHistory);
      if (result === undefined) return undefined;
      taker.add(result);
      if (recheckEvery > 0 && place % recheckEvery === 0) await recheck(index, planned, result);
      return result.broken.length > 0 ? { index, runs: place + 1, planned, result } : undefined;
    },
    fail(index, planned, message) {
      count(planned);
      digest.add(index, noHistory);
      note({ index, during: 'run', case: planned.case, message });
    },
    part: (range) => ({
      ...range,
      runs: taken,
      census: taker.census(),
      strategies,
      distribution: counts.distribution(),
      digest: digest.hex(),
      determinism,
      firstMismatch,
      errors,
      errorCount,
    }),
  };
}
