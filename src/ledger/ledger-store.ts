// The contract of a ledger's store. Entries, the mark that their effect has happened and the events that tell of it
// are committed in one atomic operation: whoever crashes has committed all of them or none.

import type { Entry } from './entry.ts';

/** An entry on its way into the store. */
export interface EntryWrite extends Entry {
  /** Hash of everything that has to be equal when the key is posted again. */
  readonly fingerprint: string;
}

/** An entry in the books. */
export interface PostedEntry extends EntryWrite {
  /** Its place in the books, from 1 upwards in the order of commits. */
  readonly sequence: number;
  /** When it was committed, by the store's clock in milliseconds. */
  readonly postedAtMs: number;
}

/** Something that others have to be told, on its way into the outbox. */
export interface EventWrite {
  /** Unique; consumers recognise by it what they had before. */
  readonly id: string;
  readonly type: string;
  /** What it is about, such as a payment: events of one aggregate are delivered in the order of their commits. */
  readonly aggregate: string;
  /** The content as JSON. Tokens only, never card data. */
  readonly payload: string;
  /** Hash of type, aggregate and payload. */
  readonly fingerprint: string;
}

/** What has to become true together. */
export interface UnitWrite {
  /** Names the effect as (object, transition); it happens once. */
  readonly effect: string;
  readonly entries: readonly EntryWrite[];
  readonly events: readonly EventWrite[];
}

/** What a commit did with one unit. */
export interface UnitOutcome {
  readonly effect: string;
  /** False when the effect had happened before: nothing of the unit was written. */
  readonly applied: boolean;
  /** Keys of the entries that were not in the books before. */
  readonly newEntries: readonly string[];
  /** Ids of the events that were not in the outbox before. */
  readonly newEvents: readonly string[];
}

/** The answer to a commit. One that is refused wrote nothing, of any unit. */
export type CommitAnswer =
  | { readonly committed: true; readonly outcomes: readonly UnitOutcome[] }
  /** What stands under the same name with another fingerprint. */
  | {
      readonly committed: false;
      readonly conflict: { readonly kind: 'entry' | 'event'; readonly name: string };
    };

/** What one account holds in one currency. */
export interface AccountTotal {
  readonly account: string;
  readonly currency: string;
  /** Decimal digits with an optional minus: JSON has no integers beyond 2^53. */
  readonly totalMinor: string;
}

/**
 * A ledger's store. Methods reject with `StoreUnavailableError` when the store did not answer; a commit may then
 * have been applied or not, and is safe to repeat.
 */
export interface LedgerStore {
  /**
   * Commits all units in their order, or none. A unit whose effect has happened writes nothing, but its entries must
   * stand in the books as it has them. Of any other unit what is there already, with the same fingerprint, is left.
   * Another fingerprint under the key of an entry or, in a unit that is applied, under the id of an event refuses
   * the whole commit.
   */
  commit(units: readonly UnitWrite[]): Promise<CommitAnswer>;
  /**
   * `limit` entries after the place `after`, in order, or fewer when there are no more; 0 is before the first. A place that became visible is
   * never followed by a smaller one: a driver must take the places of concurrent commits in the order in which they
   * become visible, or a reader that pages loses rows.
   */
  entries(query: { readonly after: number; readonly limit: number }): Promise<readonly PostedEntry[]>;
  /** Totals that were ever touched, of all entries or those of one payment, ordered by account and currency. */
  totals(query: { readonly merchantReference?: string }): Promise<readonly AccountTotal[]>;
}
