// The contract of what joins the two books. The rows stay where they are, in memory, Postgres or DuckDB; what comes
// back is counts, totals, and the few rows that need attention.
//
// Which rows belong together is a matter of ids alone, one row to one row, each by the strongest reason there is:
//
// 1. same kind, gateway id and merchant reference;
// 2. same kind and gateway id;
// 3. same kind and merchant reference, the internal row without a gateway id (it never learned it);
// 4. same kind and merchant reference, the gateway's row without a gateway id;
// 5. same kind and merchant reference.
//
// A reason is applied to all rows before the next is. Where several rows of a side share the ids in question, those
// are paired first that agree in amount, currency, status and time; then in amount, currency and status; in amount and
// currency; and the rest, each time in the order of `compareRecords`. Rows are never merged for being equal: two
// movements may be equal in every column. The outcome doesn't depend on the order of rows.

import type { InvalidRow, Row, Side, TransactionKind } from './record.ts';
import type { Window } from './window.ts';

/** Two rows that belong together. */
export interface RowPair {
  readonly internal: Row;
  readonly gateway: Row;
}

/** A pair that needs attention. */
export interface MarkedPair extends RowPair {
  /** How many pairs need none whose gateway row has the same kind, ids, amount and currency as this one's. */
  readonly settledAlike: number;
}

/** A row without a partner. */
export interface UnmatchedRow extends Row {
  readonly side: Side;
  /**
   * Whether it shares an id, kind, amount and currency with a row of its side that has a partner, or that comes before
   * it in the order of `compareRecords`, be it within the window or not.
   */
  readonly isCopy: boolean;
}

/** What was moved, by kind and currency, over the valid rows of the window. Exact beyond 2^53. */
export interface KindTotal {
  readonly kind: TransactionKind;
  readonly currency: string;
  readonly internalMinor: bigint;
  readonly gatewayMinor: bigint;
  /** Fees that the gateway reports. */
  readonly feeMinor: bigint;
}

/** What a join finds. Rows outside the window serve as partners only: without one they are not mentioned. */
export interface Joined {
  /** Pairs whose internal row lies in the window; the gateway's row may be of a neighbouring day. */
  readonly pairCount: number;
  /** The pairs among them that differ in amount, currency or status. */
  readonly differing: readonly MarkedPair[];
  /** The pairs among them whose gateway row states another fee than the internal row has booked. */
  readonly fees: readonly MarkedPair[];
  /** Rows of the window without a partner. */
  readonly unmatched: readonly UnmatchedRow[];
  /** Rows that could not be read, wherever they were dated. */
  readonly invalid: readonly InvalidRow[];
  /** Rows of the window that state fee and net, where net is not gross less fee. */
  readonly badNets: readonly (Row & { readonly side: Side })[];
  /** By kind, then currency. */
  readonly totals: readonly KindTotal[];
}

/** Joins two books. `Source` is whatever the engine reads rows from. */
export interface JoinEngine<Source> {
  /** Lists may come in any order. Rejects when a book can't be read to its end: half a book reconciles nothing. */
  join(request: {
    readonly internal: Source;
    readonly gateway: Source;
    readonly window: Window;
  }): Promise<Joined>;
}
