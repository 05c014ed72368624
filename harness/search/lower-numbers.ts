// Smaller numbers, first together and then one by one, so that what is left says how much was needed.

import type { Case } from '../cases/case.ts';
import { edited } from './edit.ts';
import type { Pass } from './pass.ts';
import { type Slot, slotsOf } from './slots.ts';

/** Lowers all times at once, all amounts at once, then each number as far as it goes. */
export const lowerNumbers: Pass = function* (from) {
  let current = yield* lowerTogether(from, (slot) => slot.sort === 'time' || slot.sort === 'span');
  current = yield* lowerTogether(current, (slot) => slot.sort === 'time');
  current = yield* lowerTogether(current, (slot) => slot.sort === 'amount');
  for (const index of slotsOf(current).keys()) {
    current = yield* lowerTogether(current, (_, place) => place === index);
  }
};

/** Lowers the numbers of every step and all later ones alike, so that the gaps between steps close. */
export const closeGaps: Pass = function* (from) {
  let current = from;
  const times = [...new Set(current.steps.map((step) => step.at))].sort((a, b) => b - a);
  for (const time of times) {
    current = yield* lowerTogether(current, (slot) => slot.sort === 'time' && slot.value >= time);
  }
};

/** Lowers every two times alike: two moments may have to stay as far apart as they are. */
export const lowerPairs: Pass = function* (from) {
  let current = from;
  const count = slotsOf(from).length;
  for (let one = 0; one < count; one++) {
    for (let other = one + 1; other < count; other++) {
      const [a, b] = [slotsOf(current)[one], slotsOf(current)[other]];
      if (a === undefined || b === undefined || !isTime(a) || !isTime(b)) continue;
      current = yield* lowerTogether(current, (_, place) => place === one || place === other);
    }
  }
};

function isTime({ sort }: Slot): boolean {
  return sort === 'time' || sort === 'span';
}

/**
 * Lowers all chosen numbers by the same amount: by as much as the lowest can go, else by the largest amount that a
 * bisection finds. Numbers that stand at their floors already stay there.
 */
function* lowerTogether(
  from: Case,
  chosen: (slot: Slot, place: number) => boolean,
): Generator<Case, Case, boolean> {
  const slots = slotsOf(from).filter((slot, place) => chosen(slot, place) && slot.value > slot.floor);
  if (slots.length === 0) return from;
  const lowered = (by: number): Case =>
    edited(from, (draft) => {
      for (const slot of slots) slot.write(draft, slot.value - by);
    });
  const most = Math.min(...slots.map((slot) => slot.value - slot.floor));
  const all = lowered(most);
  if (yield all) return all;
  let kept = from;
  let possible = 0;
  let impossible = most;
  while (impossible - possible > 1) {
    const by = possible + Math.floor((impossible - possible) / 2);
    const candidate = lowered(by);
    if (yield candidate) {
      kept = candidate;
      possible = by;
    } else impossible = by;
  }
  return kept;
}
