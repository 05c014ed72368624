// A process that stalls often only lets time pass: what others sent meanwhile is taken up that much later. They can as
// well be sent later, and the story needs one fault less.

import type { Case, Fault } from '../cases/case.ts';
import { faultFacts } from '../faults/kinds.ts';
import { edited } from './edit.ts';
import type { Pass } from './pass.ts';
import { strikesOf } from './strikes.ts';

/** Takes a stall out and sends later, by as much as it lasted, every step that came after it; the last stall first. */
export const waitInstead: Pass = function* (from, history) {
  for (const { actor, fault, atMs, drop } of strikesOf(from, history).reverse()) {
    if (fault.kind !== 'stall') continue;
    const candidate = edited(from, (draft) => {
      drop(draft);
      sendLater(draft, { actor, atMs, byMs: lengthOf(fault) });
    });
    if (yield candidate) return;
  }
};

function lengthOf({ ms = faultFacts.stall.defaultMs ?? 0 }: Fault): number {
  return ms;
}

function sendLater(
  draft: Case,
  { actor, atMs, byMs }: { readonly actor: string; readonly atMs: number; readonly byMs: number },
): void {
  for (const step of draft.steps) if (step.id !== actor && step.at >= atMs) step.at += byMs;
}
