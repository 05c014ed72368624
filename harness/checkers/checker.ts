// A checker is a pure function of a history. It never explains more than it has seen: evidence first, words later.

import type { History } from '../history/history.ts';

/** Ids of the catalogue of invariants. */
export type InvariantId =
  | 'S1'
  | 'S2'
  | 'S3'
  | 'S4'
  | 'S5'
  | 'S6'
  | 'S7'
  | 'S8'
  | 'S9'
  | 'S10'
  | 'S11'
  | 'S12'
  | 'S13'
  | 'S14'
  | 'S15'
  | 'S16'
  | 'S17'
  | 'S18'
  | 'S19'
  | 'S20'
  | 'S21'
  | 'S22'
  | 'S23'
  | 'S24'
  | 'W1'
  | 'W2'
  | 'W3'
  | 'W4'
  | 'L1'
  | 'L2'
  | 'L3'
  | 'L4'
  | 'L5';

/** What a checker says of one history. */
export type Verdict =
  /** Held; `judged` counts the things that were actually compared: 0 means that there was nothing to judge. */
  | { readonly verdict: 'holds'; readonly judged: number }
  /** Broken. `because` is one sentence with the figures; `crossings` are ids of the crossings that show it. */
  | { readonly verdict: 'breaks'; readonly because: string; readonly crossings: readonly number[] }
  /** The world took away what the invariant assumes. */
  | { readonly verdict: 'not-promised'; readonly why: string };

/** One invariant of the catalogue. */
export interface Checker {
  readonly id: InvariantId;
  /** The catalogue's name, such as `single-charge`. */
  readonly name: string;
  /** The statement in one sentence. */
  readonly statement: string;
  /** What it may look at. */
  readonly evidence: readonly ('books' | 'answers' | 'bytes' | 'trace')[];
  /** Assumptions without which it is not promised. */
  readonly assumes: readonly string[];
  /** A short sentence for stories: why this can happen and what to look at first. */
  readonly hint: string;
  readonly check: (history: History) => Verdict;
}
