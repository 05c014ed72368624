// The last admissions of a rate limiter, from which it follows when the next one may be.

/** Admission times. Milliseconds of one clock. */
export interface SlidingLog {
  /** Whether one more call at `nowMs` leaves no window with too many. */
  admits(nowMs: number): boolean;
  /** Notes an admission; `nowMs` never falls. */
  admit(nowMs: number): void;
  /** How long a call has to wait with `ahead` others before it, if all are admitted as soon as may be; whole, ≥ 1. */
  waitMs(nowMs: number, ahead: number): number;
}

/** At most `maxCalls` admissions in any window [t, t + `periodMs`). */
export function slidingLog(maxCalls: number, periodMs: number): SlidingLog {
  /** A ring once it is full: `oldest` is where the next admission goes. */
  const admittedMs: number[] = [];
  let oldest = 0;
  return {
    admits(nowMs) {
      if (admittedMs.length < maxCalls) return true;
      return (admittedMs[oldest] ?? 0) <= nowMs - periodMs;
    },
    admit(nowMs) {
      admittedMs[oldest] = nowMs;
      oldest = oldest + 1 === maxCalls ? 0 : oldest + 1;
    },
    waitMs(nowMs, ahead) {
      const periods = Math.floor(ahead / maxCalls);
      const freed = admittedMs.length < maxCalls ? undefined : admittedMs[(oldest + ahead) % maxCalls];
      const soonestMs = freed === undefined ? nowMs : Math.max(nowMs, freed + periodMs);
      return Math.max(1, Math.ceil(soonestMs + periods * periodMs - nowMs));
    },
  };
}
