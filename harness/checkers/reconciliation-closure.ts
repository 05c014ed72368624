// S23. A reconciliation is believed when it says that all is well, so it has to mention everything that is not, once; and it
// is run every day, so running it must not do anything twice.

import type { Crossing, History } from '../history/history.ts';
import type { Reconciled } from '../history/shop.ts';
import type { Site } from '../history/sites.ts';
import { wrongFees } from './booked-fees.ts';
import type { Checker, Verdict } from './checker.ts';
import { crossingsAt } from './crossings-at.ts';
import { type Bounds, expectedOf } from './expected-discrepancies.ts';
import { bookedBy, datedOn, groupsIn, type ReconcileRun, runsOf } from './reconcile-runs.ts';
import { breaks, holds } from './verdicts.ts';

/** S23 reconciliation-closure: one-to-one, nothing left out, and no new effect in a second run. */
export const reconciliationClosure: Checker = {
  id: 'S23',
  name: 'reconciliation-closure',
  statement:
    'Rows and entries are matched one to one, each without a partner is exactly one discrepancy of the right type, and so is ' +
    'each pair that differs; a second run that finds nothing new has no new effect.',
  evidence: ['books', 'trace'],
  assumes: [],
  hint:
    'Rows were merged, lost or matched twice, or a remedy does not remember what it did: look at rows that are equal in every ' +
    'column, at how books are paged, and at the key under which a discrepancy is taken care of.',
  check,
};

function check(history: History): Verdict {
  if (history.books.shop === undefined) return holds(0);
  const runs = runsOf(history);
  for (const [index, run] of runs.entries()) {
    const wrong = miscount(run) ?? leftOut(history, run) ?? madeUp(history, run) ?? misjudged(history, run);
    if (wrong !== undefined) return breaks(`the reconciliation of ${run.day} ${wrong}`, [run.crossing]);
    const before = runs.slice(0, index).findLast(({ day }) => day === run.day);
    const again = before && repeated(history, before, run);
    if (again !== undefined) return again;
  }
  const fees = wrongFees(history, runs);
  if (fees !== undefined)
    return breaks(
      `the ledger ${fees}`,
      runs.map(({ crossing }) => crossing),
    );
  return holds(runs.length);
}

function count({ discrepancies }: Reconciled, ...types: readonly string[]): number {
  return discrepancies.filter(({ type }) => types.includes(type)).length;
}

/** Figures that no one-to-one matching can come to. */
function miscount({ result, rows, read }: ReconcileRun): string | undefined {
  const { matched, internal, discrepancies } = result;
  const ids = new Set(discrepancies.map(({ id }) => id));
  if (ids.size < discrepancies.length)
    return `names ${discrepancies.length} discrepancies by ${ids.size} ids`;
  const pairs = matched + count(result, 'AMOUNT_MISMATCH', 'STATUS_MISMATCH');
  const ours = pairs + count(result, 'MISSING_GATEWAY', 'NOT_YET_DUE');
  if (ours > internal) return `accounts for ${ours} entries of its own, and has ${internal}`;
  const theirs = pairs + count(result, 'MISSING_INTERNAL');
  if (rows !== undefined && theirs > read.length)
    return `accounts for ${theirs} rows of the gateway, and has read ${read.length}`;
  return undefined;
}

/** Rows that nothing in the ledger answers to when the run is over, and that it does not mention. */
function leftOut(history: History, { crossing, result, rows, day }: ReconcileRun): string | undefined {
  const { replied } = crossing;
  if (rows === undefined || replied === undefined) return undefined;
  const lonely = groupsIn(history, datedOn(day, rows)).reduce(
    (sum, group) => sum + Math.max(0, group.rows - bookedBy(group, replied.atMs)),
    0,
  );
  const found = count(result, 'MISSING_INTERNAL', 'DUPLICATE', 'AMOUNT_MISMATCH', 'STATUS_MISMATCH');
  if (found >= lonely) return undefined;
  return `mentions ${found} rows of the gateway that differ, and ${lonely} have no entry in the ledger`;
}

/** Rows that it calls missing although the ledger had them before it began. */
function madeUp(history: History, { crossing, result, rows, read }: ReconcileRun): string | undefined {
  if (rows === undefined) return undefined;
  const groups = groupsIn(history, read);
  const known = groups.filter(({ facts }) => facts.length > 0 && facts.every(isPlain));
  const booked = known.reduce(
    (sum, group) => sum + Math.min(group.rows, bookedBy(group, crossing.called.atMs)),
    0,
  );
  const missing = count(result, 'MISSING_INTERNAL');
  if (missing <= read.length - booked) return undefined;
  return `calls ${missing} rows missing, and only ${read.length - booked} of ${read.length} had no entry`;
}

