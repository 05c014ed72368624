// L5. Whatever slipped through, the gateway's report tells of it the next day, and an event in the inbox is there to be
// claimed: one cycle later nothing may be in the dark.

import type { Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { crossingsAt } from './crossings-at.ts';
import { judgePeople } from './left-to-people.ts';
import { factsShown, type ReconcileRun, runsOf } from './reconcile-runs.ts';
import { judgeNews } from './told-news.ts';
import { breaks, holds } from './verdicts.ts';

/** L5 unknowns-found: reconciliation finds unknown charges, and every event is claimed. */
export const unknownsFound: Checker = {
  id: 'L5',
  name: 'unknowns-found',
  statement:
    'What a reconciliation has been shown is booked or left to people afterwards, who are called once about each thing that ' +
    'no rule can put right; no event waits unclaimed past its time, and what was committed as news reaches its subscriber.',
  evidence: ['books'],
  assumes: [],
  hint:
    'Something fell between two stools: look at remedies that are remembered as done before they are, at reports that are read ' +
    'in part, at events whose claimer died, and at what is marked as delivered before it is.',
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
  const shown = factsShown(history);
  const dark = [...shown.keys()].filter(
    ({ entries, object }) => entries.length === 0 && !wasPaged(history, runs, object),
  );
  const [first] = dark;
  if (first !== undefined && dark.length > ticketsFor(history, runs)) {
    const more = dark.length > 1 ? ` (and ${dark.length - 1} more)` : '';
    return breaks(
      `that ${first.object} was ${first.transition}${more} stood in a report that was reconciled, and is neither booked nor left to people`,
      [shown.get(first)?.crossing],
    );
  }
  const { judged: news, untold } = judgeNews(history);
  if (untold !== undefined)
    return breaks(
      `event ${untold.id} was committed, and nobody was told of it or of its failure`,
      untold.shown,
    );
  const people = judgePeople(history, runs);
  if (people.fault !== undefined) return breaks(people.fault.words, people.fault.shown);
  return holds(shop.inbox.length + shown.size + news + people.judged);
}

/** Whether one of the runs had people called about the very object. */
function wasPaged(history: History, runs: readonly ReconcileRun[], object: string): boolean {
  return crossingsAt(history, 'oncall.page').some(
    ({ actor, request, applied }) =>
      applied !== undefined &&
      runs.some(({ crossing }) => crossing.actor === actor) &&
      (request as { readonly about: string }).about.split(/[^\w-]+/).includes(object),
  );
}

/** How many rows without an entry wait for people in a ticket that is open; which of them is about which row is the target's affair. */
function ticketsFor(history: History, runs: readonly ReconcileRun[]): number {
  const missing = new Set<string>();
  for (const { result } of runs)
    for (const { type, id } of result.discrepancies) if (type === 'MISSING_INTERNAL') missing.add(id);
  const open = new Set<string>();
  for (const { request, applied } of crossingsAt(history, 'tickets.leave')) {
    const { id, state } = request as { readonly id: string; readonly state: string };
    if (applied !== undefined && state === 'OPEN' && missing.has(id)) open.add(id);
  }
  return open.size;
}

function arrivalsOf(history: History, id: string): readonly Crossing[] {
  return crossingsAt(history, 'inbox.receive').filter(
    ({ request }) => (request as { readonly id: string }).id === id,
  );
}
