// Fewer faults: those that never mattered, and those whose part can be played by the schedule.

import type { Case, Fault } from '../cases/case.ts';
import { faultFacts } from '../faults/kinds.ts';
import { type Carrying, carriersOf, edited } from './edit.ts';
import { dropChunks, type Pass } from './pass.ts';

/** Drops faults, wherever they are carried, in chunks. */
export const dropFaults: Pass = function* (from) {
  yield* dropChunks(from, faultCount, (subject, dropped) => {
    let index = -1;
    return edited(subject, (draft) => {
      for (const carrier of carriersOf(draft)) {
        carrier.faults = (carrier.faults ?? []).filter(() => {
          index += 1;
          return !dropped(index);
        });
      }
    });
  });
};

/**
 * Drops one fault and makes up for it: the later faults at its site strike one occurrence earlier, and perhaps end
 * the attempts there, or its actor acts later by as much as the fault delayed it.
 */
export const foldFaults: Pass = function* (from) {
  let current = from;
  for (let index = faultCount(current) - 1; index >= 0; index--) {
    for (const makeUp of [strikeEarlier, strikeEarlierForGood, actLater]) {
      const candidate = edited(current, (draft) => takeOut(draft, index, makeUp));
      if (!(yield candidate)) continue;
      current = candidate;
      break;
    }
  }
};

function faultCount(subject: Case): number {
  return carriersOf(subject).reduce((sum, carrier) => sum + (carrier.faults?.length ?? 0), 0);
}

type MakeUp = (carrier: Carrying, gone: Fault) => void;

function takeOut(draft: Case, index: number, makeUp: MakeUp): void {
  let before = 0;
  for (const carrier of carriersOf(draft)) {
    const faults = carrier.faults ?? [];
    const gone = faults[index - before];
    if (gone !== undefined) {
      carrier.faults = faults.filter((fault) => fault !== gone);
      makeUp(carrier, gone);
      return;
    }
    before += faults.length;
  }
}

function strikeEarlier(carrier: Carrying, gone: Fault): void {
  for (const fault of carrier.faults ?? []) {
    if (fault.site === gone.site && fault.nth > gone.nth) fault.nth -= 1;
  }
}

/** A gateway that asks to come back tomorrow ends the attempts, which else takes a fault for each that is left. */
function strikeEarlierForGood(carrier: Carrying, gone: Fault): void {
  strikeEarlier(carrier, gone);
  for (const fault of carrier.faults ?? []) {
    if (fault.site === gone.site && fault.kind === 'rate-limited') fault.retryAfter = '86400';
  }
}

function actLater(carrier: Carrying, gone: Fault): void {
  carrier.move?.(gone.ms ?? faultFacts[gone.kind].defaultMs ?? 0);
}
