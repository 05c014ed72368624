// Two things may each be needed only because of the other: a jump of a clock and the jump back, a fault and the
// request that makes up for it, a failure and the threshold that it reaches. Dropping one at a time never gets past
// them.

import type { Case } from '../cases/case.ts';
import { configNumbers } from './config-numbers.ts';
import { carriersOf, edited, moneyOf } from './edit.ts';
import { narrowings } from './narrow-guards.ts';
import type { Pass } from './pass.ts';
import { leaveUndecided, undeciding } from './undecided.ts';

/** Beyond this many things the pairs are too many to try; the other passes usually leave far fewer. */
const mostThings = 30;

/**
 * Drops every two things of a case together: steps, retries, faults, episodes, switches, one of a count; or one of them
 * while a guard is narrowed, which may make up for many requests and faults, or while what was sent gets lost, so that
 * nothing has to be done about its being found.
 */
export const dropPairs: Pass = function* (from) {
  let current = from;
  let again = true;
  while (again) {
    again = false;
    const things = thingsOf(current);
    if (things.length > mostThings) return;
    for (const [index, one] of things.entries()) {
      for (const other of things.slice(index + 1)) {
        // The later thing goes first, so that the place of the earlier one still holds.
        const candidate = edited(current, (draft) => {
          other(draft);
          one(draft);
        });
        if (!(yield candidate)) continue;
        current = candidate;
        again = true;
        break;
      }
      if (again) break;
    }
  }
};

type Drop = (draft: Case) => void;

/** One removal for every thing, in an order in which later removals don't move the places of earlier ones. */
function thingsOf(subject: Case): readonly Drop[] {
  const steps = subject.steps.map(
    (_, index): Drop =>
      (draft) =>
        void draft.steps.splice(index, 1),
  );
  const retries = moneyOf(subject).flatMap((step, index) =>
    (step.retries ?? []).map(
      (_, retry): Drop =>
        (draft) =>
          void moneyOf(draft)[index]?.retries?.splice(retry, 1),
    ),
  );
  const faults = carriersOf(subject).flatMap((carrier, index) =>
    (carrier.faults ?? []).map(
      (_, fault): Drop =>
        (draft) =>
          void carriersOf(draft)[index]?.faults?.splice(fault, 1),
    ),
  );
  const episodes = (subject.episodes ?? []).map(
    (_, index): Drop =>
      (draft) =>
        void draft.episodes?.splice(index, 1),
  );
  const members = Object.keys(subject.config ?? {}) as (keyof NonNullable<Case['config']>)[];
  const switches = members.map(
    (member): Drop =>
      (draft) =>
        delete draft.config?.[member],
  );
  const counts = configNumbers(subject.config ?? {})
    .filter(({ sort, value, floor }) => sort === 'count' && value > floor)
    .map(
      ({ value, write }): Drop =>
        ({ config }) =>
          config && write(config, value - 1),
    );
  const lost = undeciding.map(
    (kind): Drop =>
      (draft) =>
        leaveUndecided(draft, kind),
  );
  const dropped = [...steps, ...retries, ...faults, ...episodes, ...switches, ...counts];
  return [...dropped, ...narrowings(subject), ...lost];
}
