// The sequential meaning of a breaker store: what each operation does when it is alone. It is the machine of
// `breaker-state.ts` with its state spelt out, and with calls known by name, because they cross a wire.

import type { BreakerLimits, BreakerState } from '../resilience/breaker-state.ts';
import type {
  BreakerAnswer,
  BreakerCall,
  BreakerExit,
  BreakerPosition,
} from '../resilience/breaker-store.ts';

/** The same operations, synchronously. */
export interface BreakerTable {
  enter(call: BreakerCall): BreakerAnswer;
  leave(exit: BreakerExit): BreakerPosition;
}

/** A call and an instant of its: when it was let through as a probe, or when it failed. Milliseconds. */
interface Noted {
  readonly callId: string;
  readonly atMs: number;
}

/** One breaker. */
interface Breaker {
  readonly state: BreakerState;
  readonly generation: number;
  readonly openedAtMs: number;
  /** The last failures, oldest first; never more than open it. */
  readonly failures: readonly Noted[];
  /** Probes under way, oldest first. */
  readonly probes: readonly Noted[];
  /** How many probes have succeeded. */
  readonly successes: number;
}

const closed = { state: 'closed', openedAtMs: 0, failures: [], probes: [], successes: 0 } as const;

/** Closed breakers, whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function breakerTable(nowMs: () => number): BreakerTable {
  const breakers = new Map<string, Breaker>();
  const upToDate = (name: string, limits: BreakerLimits, now: number): Breaker => {
    const known = breakers.get(name) ?? { ...closed, generation: 0 };
    const [oldest] = known.probes;
    const overdue = oldest !== undefined && now - oldest.atMs >= limits.recoveryTimeoutMs;
    return overdue ? opened(known, oldest.atMs + limits.recoveryTimeoutMs) : known;
  };
  const keep = (name: string, breaker: Breaker): BreakerPosition => {
    breakers.set(name, breaker);
    return { state: breaker.state, generation: breaker.generation };
  };

  return {
    enter({ name, callId, limits }) {
      const now = nowMs();
      const known = upToDate(name, limits, now);
      const { breaker, admitted } = entered(known, { callId, atMs: now }, limits);
      return { admitted, ...keep(name, breaker) };
    },
    leave({ name, callId, generation, verdict, limits }) {
      const now = nowMs();
      const known = upToDate(name, limits, now);
      if (generation !== known.generation) return keep(name, known);
      const end = { callId, atMs: now };
      if (known.state === 'closed')
        return keep(name, verdict === 'failure' ? failed(known, end, limits) : known);
      const probes = known.probes.filter((probe) => probe.callId !== callId);
      if (probes.length === known.probes.length) return keep(name, known);
      if (verdict === 'failure') return keep(name, opened(known, now));
      const successes = known.successes + (verdict === 'success' ? 1 : 0);
      const isClosing = successes >= limits.halfOpenProbes;
      return keep(
        name,
        isClosing ? { ...closed, generation: known.generation + 1 } : { ...known, probes, successes },
      );
    },
  };
}

function opened({ generation }: Breaker, openedAtMs: number): Breaker {
  return { ...closed, state: 'open', generation: generation + 1, openedAtMs };
}

function entered(
  known: Breaker,
  probe: Noted,
  { recoveryTimeoutMs, halfOpenProbes }: BreakerLimits,
): { readonly breaker: Breaker; readonly admitted: boolean } {
  if (known.state === 'closed') return { breaker: known, admitted: true };
  const hasRested = known.state === 'open' && probe.atMs - known.openedAtMs >= recoveryTimeoutMs;
  if (known.state === 'open' && !hasRested) return { breaker: known, admitted: false };
  const open: Breaker = hasRested
    ? { ...closed, state: 'half-open', generation: known.generation + 1 }
    : known;
  if (open.probes.some(({ callId }) => callId === probe.callId)) return { breaker: open, admitted: true };
  if (open.probes.length + open.successes >= halfOpenProbes) return { breaker: open, admitted: false };
  return { breaker: { ...open, probes: [...open.probes, probe] }, admitted: true };
}

function failed(known: Breaker, failure: Noted, { failureThreshold, windowMs }: BreakerLimits): Breaker {
  if (known.failures.some(({ callId }) => callId === failure.callId)) return known;
  const failures = [...known.failures.filter(({ atMs }) => atMs > failure.atMs - windowMs), failure];
  return failures.length >= failureThreshold ? opened(known, failure.atMs) : { ...known, failures };
}
