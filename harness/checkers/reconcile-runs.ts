// Reconciliations as checkers want them: what each found, beside the rows of the gateway's report that it had read and how
// much of them the ledger knew.

import type { DayReport } from '../../src/checkout/reconciliation.ts';
import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { Reconciled, ReconcileIntent } from '../history/shop.ts';
import { bookedFacts, type Fact } from './booked-facts.ts';
import { crossingsAt } from './crossings-at.ts';

/** One reconciliation that came to its end. */
export interface ReconcileRun {
  readonly crossing: Crossing;
  readonly day: string;
  readonly result: Reconciled;
  /** The rows of the day's report as the run saw them last; undefined when it was not seen to read them. */
  readonly rows: readonly TransactionRecord[] | undefined;
  /** The rows of all reports that it read, neighbouring days' included, each as it saw it last. */
  readonly read: readonly TransactionRecord[];
  /** The rows of all reports that anybody had read when it ended, each day's as it was seen last. */
  readonly known: readonly TransactionRecord[];
  /** Whether it began when faults had ended. */
  readonly isCalm: boolean;
}

// Only the latest, as of views.
let latest: { readonly history: History; readonly runs: readonly ReconcileRun[] } | undefined;

/** All of them in the order of the calls. */
export function runsOf(history: History): readonly ReconcileRun[] {
  if (latest?.history !== history) latest = { history, runs: build(history) };
  return latest.runs;
}

function build(history: History): readonly ReconcileRun[] {
  const healed =
    history.incidents.find(({ kind }) => kind === 'healed')?.at.order ?? Number.POSITIVE_INFINITY;
  const reports = reportsIn(history);
  return crossingsAt(history, 'client.reconcile').flatMap((crossing): readonly ReconcileRun[] => {
    const { actor, request, effect, called } = crossing;
    if (effect?.ok !== true || crossing.appliedAgain !== undefined) return [];
    const { day } = request as ReconcileIntent;
    const own = reports.filter((report) => report.crossing.actor === actor);
    return [
      {
        crossing,
        day,
        result: effect.value as Reconciled,
        rows: own.findLast((report) => report.day === day)?.rows,
        read: latestOfEach(own).flatMap(({ rows }) => rows),
        known: latestOfEach(
          reports.filter((report) => wasBefore(report.crossing.replied, crossing.replied)),
        ).flatMap(({ rows }) => rows),
        isCalm: called.order > healed,
      },
    ];
  });
}

function wasBefore(one: Instant | undefined, other: Instant | undefined): boolean {
  return one !== undefined && one.order < (other?.order ?? Number.POSITIVE_INFINITY);
}

/** The report of each day as it was read last. */
function latestOfEach(reports: readonly ReadReport[]): readonly ReadReport[] {
  return [...new Map(reports.map((report) => [report.day, report])).values()];
}

/** The report of one day as somebody read it, alone or together with others. */
export interface ReadReport extends DayReport {
  readonly crossing: Crossing;
}

/** All reports that were read, in the order of the calls. */
export function reportsIn(history: History): readonly ReadReport[] {
  return crossingsAt(history, 'gateway.report').flatMap((crossing) => {
    const { reply } = crossing;
    if (reply?.ok !== true) return [];
    return (reply.value as readonly DayReport[]).map(({ day, rows }) => ({ day, rows, crossing }));
  });
}

/** Those of some rows that are dated on a day. */
export function datedOn(day: string, rows: readonly TransactionRecord[]): readonly TransactionRecord[] {
  const fromMs = Date.parse(`${day}T00:00:00Z`);
  return rows.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + dayMs);
}

const dayMs = 86_400_000;

/** Rows about one object that can move a payer's money, and what stands against them. */
export interface RowGroup {
  readonly object: string;
  readonly rows: number;
  readonly facts: readonly Fact[];
}

const moving: ReadonlySet<string> = new Set(['charge', 'refund', 'dispute']);

/** The charges, refunds and disputes in some rows. */
export function groupsIn(history: History, rows: readonly TransactionRecord[]): readonly RowGroup[] {
  const counts = new Map<string, number>();
  for (const { kind, gatewayId } of rows)
    if (gatewayId !== undefined && moving.has(kind)) counts.set(gatewayId, (counts.get(gatewayId) ?? 0) + 1);
  const { facts } = bookedFacts(history);
  return [...counts].map(([object, count]) => ({
    object,
    rows: count,
    facts: facts.filter((fact) => fact.object === object),
  }));
}

/** What calm runs were shown, each with the last of them; of what is reported in a row of its own. */
export function factsShown(history: History): ReadonlyMap<Fact, ReconcileRun> {
  const shown = new Map<Fact, ReconcileRun>();
  for (const run of runsOf(history).filter(({ isCalm }) => isCalm))
    for (const { facts } of groupsIn(history, datedOn(run.day, run.read)))
      for (const fact of facts) if (isReported(fact)) shown.set(fact, run);
  return shown;
}

/** What is taken back may be reported as an adjustment. */
function isReported({ transition, certain }: Fact): boolean {
  return certain && transition !== 'dispute-won' && transition !== 'refund-failed';
}

/** How many entries about an object stood in the ledger at `atMs`. */
export function bookedBy({ facts }: RowGroup, atMs: number): number {
  let count = 0;
  for (const { entries } of facts) for (const { postedAtMs } of entries) if (postedAtMs <= atMs) count += 1;
  return count;
}
