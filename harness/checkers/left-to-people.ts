// What no rule can put right is for people: each discrepancy of that kind is queued, and somebody is called about it, once.

import type { Crossing, History } from '../history/history.ts';
import type { ReconcileRun } from './reconcile-runs.ts';

/** What was looked at, and the first discrepancy that nobody, or somebody twice, was called about. */
export interface PeopleJudgement {
  readonly judged: number;
  readonly fault?: { readonly words: string; readonly shown: readonly (Crossing | undefined)[] };
}

/**
 * Only the merchant's books have it, or the two differ, or one has it twice: no rule says which is right. A state that
 * differs may be resolved first, but not in the last run.
 */
const forPeople: ReadonlySet<string> = new Set([
  'MISSING_GATEWAY',
  'AMOUNT_MISMATCH',
  'STATUS_MISMATCH',
  'DUPLICATE',
]);

/** Judges the discrepancies that the last of `runs` over each day came to, all of which began when faults had ended. */
export function judgePeople(history: History, runs: readonly ReconcileRun[]): PeopleJudgement {
  const last = new Map(runs.map((run) => [run.day, run]));
  const calls = history.crossings.filter(
    ({ site, applied }) => applied !== undefined && (site === 'oncall.page' || site === 'tickets.leave'),
  );
  let judged = 0;
  for (const { crossing, result } of last.values()) {
    for (const { type, id } of result.discrepancies) {
      if (!forPeople.has(type)) continue;
      const about = calls.filter((call) => isAbout(call, id));
      const pages = about.filter(({ site }) => site === 'oncall.page');
      if (pages.length === 0)
        return wrong(judged, `${type} ${id} was found, and nobody was called`, [crossing]);
      const left = about.find(isLeftOpen);
      const isQueued = left !== undefined || !calls.some(({ site }) => site === 'tickets.leave');
      if (!isQueued)
        return wrong(judged, `${type} ${id} was found, and left in no queue`, [crossing, ...pages]);
      const again = pages.find(
        ({ called }) => called.order > (left?.replied?.order ?? Number.POSITIVE_INFINITY),
      );
      if (again !== undefined)
        return wrong(judged, `somebody was called about ${type} ${id} once more`, [left, again]);
      judged += 1;
    }
  }
  return { judged };
}

function wrong(judged: number, words: string, shown: readonly (Crossing | undefined)[]): PeopleJudgement {
  return { judged, fault: { words, shown } };
}

function isAbout({ site, request }: Crossing, id: string): boolean {
  if (site === 'tickets.leave') return (request as Left).id === id;
  return (request as { readonly about: string }).about.includes(id);
}

interface Left {
  readonly id: string;
  readonly state: string;
}

function isLeftOpen({ site, request, effect }: Crossing): boolean {
  if (site !== 'tickets.leave' || effect?.ok !== true || effect.value !== true) return false;
  return (request as Left).state === 'OPEN';
}
