// A guard that refuses late needs many requests to be seen refusing. One that refuses as soon as it can needs few, but
// with so narrow a guard most of what the story had before stands in the way: it has to go at the same time.

import type { Case, ChargeStep } from '../cases/case.ts';
import type { History } from '../history/history.ts';
import { chargesOf, edited } from './edit.ts';
import type { Pass } from './pass.ts';

/** So many calls are admitted, as few as may be first, in a minute, which is longer than any retry waits. */
const narrowLimits = { maxCalls: [1, 2, 3], periodMs: 60_000 } as const;

/** Changes that make the guards of a case refuse as soon as they can; none where they do so already. */
export function narrowings({ config: { breaker, limit } = {} }: Case): readonly ((draft: Case) => void)[] {
  const found: ((draft: Case) => void)[] = [];
  if (breaker?.failureThreshold !== 1) {
    found.push((draft) => {
      draft.config = { ...draft.config, breaker: { ...draft.config?.breaker, failureThreshold: 1 } };
    });
  }
  const { periodMs } = narrowLimits;
  for (const maxCalls of narrowLimits.maxCalls) {
    if (limit?.maxCalls === maxCalls && limit.periodMs === periodMs) continue;
    found.push((draft) => {
      draft.config = { ...draft.config, limit: { ...draft.config?.limit, maxCalls, periodMs } };
    });
  }
  return found;
}

/** Fewer are soon found otherwise; of more there would be too many choices. */
const requestCounts = { from: 4, to: 12 } as const;

/** So many requests are kept, the fewest first. */
const kept = [2, 3] as const;

/** Narrows a guard and keeps only a few requests, each sent by itself when it was sent. */
export const narrowGuards: Pass = function* (from, history) {
  const requests = requestsOf(from, history);
  if (requests.length < requestCounts.from || requests.length > requestCounts.to) return;
  for (const count of kept) {
    for (const chosen of choices(requests, count)) {
      for (const narrow of narrowings(from)) {
        const candidate = edited(from, (draft) => {
          narrow(draft);
          draft.steps = [...chosen, ...draft.steps.filter((step) => step.do !== 'charge')];
        });
        if (yield candidate) return;
      }
    }
  }
};

/** Every request of a case as a step of its own; those that were never sent are left out. */
function requestsOf(subject: Case, { crossings }: History): readonly ChargeStep[] {
  const sentMs = new Map<string, number>();
  for (const { actor, site, called } of crossings)
    if (site === 'client.charge' && !sentMs.has(actor)) sentMs.set(actor, called.atMs);
  const requests: ChargeStep[] = [];
  for (const { retries = [], ...step } of chargesOf(subject)) {
    requests.push(step);
    for (const [place, retry] of retries.entries()) {
      const at = sentMs.get(`${step.id}/${place + 1}`);
      if (at === undefined) continue;
      const { amountMinor = step.amountMinor, process = step.process, faults } = retry;
      requests.push({ ...step, id: `${step.id}-${place + 1}`, at, amountMinor, process, faults });
    }
  }
  return requests;
}

/** Every way to choose `count` of the items, in their order. */
function* choices<Item>(items: readonly Item[], count: number): Generator<readonly Item[], void> {
  if (count === 0) {
    yield [];
    return;
  }
  for (const [index, item] of items.entries())
    for (const rest of choices(items.slice(index + 1), count - 1)) yield [item, ...rest];
}
