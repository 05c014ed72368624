// Many cases against one target: run, count, shrink what breaks, and say what was and was not looked at.

import type { CaseOptions } from '../cases/arbitraries.ts';
import type { Case, ProfileName } from '../cases/case.ts';
import { type Distribution, type Tally, tally } from '../cases/distribution.ts';
import { checkers } from '../checkers/catalogue.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { requiredMarks } from '../checkers/required-marks.ts';
import type { Assumption } from '../faults/assumptions.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import type { RunResult } from '../run.ts';
import type { Target } from '../targets/target.ts';
import { type Census, censusTaker } from './census.ts';
import { type FoldedDigest, foldedDigest, noHistory } from './folded-digest.ts';
import { type Planned, planOf, type Strategy } from './plan.ts';
import { type Violation, type ViolationBook, violationBook } from './violation-book.ts';

/** What to run, and for how long. At least one of `runs`, `maxTimeMs` and `stopSignal` must bound it. */
export interface CampaignOptions {
  readonly target: Target;
  readonly profile: ProfileName;
  readonly tier: 'sim' | 'msw';
  /** A non-negative safe integer. */
  readonly seed: number;
  /** Cases of the whole campaign, shards included. */
  readonly runs?: number | undefined;
  /** Wall-clock budget, milliseconds; it ends the campaign at the end of an epoch. */
  readonly maxTimeMs?: number | undefined;
  readonly strategy: 'mixed' | 'random';
  /** Runs only every `count`-th case, from the `index`-th on; `index` counts from 1. */
  readonly shard?: { readonly index: number; readonly count: number } | undefined;
  /** Ends with the first broken invariant. */
  readonly bail: boolean;
  /** Whether the first case that breaks an invariant is shrunk. */
  readonly shrink: boolean;
  /** Candidates that shrinking may run for each invariant; see `shrinkCase` for the default. */
  readonly shrinkBudget?: number | undefined;
  /** Every so many-th case is run twice and the digests compared; 0 for none. */
  readonly recheckEvery: number;
  /** Assumptions that generated faults may break; none by default. */
  readonly breaking?: readonly Assumption[] | undefined;
  /** Ends the campaign as soon as the present case is done. */
  readonly stopSignal?: AbortSignal | undefined;
  /** Wall clock for budgets and measurements, milliseconds. Has no influence on what a case does. */
  readonly now: () => number;
  readonly runCase: (subject: Case, target: Target) => Promise<RunResult>;
}

/** Something that kept a case from being judged. It speaks of the harness or the target's code, not of money. */
export interface CampaignError {
  readonly index: number;
  readonly during: 'run' | 'recheck' | 'shrink';
  readonly case: Case;
  readonly message: string;
}

/** What a campaign came to. */
export interface Campaign extends Census {
  /** Cases that were run: rechecks, discovery and shrinking not counted. */
  readonly runs: number;
  /** Wall-clock milliseconds. */
  readonly elapsedMs: number;
  /** One for each broken invariant, in the order in which they broke first. */
  readonly violations: readonly Violation[];
  /** Invariants that were judged at least once and never broke, in the catalogue's order. */
  readonly held: readonly InvariantId[];
  /** Invariants that no case gave anything to judge. */
  readonly unjudged: readonly InvariantId[];
  readonly requiredMarks: readonly string[];
  readonly unreachedMarks: readonly string[];
  readonly determinism: { readonly rechecked: number; readonly mismatches: number };
  /** The first case that came out differently the second time. */
  readonly firstMismatch: { readonly index: number; readonly case: Case } | undefined;
  /** The first hundred; `errorCount` counts all. */
  readonly errors: readonly CampaignError[];
  readonly errorCount: number;
  /** Cases by strategy. */
  readonly strategies: Readonly<Record<Strategy, number>>;
  readonly distribution: Distribution;
  readonly interrupted: boolean;
  /**
   * Covers the history of every case: equal for equal seeds and runs. Digests of shards differ from each other and
   * from the whole.
   */
  readonly digest: string;
}

/** What an observer hears while a campaign runs. */
export type CampaignEvent =
  | { readonly kind: 'progress'; readonly runs: number; readonly broken: number }
  | { readonly kind: 'broken'; readonly invariant: InvariantId; readonly index: number; readonly case: Case }
  | { readonly kind: 'shrunk'; readonly violation: Violation }
  | { readonly kind: 'error'; readonly error: CampaignError };

/** Cases between two looks at the wall clock, by tier. */
export const epochCases = { sim: 1_000, msw: 50 } as const;

const progressCases = 50;
const mostErrors = 100;

/**
 * Runs a campaign. Never rejects because of a case: what a case throws is among the errors of the result.
 *
 * @throws RangeError when nothing bounds the campaign.
 */
