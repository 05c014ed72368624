// L5. Whatever slipped through, the gateway's report tells of it the next day, and an event in the inbox is there to be
// claimed: one cycle later nothing may be in the dark.

import type { Crossing, History } from '../history/history.ts';
import { bookedFacts, type Fact } from './booked-facts.ts';
import type { Checker, Verdict } from './checker.ts';
import { crossingsAt } from './crossings-at.ts';
import { judgePeople } from './left-to-people.ts';
import { datedOn, groupsIn, type ReconcileRun, runsOf } from './reconcile-runs.ts';
import { breaks, holds } from './verdicts.ts';

/** L5 unknowns-found: reconciliation finds unknown charges, and every event is claimed. */
export const unknownsFound: Checker = {
  id: 'L5',
  name: 'unknowns-found',
  statement:
    'What a reconciliation has been shown is booked or left to people afterwards, who are called once about each thing that ' +
    'no rule can put right; and no event waits unclaimed past its time.',
  evidence: ['books'],
  assumes: [],
  hint:
    'Something fell between two stools: look at remedies that are remembered as done before they are, at reports that are read ' +
    'in part, and at events whose claimer died.',
  check,
};

function check(history: History): Verdict {
  const { shop } = history.books;
  const settled = history.incidents.findLast(({ kind }) => kind === 'settled');
  if (shop === undefined || settled === undefined || !history.terms.recovers) return holds(0);
  const graceMs = history.terms.leaseMs;
  for (const { id, state, dueAtMs } of shop.inbox) {
    const isWaiting = state !== 'DONE' && state !== 'DEAD';
    if (isWaiting && settled.at.atMs - dueAtMs > graceMs)
      return breaks(
        `event ${id} is ${state} and has been due for ${settled.at.atMs - dueAtMs} ms`,
        arrivalsOf(history, id),
      );
  }
  const runs = runsOf(history).filter(({ isCalm }) => isCalm);
  const shown = new Map<Fact, ReconcileRun>();
  for (const run of runs)
    for (const { facts } of groupsIn(history, datedOn(run.day, run.read)))
      for (const fact of facts) shown.set(fact, run);
  const dark = bookedFacts(history).facts.filter(
    (fact) => shown.has(fact) && fact.entries.length === 0 && isReported(fact),
  );
  const [first] = dark;
  if (first !== undefined && dark.length > leftToPeople(history)) {
    const more = dark.length > 1 ? ` (and ${dark.length - 1} more)` : '';
    return breaks(
      `that ${first.object} was ${first.transition}${more} stood in a report that was reconciled, and is neither booked nor left to people`,
      [shown.get(first)?.crossing],
    );
  }
  const people = judgePeople(history, runs);
  if (people.fault !== undefined) return breaks(people.fault.words, people.fault.shown);
  return holds(shop.inbox.length + shown.size + people.judged);
}

/** Each of these has a row of its own kind; what is taken back may be reported as an adjustment. */
function isReported({ transition, certain }: Fact): boolean {
  return certain && transition !== 'dispute-won' && transition !== 'refund-failed';
}

/** How many discrepancies wait for people: tickets that were left open, or else pages. */
function leftToPeople(history: History): number {
  const wasApplied = ({ applied }: Crossing): boolean => applied !== undefined;
  const pages = crossingsAt(history, 'oncall.page').filter(wasApplied).length;
  const open = new Set<string>();
  for (const { request } of crossingsAt(history, 'tickets.leave').filter(wasApplied)) {
    const { id, state } = request as { readonly id: string; readonly state: string };
    if (state === 'OPEN') open.add(id);
  }
  return Math.max(open.size, pages);
}

function arrivalsOf(history: History, id: string): readonly Crossing[] {
  return crossingsAt(history, 'inbox.receive').filter(
    ({ request }) => (request as { readonly id: string }).id === id,
  );
}
