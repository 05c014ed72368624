// What befalls a late event or a row of a refund often befalls the first event and the row of the payment as well. What
// made the later one come about is needed no more then.

import type { Case } from '../cases/case.ts';
import { edited } from './edit.ts';
import type { Pass } from './pass.ts';

const firstRow = 'twin:row:txn_ch_1_1';

/** Gives what an event or a row carries to a plainer one: by itself, without one step of the case, without all but the first. */
export const plainerCarriers: Pass = function* (from) {
  let current = from;
  for (const name of Object.keys(from.background ?? {})) {
    for (const plainer of plainerThan(name)) {
      const moved = yield* firstKept(movedTo(current, name, plainer));
      if (moved === undefined) continue;
      current = moved;
      break;
    }
  }
};

/** How far a background actor is from the plainest of its sort. */
export function carrierRank(name: string): number {
  return plainerThan(name).length;
}

function plainerThan(name: string): readonly string[] {
  const [, event] = /^twin:deliver:evt_(\d+)$/.exec(name) ?? [];
  if (event !== undefined)
    return Array.from({ length: Number(event) - 1 }, (_, index) => `twin:deliver:evt_${index + 1}`);
  return name.startsWith('twin:row:') && name !== firstRow ? [firstRow] : [];
}

function movedTo(from: Case, name: string, plainer: string): readonly Case[] {
  const moved = (keep: (index: number) => boolean): Case =>
    edited(from, (draft) => {
      const { background = {} } = draft;
      const { [name]: faults = [] } = background;
      delete background[name];
      background[plainer] = [...(background[plainer] ?? []), ...faults];
      draft.steps = draft.steps.filter((_, index) => keep(index));
    });
  const places = [...from.steps.keys()];
  return [
    moved((index) => index === 0),
    ...places.toReversed().map((dropped) => moved((index) => index !== dropped)),
    moved(() => true),
  ];
}

function* firstKept(candidates: readonly Case[]): Generator<Case, Case | undefined, boolean> {
  for (const candidate of candidates) if (yield candidate) return candidate;
  return undefined;
}
