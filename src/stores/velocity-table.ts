// The sequential meaning of a velocity store: what each operation does when it is alone.

import type { VelocityRequest, VelocityStore } from '../fraud/velocity-store.ts';

/** The same operations, synchronously. */
export type VelocityTable = {
  readonly [Name in keyof VelocityStore]: (
    ...args: Parameters<VelocityStore[Name]>
  ) => Awaited<ReturnType<VelocityStore[Name]>>;
};

interface Counted {
  readonly amount: number;
  readonly confirmed: boolean;
  /** Evaluations that may have led to a payment. */
  readonly holders: readonly string[];
  /** Evaluations that were released; remembered as long as one of their requests may be under way. */
  readonly released: readonly string[];
  /** When the entry is forgotten. */
  readonly untilMs: number;
}

const unseen: Counted = { amount: 0, confirmed: false, holders: [], released: [], untilMs: 0 };

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function velocityTable(nowMs: () => number): VelocityTable {
  const subjects = new Map<string, Map<string, Counted>>();

  /** What is remembered under a key now, payment by payment. */
  const live = (key: string, now: number): Map<string, Counted> => {
    const entries = subjects.get(key) ?? new Map<string, Counted>();
    for (const [attemptId, { untilMs }] of entries) if (untilMs <= now) entries.delete(attemptId);
    if (entries.size === 0) subjects.delete(key);
    else subjects.set(key, entries);
    return entries;
  };

  return {
    reserve(request) {
      const now = nowMs();
      const entries = live(request.key, now);
      const own = entries.get(request.attemptId);
      const others = sum(entries) - counts(own);
      if (own?.confirmed) return { admitted: true, used: others + own.amount };
      const amount = Math.max(counts(own), request.amount);
      const admitted = !own?.released.includes(request.evaluationId) && others + amount <= request.cap;
      if (!admitted) return { admitted, used: others + counts(own) };
      entries.set(request.attemptId, held({ ...request, amount }, own, now));
      subjects.set(request.key, entries);
      return { admitted, used: others + amount };
    },
    confirm({ key, attemptId, amount, windowMs }) {
      const now = nowMs();
      const entries = live(key, now);
      if (entries.get(attemptId)?.confirmed) return;
      entries.set(attemptId, { amount, confirmed: true, holders: [], released: [], untilMs: now + windowMs });
      subjects.set(key, entries);
    },
    release({ key, attemptId, evaluationId, windowMs }) {
      const now = nowMs();
      const entries = live(key, now);
      const own = entries.get(attemptId) ?? unseen;
      if (own.confirmed) return;
      const leaving = evaluationId === undefined ? own.holders : [evaluationId];
      entries.set(attemptId, {
        ...own,
        holders: own.holders.filter((id) => !leaving.includes(id)),
        released: [...new Set([...own.released, ...leaving])],
        untilMs: Math.max(own.untilMs, now + windowMs),
      });
      subjects.set(key, entries);
    },
  };
}

function held(request: VelocityRequest, own: Counted | undefined, now: number): Counted {
  return {
    amount: request.amount,
    confirmed: false,
    holders: [...new Set([...(own?.holders ?? []), request.evaluationId])],
    released: own?.released ?? [],
    untilMs: Math.max(own?.untilMs ?? 0, now + request.windowMs + request.holdMs),
  };
}

function sum(entries: ReadonlyMap<string, Counted>): number {
  let total = 0;
  for (const entry of entries.values()) total += counts(entry);
  return total;
}

function counts(entry: Counted | undefined): number {
  return entry !== undefined && (entry.confirmed || entry.holders.length > 0) ? entry.amount : 0;
}
