// An order that is refused needs no fault: the rules refuse a payer whom they block, after the goods were put aside.

import { edited } from './edit.ts';
import { dropChunks, type Pass } from './pass.ts';

/** Drops what befalls an order and blocks its payer instead: everything that it carries, or one fault. */
export const blockedInstead: Pass = function* (from) {
  let current = from;
  for (const [place, step] of from.steps.entries()) {
    if (step.do !== 'checkout' || step.risk === 'blocked') continue;
    const dropping = dropChunks(
      current,
      (subject) => faultsAt(subject, place).length,
      (subject, dropped) =>
        edited(subject, (draft) => {
          const order = draft.steps[place];
          if (order?.do !== 'checkout') return;
          order.risk = 'blocked';
          order.faults = faultsAt(subject, place).filter((_, index) => !dropped(index));
        }),
    );
    current = yield* dropping;
  }
};

function faultsAt({ steps }: Parameters<Pass>[0], place: number) {
  const step = steps[place];
  return step?.do === 'checkout' ? (step.faults ?? []) : [];
}
