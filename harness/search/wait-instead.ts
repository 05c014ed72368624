// A process that stalls often only lets time pass: what the others sent meanwhile is taken up that much later. They can
// as well be sent later, and the story needs one fault less.

import type { Case } from '../cases/case.ts';
import { faultFacts } from '../faults/kinds.ts';
import { chargesOf, edited } from './edit.ts';
import type { Pass } from './pass.ts';

/** Takes a stall out and sends every other step later by as much as it lasted; the last stall first. */
export const waitInstead: Pass = function* (from) {
  for (const { id, place, ms } of stallsOf(from).reverse()) {
    const candidate = edited(from, (draft) => {
      for (const step of draft.steps) if (step.id !== id) step.at += ms;
      chargesOf(draft)
        .find((step) => step.id === id)
        ?.faults?.splice(place, 1);
    });
    if (yield candidate) return;
  }
};

interface Stall {
  readonly id: string;
  readonly place: number;
  readonly ms: number;
}

function stallsOf(subject: Case): Stall[] {
  return chargesOf(subject).flatMap(({ id, faults = [] }) =>
    [...faults.entries()].flatMap(([place, { kind, ms = faultFacts.stall.defaultMs ?? 0 }]) =>
      kind === 'stall' ? [{ id, place, ms }] : [],
    ),
  );
}
