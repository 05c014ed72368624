// Operations on one record, one after the other. Of two that are under way at once nobody could say afterwards which was first,
// and checkers that follow a record need that order; operations on different records, and all else, go on side by side. What
// a store does with a record under real contention is for its contract and for the check of linearizability to say.

import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for the turn of an operation in its lane; what is returned ends the turn. */
export type Lanes = (lane: string) => Promise<() => void>;

/** The holder of a turn may have been stopped, and then nobody waits for it for longer than this, real milliseconds. */
const mostMs = 250;

/** Lanes that are all free. */
export function lanes(): Lanes {
  const last = new Map<string, Promise<void>>();
  return async (lane) => {
    const before = last.get(lane);
    let end = (): void => {};
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    last.set(lane, mine);
    if (before !== undefined) await Promise.race([before, sleep(mostMs)]);
    return () => {
      end();
      if (last.get(lane) === mine) last.delete(lane);
    };
  };
}

/** The lane of an operation: that of its record where it names one alone, else that of its store. */
export function laneOf(family: string, request: unknown): string {
  const store = family === 'outbox' ? 'ledger' : family;
  if (typeof request !== 'object' || request === null) return store;
  const { saga, id, key } = request as Readonly<Record<string, unknown>>;
  if (family === 'saga' && typeof id === 'string') return JSON.stringify([store, saga, id]);
  const isKeyed = (family === 'store' || family === 'velocity') && typeof key === 'string';
  return isKeyed ? JSON.stringify([store, key]) : store;
}
