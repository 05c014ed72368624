// Puts the parts of a campaign together, in the order of their indices whatever the order in which they come in, so
// that the first case of a broken invariant is the first one, and the whole is the same for any number of threads.

import type { Case } from '../cases/case.ts';
import { tally } from '../cases/distribution.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { type Census, censusTaker } from './census.ts';
import { foldedDigest } from './folded-digest.ts';
import { type CampaignError, messageOf, mostErrors, noStrategies, type Part } from './part.ts';
import { type BookOptions, type Violation, violationBook } from './violation-book.ts';

/** What an observer hears while a campaign runs. */
export type CampaignEvent =
  | { readonly kind: 'progress'; readonly runs: number; readonly broken: number }
  | { readonly kind: 'broken'; readonly invariant: InvariantId; readonly index: number; readonly case: Case }
  | { readonly kind: 'shrunk'; readonly violation: Violation }
  | { readonly kind: 'error'; readonly error: CampaignError };

/** What the parts that were put together come to. */
export interface Totals extends Omit<Part, 'from' | 'to' | 'broken'> {
  readonly violations: readonly Violation[];
}

/** The parts of one campaign. */
export interface Ledger {
  /** Takes in a part, of which the earlier ones may still be missing. */
  receive(part: Part): void;
  /** Enters the parts that have come in without a gap, and shrinks what they broke first. One call at a time. */
  settle(): Promise<void>;
  /** Enters what has come in behind a gap as well: for a campaign that was interrupted. */
  settleRest(): Promise<void>;
  /** Enters errors that belong to no part. */
  note(errors: readonly CampaignError[]): void;
  /** Whether a violation has ended the campaign. */
  isOver(): boolean;
  totals(): Totals;
}

/** What a ledger needs. */
export interface LedgerOptions extends Omit<BookOptions, 'observe' | 'onError'> {
  /** Ends with the first broken invariant. */
  readonly bail: boolean;
  readonly observe: (event: CampaignEvent) => void;
}

const progressCases = 50;

/** An empty ledger. */
export function ledgerOf(options: LedgerOptions): Ledger {
  const { bail, observe } = options;
  const waiting = new Map<number, Part>();
  const sums = sumsOf(observe);
  const book = violationBook({
    ...options,
    observe,
    onError: (index, subject, cause) =>
      sums.note({ index, during: 'shrink', case: subject, message: messageOf(cause) }),
  });
  let next = 0;

  const isOver = (): boolean => bail && book.violations().length > 0;
  const enter = async (part: Part): Promise<void> => {
    const before = Math.floor(sums.runs() / progressCases);
    sums.add(part);
    if (part.broken !== undefined) await book.enter(part.broken);
    if (Math.floor(sums.runs() / progressCases) === before) return;
    observe({ kind: 'progress', runs: sums.runs(), broken: book.violations().length });
  };
  const settle = async (): Promise<void> => {
    while (!isOver()) {
      const part = waiting.get(next);
      if (part === undefined) return;
      waiting.delete(next);
      next = part.to;
      await enter(part);
    }
  };

  return {
    // An empty part, of a thread that was stopped at once, would stand in the way of the one that follows it.
    receive: (part) => void (part.to > part.from && waiting.set(part.from, part)),
    settle,
    async settleRest() {
      while (waiting.size > 0 && !isOver()) {
        next = Math.min(...waiting.keys());
        await settle();
      }
    },
    note: (errors) => errors.forEach(sums.note),
    isOver,
    totals: () => ({ ...sums.totals(), violations: book.violations() }),
  };
}

interface Sums {
  add(part: Part): void;
  note(error: CampaignError): void;
  runs(): number;
  totals(): Omit<Totals, 'violations'>;
}

function sumsOf(observe: (event: CampaignEvent) => void): Sums {
  const taker = censusTaker();
  const strategies = noStrategies();
  const counts = tally();
  const digest = foldedDigest();
  const determinism = { rechecked: 0, mismatches: 0 };
  let firstMismatch: Part['firstMismatch'];
  const errors: CampaignError[] = [];
  let errorCount = 0;
  let runs = 0;

  const keep = (error: CampaignError): void => {
    if (errors.length < mostErrors) errors.push(error);
    observe({ kind: 'error', error });
  };
  return {
    add(part) {
      runs += part.runs;
      taker.merge(part.census);
      for (const name of Object.keys(strategies) as (keyof typeof strategies)[])
        strategies[name] += part.strategies[name];
      counts.merge(part.distribution);
      digest.merge(part.digest);
      determinism.rechecked += part.determinism.rechecked;
      determinism.mismatches += part.determinism.mismatches;
      firstMismatch ??= part.firstMismatch;
      errorCount += part.errorCount;
      for (const error of part.errors) keep(error);
    },
    note(error) {
      errorCount += 1;
      keep(error);
    },
    runs: () => runs,
    totals() {
      const census: Census = taker.census();
      const distribution = counts.distribution();
      return {
        runs,
        census,
        strategies,
        distribution,
        digest: digest.hex(),
        determinism,
        firstMismatch,
        errors,
        errorCount,
      };
    },
  };
}
