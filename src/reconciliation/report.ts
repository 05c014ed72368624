// What a reconciliation found, as data, and in one line.

import { type Discrepancy, discrepancyTypes, identityOf, named } from './discrepancy.ts';
import type { Joined, KindTotal, RowPair } from './join-engine.ts';
import type { InvalidRow, Row, Side } from './record.ts';
import type { Window } from './window.ts';

/** A fee that the gateway took and that is not booked as it was taken. */
export interface UnbookedFee extends RowPair {
  /** Stable from run to run, as a discrepancy's. */
  readonly id: string;
  readonly currency: string;
  /** What is booked so far. */
  readonly bookedMinor: number;
  /** What is to be booked altogether. */
  readonly feeMinor: number;
}

/** A handler that failed; the report is complete all the same. */
export interface HandlerFailure {
  readonly id: string;
  readonly error: unknown;
}

/** What a reconciliation found. */
export interface ReconciliationReport {
  readonly window: Window;
  /** Pairs that agree. */
  readonly matched: number;
  /** Pairs, and rows without a partner. */
  readonly total: number;
  /** By time, then id. `total` less `matched`. */
  readonly discrepancies: readonly Discrepancy[];
  /** By time, then id. A fee is nothing that the books disagree about: it is news from the gateway. */
  readonly fees: readonly UnbookedFee[];
  /** Rows that could not be read, in the order of their inputs, ours first. */
  readonly invalid: readonly InvalidRow[];
  /** Rows whose net is not gross less fee; they are matched by their gross all the same. */
  readonly badNets: readonly (Row & { readonly side: Side })[];
  /** By kind, then currency. Each row counts on the day that its own book says. */
  readonly totals: readonly KindTotal[];
  readonly handlerFailures: readonly HandlerFailure[];
  /** One line, such as `1248/1251 matched, 3 discrepancies: 2 missing_internal, 1 status_mismatch`. */
  summary(): string;
}

/** Builds the report of a join. */
export function reportOf(
  joined: Joined,
  found: Pick<ReconciliationReport, 'window' | 'discrepancies' | 'handlerFailures'>,
): ReconciliationReport {
  const { pairCount, differing, unmatched, invalid, badNets, totals } = joined;
  const report = {
    ...found,
    matched: pairCount - differing.length,
    total: pairCount + unmatched.length,
    fees: unbooked(joined),
    invalid,
    badNets,
    totals,
  };
  return { ...report, summary: () => summaryOf(report) };
}

function unbooked({ fees }: Joined): readonly UnbookedFee[] {
  return named(
    fees.map(({ internal, gateway, settledAlike }) => {
      const bookedMinor = internal.record.feeMinor ?? 0;
      const feeMinor = gateway.record.feeMinor ?? 0;
      const { currency } = gateway.record;
      return {
        parts: ['FEE', ...identityOf(gateway.record), bookedMinor, feeMinor],
        prefix: 'fee',
        atMs: internal.record.atMs,
        settledAlike,
        value: { internal, gateway, currency, bookedMinor, feeMinor },
      };
    }),
  );
}

function summaryOf(report: Omit<ReconciliationReport, 'summary'>): string {
  const { matched, total, discrepancies, invalid, badNets } = report;
  const counts = discrepancyTypes
    .map((type) => ({ type, count: discrepancies.filter((found) => found.type === type).length }))
    .filter(({ count }) => count > 0)
    .map(({ type, count }) => `${count} ${type.toLowerCase()}`);
  const noun = discrepancies.length === 1 ? 'discrepancy' : 'discrepancies';
  const named = counts.length === 0 ? '' : `: ${counts.join(', ')}`;
  const others = [
    ...(invalid.length === 0 ? [] : [`${counted(invalid.length, 'row')} could not be read`]),
    ...(badNets.length === 0 ? [] : [`${counted(badNets.length, 'row')} with a wrong net`]),
  ];
  return [`${matched}/${total} matched, ${discrepancies.length} ${noun}${named}`, ...others].join('; ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
