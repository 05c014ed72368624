// When the rows of a table ended, for those that may be forgotten. A driver has a column for it, and an index.

import type { PruneRequest } from '../kernel/pruning.ts';

/** The rows of a table that have ended, in the order in which they did. */
export interface Endings {
  /** Notes that a row has ended now, again if it had before. */
  mark(key: string): void;
  /** Forgets the rows that a request asks for, and answers which; `may` can keep some of them. */
  take(request: PruneRequest, may?: (key: string) => boolean): readonly string[];
}

/** No endings yet, on the clock of the table (milliseconds, must not run backwards). */
export function endings(nowMs: () => number): Endings {
  const endedAtMs = new Map<string, number>();
  return {
    mark(key) {
      endedAtMs.delete(key);
      endedAtMs.set(key, nowMs());
    },
    take({ olderThanMs, limit }, may = () => true) {
      const latestMs = nowMs() - olderThanMs;
      const taken: string[] = [];
      for (const [key, atMs] of endedAtMs) {
        if (taken.length >= limit || atMs > latestMs) break;
        if (may(key)) taken.push(key);
      }
      for (const key of taken) endedAtMs.delete(key);
      return taken;
    },
  };
}
