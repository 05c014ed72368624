// The result of `bench stacks` as one plain value: what `--json` prints and what its tables are drawn from. Equal for
// equal settings but for `elapsedMs`.

import { checkStack } from '../../src/resilience/check-stack.ts';
import { inCatalogueOrder, type TriedOrder } from '../bench/stacks/inference.ts';
import type { Metrics } from '../bench/stacks/metrics.ts';
import type { MeasuredDay, StackBench } from '../bench/stacks/stack-bench.ts';
import { recommendationOf, standingsOf } from '../bench/stacks/standings.ts';
import type { UnsafePair } from '../bench/stacks/trial.ts';
import type { CaseSize } from '../cases/measure.ts';
import { type Order, orderName, recommendedOrder } from '../targets/orders.ts';

/** One order under one fault profile. */
export interface ReportedStack extends Metrics {
  /** Outermost first, such as `idempotent>circuitBreaker>…`. */
  readonly order: string;
  /** The fault profile. */
  readonly profile: string;
  /** Whether the order survived every storm; null when that was not found out. */
  readonly safe: boolean | null;
  /** Invariants that broke on this day. */
  readonly broken: readonly string[];
}

/** An order whose days were measured. */
export interface ReportedOrder {
  readonly order: string;
  readonly safe: boolean | null;
  /** Invariants that it breaks in any storm, in the order of the catalogue. */
  readonly broken: readonly string[];
  /** Its goodput as a part of the best one's, averaged over the fault profiles; null where it is not safe. */
  readonly score: number | null;
}

/** A pair of layers that no order survives. */
export interface ReportedPair {
  readonly outer: string;
  readonly inner: string;
  /** What its shortest story breaks; null, like the rest, when the pair never broke alone. */
  readonly invariant: string | null;
  readonly because: string | null;
  /** Path of the saved case; null also when it could not be saved and was printed to stderr instead. */
  readonly case: string | null;
  readonly story: CaseSize | null;
}

/** An order on which the storm and `checkStack` disagree. */
export interface Disagreement {
  readonly order: string;
  /** What the storm broke. */
  readonly broken: readonly string[];
  /** What `checkStack` warns of. */
  readonly warnings: readonly string[];
}

/** A figure that got worse than the baseline by more than the threshold. */
export interface Regression {
  readonly order: string;
  readonly profile: string;
  readonly figure: 'goodputPerSecond' | 'p99Ms';
  readonly was: number;
  readonly is: number;
  /** By how much it is worse, percent of what it was. */
  readonly percent: number;
}

/** See the file comment. */
export interface StackReport {
  readonly tool: 'paystorm';
  readonly version: string;
  readonly seed: number;
  readonly gateway: string;
  readonly stacks: readonly ReportedStack[];
  readonly orders: readonly ReportedOrder[];
  /** The best of the safe orders that were measured; null when there is none. */
  readonly recommended: string | null;
  /** The order that is recommended in the documentation. */
  readonly documented: string;
  readonly unsafePairs: readonly ReportedPair[];
  /** Orders that were tried, how many of them are safe, and the cases of all campaigns; null when interrupted. */
  readonly tried: { readonly orders: number; readonly safe: number; readonly cases: number } | null;
  /** Whether `checkStack` calls unsafe exactly the orders that broke; null when that was not found out. */
  readonly agrees: boolean | null;
  readonly disagreements: readonly Disagreement[];
  /** Null when there is no baseline. */
  readonly regressions: readonly Regression[] | null;
  /** Cases that could not be judged, and what the first of them said. */
  readonly errorCount: number;
  readonly firstError: string | null;
  readonly interrupted: boolean;
  readonly elapsedMs: number;
}

/** What a report is put together from, besides the bench. */
export interface StackReportParts {
  readonly version: string;
  readonly seed: number;
  readonly gateway: string;
  /** Where the case of a pair was saved. */
  readonly savedAs: (pair: UnsafePair) => string | null;
}