export async function runCampaign(
  options: CampaignOptions,
  observe: (event: CampaignEvent) => void = () => {},
): Promise<Campaign> {
  const { runs = Number.POSITIVE_INFINITY, maxTimeMs = Number.POSITIVE_INFINITY, tier, now } = options;
  const { shard = { index: 1, count: 1 }, bail, stopSignal } = options;
  if (options.runs === undefined && options.maxTimeMs === undefined && stopSignal === undefined) {
    throw new RangeError('a campaign needs a bound: give runs, maxTimeMs or a stopSignal');
  }
  const startedMs = now();
  const desk = deskOf(options, observe);
  const { seed, strategy } = options;
  const plan = planOf({ seed, strategy, runs: options.runs, run: desk.run, ...drawingOf(options) });
  for (let index = 0; index < runs && stopSignal?.aborted !== true; index++) {
    if (index > 0 && index % epochCases[tier] === 0 && now() - startedMs >= maxTimeMs) break;
    const planned = await plan.next();
    if (index % shard.count !== shard.index - 1) continue;
    await desk.take(index, planned);
    if (desk.runs() % progressCases === 0) {
      observe({ kind: 'progress', runs: desk.runs(), broken: desk.book.violations().length });
    }
    if (bail && desk.book.violations().length > 0) break;
  }
  return campaignOf(options, desk, now() - startedMs);
}

function drawingOf({ target, profile, tier, breaking }: CampaignOptions): CaseOptions {
  // A case that names no tier runs in the simulator, so naming it would be noise.
  const named = tier === 'sim' ? undefined : tier;
  return { target: target.name, profile, tier: named, dedup: capabilitiesOf(profile).dedup, breaking };
}

/** Where the cases of a campaign are run and everything about them is kept. */
interface Desk {
  readonly run: (subject: Case) => Promise<RunResult>;
  /** Runs the case, rechecks it when it is its turn, and shrinks what it broke first. */
  take(index: number, planned: Planned): Promise<void>;
  runs(): number;
  readonly book: ViolationBook;
  readonly census: () => Census;
  readonly counts: Tally;
  readonly strategies: Readonly<Record<Strategy, number>>;
  readonly digest: FoldedDigest;
  readonly determinism: { rechecked: number; mismatches: number; first: Campaign['firstMismatch'] };
  readonly errors: { count: number; readonly kept: readonly CampaignError[] };
}

function deskOf(options: CampaignOptions, observe: (event: CampaignEvent) => void): Desk {
  const { recheckEvery, target, runCase } = options;
  const taker = censusTaker();
  const strategies = { 'no-fault': 0, 'one-fault': 0, 'two-faults': 0, 'three-faults': 0, random: 0 };
  const kept: CampaignError[] = [];
  const errors = { count: 0, kept };
  const determinism: Desk['determinism'] = { rechecked: 0, mismatches: 0, first: undefined };
  const counts = tally();
  const digest = foldedDigest();
  let taken = 0;

  const run = (subject: Case): Promise<RunResult> => runCase(subject, target);

  const note = (error: CampaignError): void => {
    errors.count += 1;
    if (kept.length < mostErrors) kept.push(error);
    observe({ kind: 'error', error });
  };
  const attempt = async (
    at: Pick<CampaignError, 'index' | 'during' | 'case'>,
  ): Promise<RunResult | undefined> => {
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
    determinism.first ??= { index, case: planned.case };
  };

  const book = violationBook({
    ...options,
    run,
    observe,
    onError: (index, subject, cause) =>
      note({ index, during: 'shrink', case: subject, message: messageOf(cause) }),
  });

  return {
    run,
    runs: () => taken,
    book,
    census: taker.census,
    counts,
    strategies,
    digest,
    determinism,
    errors,
    async take(index, planned) {
      const isRechecked = recheckEvery > 0 && taken % recheckEvery === 0;
      taken += 1;
      strategies[planned.strategy] += 1;
      counts.count(planned.case);
      const result = await attempt({ index, during: 'run', case: planned.case });
      digest.add(index, result?.history.digest ?? noHistory);
      if (result === undefined) return;
      taker.add(result);
      if (isRechecked) await recheck(index, planned, result);
      await book.enter({ index, runs: taken, planned, result });
    },
  };
}

function campaignOf(options: CampaignOptions, desk: Desk, elapsedMs: number): Campaign {
  const census = desk.census();
  const { tier, profile, stopSignal } = options;
  const required = requiredMarks({ tier, gateway: capabilitiesOf(profile) });
  const unbroken = checkers.map(({ id }) => id).filter((id) => census.timesBroken[id] === 0);
  const { rechecked, mismatches, first } = desk.determinism;
  return {
    ...census,
    runs: desk.runs(),
    elapsedMs,
    violations: desk.book.violations().map((violation) => ({
      ...violation,
      timesBroken: census.timesBroken[violation.invariant],
    })),
    held: unbroken.filter((id) => census.judged[id] > 0),
    unjudged: unbroken.filter((id) => census.judged[id] === 0),
    requiredMarks: required,
    unreachedMarks: required.filter((mark) => census.marks[mark] === undefined),
    determinism: { rechecked, mismatches },
    firstMismatch: first,
    errors: desk.errors.kept,
    errorCount: desk.errors.count,
    strategies: desk.strategies,
    distribution: desk.counts.distribution(),
    interrupted: stopSignal?.aborted === true,
    digest: desk.digest.hex(),
  };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
