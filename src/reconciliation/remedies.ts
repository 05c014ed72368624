// What is done about each type of discrepancy.

import type { Discrepancy, DiscrepancyType } from './discrepancy.ts';
import type { UnbookedFee } from './report.ts';

/** What a remedy is given besides the discrepancy. */
export interface RemedyCall {
  /**
   * The same for every attempt at this discrepancy, in every process. Whatever the remedy changes must be changed once
   * per key: the event that is replayed, the entry that is booked, the page that is sent.
   */
  readonly idempotencyKey: string;
}

/** `repaired`: done. `open`: it is for people now, and they have been told. */
export type RemedyEnd = 'repaired' | 'open';

/** Takes care of a discrepancy. Where it rejects, the next run tries again. */
export type Remedy = (discrepancy: Discrepancy, call: RemedyCall) => Promise<RemedyEnd>;

/** A remedy for each type; rows that are not yet due need none. */
export type Remedies = Readonly<Record<Exclude<DiscrepancyType, 'NOT_YET_DUE'>, Remedy>> & {
  /** For discrepancies that must not be repaired blindly. */
  readonly page: Remedy;
  /** Books a fee; without it, fees are only reported. */
  readonly bookFee?: (fee: UnbookedFee, call: RemedyCall) => Promise<RemedyEnd>;
};

/** What the default remedies are made of. */
export interface RemedyParts {
  /** Replays the missed webhook, or books what it would have booked. */
  readonly replay: Remedy;
  /** Finds out what became of a charge, as the sweep does, and books it. */
  readonly resolve: Remedy;
  /** Tells the on-call. The key deduplicates the page. */
  readonly page: (discrepancy: Discrepancy, call: RemedyCall) => Promise<unknown>;
  readonly bookFee?: (fee: UnbookedFee, call: RemedyCall) => Promise<RemedyEnd>;
}

/**
 * The usual remedies: what only the gateway has is replayed; where the states differ, the charge is resolved; money that
 * only we have, amounts that differ and duplicates are for people, because no rule says which book is right.
 */
export function defaultRemedies({ replay, resolve, page, bookFee }: RemedyParts): Remedies {
  const paged: Remedy = async (discrepancy, call) => {
    await page(discrepancy, call);
    return 'open';
  };
  return {
    MISSING_INTERNAL: replay,
    STATUS_MISMATCH: resolve,
    MISSING_GATEWAY: paged,
    AMOUNT_MISMATCH: paged,
    DUPLICATE: paged,
    page: paged,
    ...(bookFee === undefined ? {} : { bookFee }),
  };
}
