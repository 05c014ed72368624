// A client's retry often does no more than take up what was left undecided. A background sweep does that too, at the
// same time and meeting the same faults, and the story needs one request less.

import { type Case, type ChargeStep, type Fault, usualScope } from '../cases/case.ts';
import type { History } from '../history/history.ts';
import { chargesOf, edited } from './edit.ts';
import type { Pass } from './pass.ts';

/** The shortest interval that a case can name, milliseconds. */
const soonestMs = 100;

/** Lets one sweep do the work of a retry, or of a later request for the same purchase; the last of them first. */
export const sweepInstead: Pass = function* (from, history) {
  if (from.config?.sweepEveryMs !== undefined) return;
  for (const { actor, drop } of repeatsOf(from).reverse()) {
    const atMs = sentAtMs(history, actor);
    if (atMs === undefined) continue;
    const candidate = edited(from, (draft) => {
      const faults = drop(draft).filter(({ site }) => site !== 'client.charge');
      draft.config = { ...draft.config, sweepEveryMs: Math.max(soonestMs, atMs) };
      draft.background = { 'sweep:1': faults };
    });
    if (yield candidate) return;
  }
};

/** A request that repeats an earlier one. */
interface Repeat {
  readonly actor: string;
  /** Takes it out of a case and returns the faults that it carried. */
  readonly drop: (draft: Case) => readonly Fault[];
}

function repeatsOf(subject: Case): Repeat[] {
  const repeats: Repeat[] = [];
  const asked = new Set<string>();
  for (const [index, step] of chargesOf(subject).entries()) {
    const purchase = purchaseOf(step);
    if (asked.has(purchase) && step.retries === undefined)
      repeats.push({ actor: step.id, drop: (draft) => withoutStep(draft, step.id) });
    asked.add(purchase);
    for (const place of step.retries?.keys() ?? []) {
      repeats.push({
        actor: `${step.id}/${place + 1}`,
        drop: (draft) => chargesOf(draft)[index]?.retries?.splice(place, 1)[0]?.faults ?? [],
      });
    }
  }
  return repeats;
}

function purchaseOf({ scope = usualScope, key }: ChargeStep): string {
  return JSON.stringify([scope, key]);
}

function withoutStep(draft: Case, id: string): readonly Fault[] {
  const gone = chargesOf(draft).find((step) => step.id === id);
  draft.steps = draft.steps.filter((step) => step !== gone);
  return gone?.faults ?? [];
}

function sentAtMs({ crossings }: History, actor: string): number | undefined {
  return crossings.find((crossing) => crossing.actor === actor && crossing.site === 'client.charge')?.called
    .atMs;
}
