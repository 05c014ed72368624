// The state machine of a circuit breaker, apart from what it guards. Nothing happens by itself: the state is brought
// up to date whenever a call arrives or settles, so a process that slept finds it as if it had been awake.

import type { Clock } from '../kernel/runtime.ts';

/** Where a breaker stands. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** What the end of a call says about what is guarded. */
export type BreakerVerdict = 'success' | 'failure' | 'neither';

/** See `CircuitBreakerOptions`. */
export interface BreakerLimits {
  readonly failureThreshold: number;
  readonly windowMs: number;
  readonly recoveryTimeoutMs: number;
  readonly halfOpenProbes: number;
}

/** A call that was let through. */
export interface Admission {
  /** Each transition begins a new one; what was let through in an older one counts for nothing. */
  readonly generation: number;
}

interface Probe extends Admission {
  readonly atMs: number;
}

/** The state of one breaker. */
export interface BreakerMachine {
  /** Lets a call through, or refuses it with undefined. */
  enter(): Admission | undefined;
  /** Told how a call ended that was let through. */
  leave(admission: Admission, verdict: BreakerVerdict): void;
}

/** A closed breaker; `changed` hears of every transition. */
export function breakerMachine(
  clock: Pick<Clock, 'monotonicMs'>,
  limits: BreakerLimits,
  changed: (state: BreakerState) => void,
): BreakerMachine {
  const { failureThreshold, windowMs, recoveryTimeoutMs, halfOpenProbes } = limits;
  let state: BreakerState = 'closed';
  /** The admission of all calls of a closed breaker: it costs them nothing that there is one. */
  let passed: Admission = { generation: 0 };
  let generation = 0;
  let openedAtMs = 0;
  /** When the last failures settled, oldest first; never more than open it. */
  let failuresMs: number[] = [];
  /** Probes under way, oldest first. */
  let probes: Probe[] = [];
  let successes = 0;

  const become = (next: BreakerState): void => {
    state = next;
    generation += 1;
    passed = { generation };
    failuresMs = [];
    probes = [];
    successes = 0;
    changed(next);
  };
  const open = (atMs: number): void => {
    openedAtMs = atMs;
    become('open');
  };
  /** A probe that has had no result for as long as a recovery takes failed at that instant. */
  const catchUp = (nowMs: number): void => {
    const [oldest] = probes;
    if (oldest !== undefined && nowMs - oldest.atMs >= recoveryTimeoutMs)
      open(oldest.atMs + recoveryTimeoutMs);
  };
  const noteFailure = (nowMs: number): void => {
    const kept = failuresMs.findIndex((atMs) => atMs > nowMs - windowMs);
    failuresMs = kept < 0 ? [] : failuresMs.slice(kept);
    failuresMs.push(nowMs);
    if (failuresMs.length >= failureThreshold) open(nowMs);
  };

  return {
    enter() {
      if (state === 'closed') return passed;
      const atMs = clock.monotonicMs();
      catchUp(atMs);
      if (state === 'open') {
        if (atMs - openedAtMs < recoveryTimeoutMs) return undefined;
        become('half-open');
      }
      if (probes.length + successes >= halfOpenProbes) return undefined;
      const probe = { generation, atMs };
      probes.push(probe);
      return probe;
    },
    leave(admission, verdict) {
      if (state === 'closed' && verdict !== 'failure') return;
      const nowMs = clock.monotonicMs();
      catchUp(nowMs);
      if (admission.generation !== generation) return;
      if (state === 'closed') return noteFailure(nowMs);
      if (verdict === 'failure') return open(nowMs);
      probes = probes.filter((probe) => probe !== admission);
      if (verdict === 'success') successes += 1;
      if (successes >= halfOpenProbes) become('closed');
    },
  };
}
