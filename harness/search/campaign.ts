// Many cases against one target: run, count, shrink what breaks, and say what was and was not looked at.

import type { Case, ProfileName } from '../cases/case.ts';
import type { Distribution } from '../cases/distribution.ts';
import type { StoresName, TierName } from '../cases/tiers.ts';
import { checkers } from '../checkers/catalogue.ts';
import type { InvariantId } from '../checkers/checker.ts';
import type { Declared } from '../checkers/declared.ts';
import type { Suite } from '../checkers/focus.ts';
import { requiredJudged } from '../checkers/required-judged.ts';
import { requiredMarks } from '../checkers/required-marks.ts';
import type { Assumption } from '../faults/assumptions.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import { type RunResult, runCase } from '../run.ts';
import { findTarget } from '../targets/registry.ts';
import type { Target } from '../targets/target.ts';
import type { Census } from './census.ts';
import { type CampaignEvent, ledgerOf, type Totals } from './ledger.ts';
import type { CampaignError, CasesOptions } from './part.ts';
import type { Strategy } from './plan.ts';
import { runTeam } from './team.ts';
import type { Violation } from './violation-book.ts';

export { epochCases } from './board.ts';
export type { CampaignEvent } from './ledger.ts';

/** What to run, and for how long. At least one of `runs`, `maxTimeMs` and `stopSignal` must bound it. */
export interface CampaignOptions {
  readonly target: Target;
  readonly profile: ProfileName;
  readonly tier: TierName;
  /** What the stores are; tables in memory by default. */
  readonly stores?: StoresName | undefined;
  /** What the cases are about; single charges by default. */
  readonly suite?: Suite | undefined;
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
  /**
   * Threads to run cases on, this one included; 1 by default. The result is the same for any number. A target can be
   * posted to another thread by its name only, so one that no registry names, or another `runCase` than paystorm's
   * own, is run on this thread alone.
   */
  readonly workers?: number | undefined;
  readonly runCase: (subject: Case, target: Target) => Promise<RunResult>;
}

/** An invariant that too little was judged by. */
export interface Underjudged {
  readonly invariant: InvariantId;
  /** Things that were judged. */
  readonly judged: number;
  /** How many it takes. */
  readonly needed: number;
}

/** What a campaign came to. */
export interface Campaign extends Census {
  /** Cases that were run: rechecks, discovery and shrinking not counted. */
  readonly runs: number;
  /** Wall-clock milliseconds. */
  readonly elapsedMs: number;
  /** Threads that cases were run on. */
  readonly workers: number;
  /** One for each broken invariant, in the order in which they broke first. */
  readonly violations: readonly Violation[];
  /** Invariants that were judged at least once and never broke, in the catalogue's order. */
  readonly held: readonly InvariantId[];
  /** Invariants that never broke but were judged less often than a green run needs, in the catalogue's order. */
  readonly underjudged: readonly Underjudged[];
  /** Never judged, and nobody asked for it: about what the target does not declare or the suite is not about. In the catalogue's order. */
  readonly undeclared: readonly InvariantId[];
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

/**
 * Runs a campaign. Never rejects because of a case: what a case throws is among the errors of the result.
 *
 * @throws RangeError when nothing bounds the campaign.
 * @throws HelperError when a worker thread cannot be started.
 */
export async function runCampaign(
  options: CampaignOptions,
  observe: (event: CampaignEvent) => void = () => {},
): Promise<Campaign> {
  const { runs, maxTimeMs = Number.POSITIVE_INFINITY, stopSignal, now, target } = options;
  if (runs === undefined && options.maxTimeMs === undefined && stopSignal === undefined) {
    throw new RangeError('a campaign needs a bound: give runs, maxTimeMs or a stopSignal');
  }
  const startedMs = now();
  const workers = workersFor(options);
  const run = (subject: Case): Promise<RunResult> => options.runCase(subject, target);
  const ledger = ledgerOf({ ...options, run, observe });
  const isTimeUp = (): boolean => now() - startedMs >= maxTimeMs;
  await runTeam({ cases: casesOf(options), workers, run, ledger, isTimeUp, stopSignal });
  return campaignOf(options, ledger.totals(), { workers, elapsedMs: now() - startedMs });
}

/** Only names can be posted to another thread, so both the target and the way to run it must have one. */
function workersFor({ workers = 1, target, runCase: given }: CampaignOptions): number {
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new RangeError(`a campaign runs on a whole number of workers from 1, not on ${workers}`);
  }
  return given === runCase && findTarget(target.name) === target ? workers : 1;
}

function casesOf(options: CampaignOptions): CasesOptions {
  const { target, profile, tier, stores, suite, seed, runs, strategy, shard, bail, recheckEvery, breaking } =
    options;
  const drawn = { target: target.name, profile, tier, stores, suite, breaking };
  return { ...drawn, seed, runs, strategy, shard, bail, recheckEvery };
}

function campaignOf(
  { target, tier, profile, suite = 'charge', stopSignal }: CampaignOptions,
  { census, violations, ...totals }: Totals,
  outside: Pick<Campaign, 'workers' | 'elapsedMs'>,
): Campaign {
  const declared = declaredBy(target);
  const required = requiredMarks({ suite, tier, gateway: capabilitiesOf(profile), target: declared });
  const unbroken = checkers.map(({ id }) => id).filter((id) => census.timesBroken[id] === 0);
  const shares = unbroken.map((invariant) => {
    const { [invariant]: notPromised } = census.notPromised;
    const needed = requiredJudged(invariant, { suite, runs: totals.runs, notPromised, target: declared });
    return { invariant, judged: census.judged[invariant], needed };
  });
  return {
    ...census,
    ...totals,
    ...outside,
    violations: violations.map((violation) => ({
      ...violation,
      timesBroken: census.timesBroken[violation.invariant],
    })),
    held: unbroken.filter((id) => census.judged[id] > 0),
    underjudged: shares.filter(({ judged, needed }) => judged < needed),
    undeclared: shares.flatMap(({ invariant, judged, needed }) => (judged + needed === 0 ? [invariant] : [])),
    requiredMarks: required,
    unreachedMarks: required.filter((mark) => census.marks[mark] === undefined),
    interrupted: stopSignal?.aborted === true,
  };
}

function declaredBy({ retry, capabilities }: Target): Declared {
  return {
    retries: retry !== undefined,
    recovers: capabilities.includes('recover'),
    breaker: capabilities.includes('circuit-breaker'),
    limiter: capabilities.includes('rate-limit'),
    audits: capabilities.includes('audit'),
    orders: capabilities.includes('checkout'),
  };
}