/** Puts the report together, without the comparison to a baseline. */
export function stackReport(bench: StackBench, { savedAs, ...settings }: StackReportParts): StackReport {
  const tried = triedOrders(bench);
  const byName = new Map(tried?.map((one) => [orderName(one.order), one]));
  const safeOf = (order: Order): boolean | null => {
    const one = byName.get(orderName(order));
    return one === undefined ? null : one.broken.length === 0;
  };
  const standings = standingsOf(bench.days.filter(({ order }) => safeOf(order) === true));
  const best = recommendationOf(standings, new Set(bench.days.map(({ weather }) => weather)).size);
  const disagreements = (tried ?? []).flatMap(disagreementOn);
  const scoreOf = (order: Order): number | null =>
    standings.find((standing) => standing.order === order)?.score ?? null;
  return {
    tool: 'paystorm',
    ...settings,
    stacks: bench.days.map((day) => reportedStack(day, safeOf(day.order))),
    orders: measuredOrders(bench.days).map((order) => ({
      order: orderName(order),
      safe: safeOf(order),
      broken: byName.get(orderName(order))?.broken ?? [],
      score: scoreOf(order),
    })),
    recommended: best === undefined ? null : orderName(best),
    documented: orderName(recommendedOrder),
    unsafePairs: (bench.trial?.unsafePairs ?? []).map((pair) => reportedPair(pair, savedAs(pair))),
    tried:
      tried === undefined
        ? null
        : {
            orders: tried.length,
            safe: tried.filter(({ broken }) => broken.length === 0).length,
            cases: bench.trial?.cases ?? 0,
          },
    agrees: tried === undefined ? null : disagreements.length === 0,
    disagreements,
    regressions: null,
    errorCount: bench.trial?.errorCount ?? 0,
    firstError: bench.trial?.firstError ?? null,
    interrupted: bench.interrupted,
    elapsedMs: Math.round(bench.elapsedMs),
  };
}

/**
 * The exit code that a report earns: 130 interrupted; 2 a case could not be judged; 1 an order broke that `checkStack`
 * lets pass, so that its word cannot be relied upon; 3 an order survived that it warns of, so that the storm was too
 * short or the warning too strict; 4 a figure got worse than the baseline allows; 0 otherwise.
 */
export function stackExitCode({ interrupted, errorCount, disagreements, regressions }: StackReport): number {
  if (interrupted) return 130;
  if (errorCount > 0) return 2;
  if (disagreements.some(({ broken }) => broken.length > 0)) return 1;
  if (disagreements.length > 0) return 3;
  return (regressions?.length ?? 0) > 0 ? 4 : 0;
}

/** The tried orders, with what their measured days broke added. */
function triedOrders({ trial, days }: StackBench): readonly TriedOrder[] | undefined {
  const brokenOnDays = Map.groupBy(days, ({ order }) => orderName(order));
  return trial?.orders.map(({ order, broken }) => {
    const onDays = brokenOnDays.get(orderName(order)) ?? [];
    return { order, broken: inCatalogueOrder([...broken, ...onDays.flatMap((day) => day.broken)]) };
  });
}

function measuredOrders(days: readonly MeasuredDay[]): readonly Order[] {
  return [...new Set(days.map(({ order }) => order))];
}

function reportedStack(
  { order, weather, metrics, broken }: MeasuredDay,
  safe: boolean | null,
): ReportedStack {
  return { order: orderName(order), profile: weather, safe, ...metrics, broken };
}

function reportedPair({ outer, inner, witness }: UnsafePair, path: string | null): ReportedPair {
  if (witness === undefined) return { outer, inner, invariant: null, because: null, case: null, story: null };
  const { invariant, because, requests, faults, preemptions } = witness;
  return { outer, inner, invariant, because, case: path, story: { requests, faults, preemptions } };
}

function disagreementOn({ order, broken }: TriedOrder): readonly Disagreement[] {
  const warnings = checkStack(order.map((kind) => ({ kind })));
  if (warnings.length > 0 === broken.length > 0) return [];
  const told = warnings.map(({ outer, inner, invariant }) => `${outer} outside ${inner}: ${invariant}`);
  return [{ order: orderName(order), broken, warnings: told }];
}
