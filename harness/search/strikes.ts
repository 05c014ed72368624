// Where and when the faults of a case struck.

import { type Case, type Fault, retriesOf } from '../cases/case.ts';
import type { History } from '../history/history.ts';
import { requestsOf } from './edit.ts';

/** A fault that struck. */
export interface Strike {
  readonly actor: string;
  readonly fault: Fault;
  /** When the crossing that it struck was begun, virtual milliseconds. */
  readonly atMs: number;
  /** Takes the fault out of a case of the same shape. */
  readonly drop: (draft: Case) => void;
}

/** The faults of `subject` that struck in `history`, in the order in which the case lists them. */
export function strikesOf(subject: Case, { crossings }: History): Strike[] {
  const struckMs = new Map<string, number>();
  for (const { actor, site, nth, called } of crossings) struckMs.set(`${actor} ${site} ${nth}`, called.atMs);
  return carriedBy(subject).flatMap(({ actor, faults }) =>
    faults(subject).flatMap((fault, place) => {
      const atMs = struckMs.get(`${actor} ${fault.site} ${fault.nth}`);
      const drop = (draft: Case): void => void faults(draft).splice(place, 1);
      return atMs === undefined ? [] : [{ actor, fault, atMs, drop }];
    }),
  );
}

interface Carried {
  readonly actor: string;
  /** The actor's faults in a case of the same shape. */
  readonly faults: (draft: Case) => Fault[];
}

function carriedBy(subject: Case): readonly Carried[] {
  const carried: Carried[] = [];
  for (const [index, step] of requestsOf(subject).entries()) {
    const same = (draft: Case): typeof step | undefined => requestsOf(draft)[index];
    carried.push({ actor: step.id, faults: (draft) => same(draft)?.faults ?? [] });
    for (const place of retriesOf(step).keys()) {
      const faults = (draft: Case): Fault[] => {
        const there = same(draft);
        return (there && retriesOf(there)[place]?.faults) ?? [];
      };
      carried.push({ actor: `${step.id}/${place + 1}`, faults });
    }
  }
  for (const actor of Object.keys(subject.background ?? {}))
    carried.push({ actor, faults: (draft) => draft.background?.[actor] ?? [] });
  return carried;
}