/** Types that a second matching does not come to, of a run that was alone with what it compared. */
function misjudged(history: History, run: ReconcileRun): string | undefined {
  const { result, rows } = run;
  if (rows === undefined || !run.isCalm || !isAlone(history, run)) return undefined;
  const expected = expectedOf(history, run);
  const figures: readonly (readonly [string, number, Partial<Bounds>])[] = [
    ['MISSING_GATEWAY', count(result, 'MISSING_GATEWAY'), expected.missingGateway],
    ['NOT_YET_DUE', count(result, 'NOT_YET_DUE'), expected.notYetDue],
    ['MISSING_INTERNAL', count(result, 'MISSING_INTERNAL'), expected.missingInternal],
    ['AMOUNT_MISMATCH', count(result, 'AMOUNT_MISMATCH'), expected.amountMismatch],
    ['STATUS_MISMATCH', count(result, 'STATUS_MISMATCH'), expected.statusMismatch],
    ['matches', result.matched, expected.matched],
  ];
  for (const [name, found, { least = 0, most = 0 }] of figures) {
    if (found > most) return `comes to ${found} ${name}, and there are no more than ${most}`;
    if (found < least) return `comes to ${found} ${name}, and there are ${least}`;
  }
  return undefined;
}

/** Whether nobody else booked anything while it ran. */
function isAlone(history: History, { crossing: { actor, called, replied } }: ReconcileRun): boolean {
  if (replied === undefined) return false;
  const isMeanwhile = (atMs: number): boolean => atMs >= called.atMs && atMs <= replied.atMs;
  if (!history.books.shop?.entries.some(({ postedAtMs }) => isMeanwhile(postedAtMs))) return true;
  return !crossingsAt(history, 'ledger.commit').some(
    (one) => one.actor !== actor && isMeanwhile(one.applied?.atMs ?? -1),
  );
}

/** What moves one way only: how a target writes down what is taken back is its own affair. */
function isPlain({ transition, certain }: ReturnType<typeof groupsIn>[number]['facts'][number]): boolean {
  return certain && (transition === 'captured' || transition === 'refunded');
}

/** What a run did anew although it found nothing that the run before had not found. */
function repeated(history: History, before: ReconcileRun, run: ReconcileRun): Verdict | undefined {
  const { replied } = before.crossing;
  const isNext = replied !== undefined && replied.order < run.crossing.called.order;
  if (!before.isCalm || !isNext || hasUnfinished(history, before)) return undefined;
  const known = new Set(before.result.discrepancies.map(({ id }) => id));
  const isNews = run.result.discrepancies.some(({ id }) => !known.has(id));
  if (isNews || run.result.matched !== before.result.matched) return undefined;
  const shown = [before.crossing, run.crossing];
  const { repaired } = run.result;
  if (repaired > 0) {
    return breaks(`a second reconciliation of ${run.day} found nothing new and repaired ${repaired}`, shown);
  }
  const pages = pagesOf(history, before).map(({ request }) => JSON.stringify(request));
  const page = pagesOf(history, run).find(({ request }) => pages.includes(JSON.stringify(request)));
  if (page === undefined) return undefined;
  return breaks(`a second reconciliation of ${run.day} found nothing new and paged again`, [...shown, page]);
}

function pagesOf(history: History, { crossing: { actor } }: ReconcileRun): readonly Crossing[] {
  return crossingsAt(history, 'oncall.page').filter(
    (one) => one.actor === actor && one.applied !== undefined,
  );
}

/** Whether a run left something for the next: a remedy that failed, or that somebody else was at. */
function hasUnfinished(history: History, { crossing: { actor } }: ReconcileRun): boolean {
  const own = (site: Site): readonly Crossing[] =>
    crossingsAt(history, site).filter((one) => one.actor === actor);
  const isLeft = own('tickets.leave').some(
    ({ request }) => (request as { readonly state: string }).state === 'RETRY',
  );
  return (
    isLeft ||
    own('tickets.take').some(({ effect }) => {
      const answer = effect?.ok === true ? (effect.value as TakeAnswer) : undefined;
      return answer === undefined || (!answer.taken && answer.ticket.state === 'WORKING');
    })
  );
}

interface TakeAnswer {
  readonly taken: boolean;
  readonly ticket: { readonly state: string };
}
