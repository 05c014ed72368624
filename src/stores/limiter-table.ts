// The sequential meaning of a limiter store: what its operation does when it is alone.

import type { AdmissionAnswer, AdmissionRequest } from '../resilience/limiter-store.ts';

/** The same operation, synchronously. */
export interface LimiterTable {
  admit(request: AdmissionRequest): AdmissionAnswer;
}

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function limiterTable(nowMs: () => number): LimiterTable {
  const names = new Map<string, readonly { readonly callId: string; readonly atMs: number }[]>();
  return {
    admit({ name, callId, maxCalls, periodMs }) {
      const now = nowMs();
      const inWindow = (names.get(name) ?? []).filter(({ atMs }) => atMs > now - periodMs);
      if (inWindow.some((admission) => admission.callId === callId)) return { admitted: true };
      const blocking = inWindow.at(-maxCalls);
      if (blocking !== undefined)
        return { admitted: false, waitMs: Math.max(1, Math.ceil(blocking.atMs + periodMs - now)) };
      names.set(name, [...inWindow, { callId, atMs: now }]);
      return { admitted: true };
    },
  };
}
