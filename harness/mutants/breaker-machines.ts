// State machines of circuit breakers, each with one mistake: the reference's behind a view, or in its place.

import type { Admission } from '../../src/resilience/breaker-state.ts';
import type { Tampering } from './breaker-parts.ts';

/** An admission that no generation knows. */
const stray: Admission = { generation: -1 };

/** Half-open, it lets every call through. */
export const admitsAll: Tampering = (own) => ({
  ...own,
  enter: () => own.enter() ?? (own.state() === 'half-open' ? stray : undefined),
});

/**
 * Probes are counted, and a definite answer that is not a success is neither success nor failure: the place is never
 * given back.
 */
export const leaksProbes: Tampering = (_own, { runtime, config }) => {
  const { failureThreshold, windowMs, recoveryTimeoutMs, halfOpenProbes } = config.breaker;
  let openedAtMs: number | undefined;
  let probes = 0;
  let failuresMs: readonly number[] = [];
  const open = (atMs: number): void => {
    openedAtMs = atMs;
    probes = 0;
    failuresMs = [];
  };
  return {
    enter() {
      if (openedAtMs === undefined) return stray;
      if (runtime.monotonicMs() - openedAtMs < recoveryTimeoutMs || probes >= halfOpenProbes)
        return undefined;
      probes += 1;
      return stray;
    },
    leave(_admission, verdict) {
      const atMs = runtime.monotonicMs();
      if (openedAtMs !== undefined) {
        if (verdict === 'success') openedAtMs = undefined;
        else if (verdict === 'failure') open(atMs);
        else probes = Math.max(0, probes - 1);
        return;
      }
      if (verdict !== 'failure') return;
      failuresMs = [...failuresMs.filter((failedMs) => failedMs > atMs - windowMs), atMs];
      if (failuresMs.length >= failureThreshold) open(atMs);
    },
    answered() {},
  };
};

/** Every failure that comes in while the breaker is open starts its recovery anew. */
export const pushedOn: Tampering = (own, { runtime, config }) => {
  let pushedMs = Number.NEGATIVE_INFINITY;
  return {
    ...own,
    enter: () =>
      runtime.monotonicMs() - pushedMs < config.breaker.recoveryTimeoutMs ? undefined : own.enter(),
    leave(admission, verdict) {
      own.leave(admission, verdict);
      if (own.state() === 'open' && verdict === 'failure') pushedMs = runtime.monotonicMs();
    },
  };
};

/** Whichever call succeeds closes it, however long ago it was let through. */
export const closedByAnySuccess: Tampering = (own) => {
  let ignoring = false;
  return {
    enter: () => (ignoring ? stray : own.enter()),
    leave(admission, verdict) {
      own.leave(admission, verdict);
      if (own.state() === 'open') ignoring = verdict === 'success';
    },
  };
};

/** A probe that fails gives its place back, and that is all. */
export const failedProbeForgotten: Tampering = (own) => ({
  ...own,
  leave: (admission, verdict) =>
    own.leave(admission, own.state() === 'half-open' && verdict === 'failure' ? 'neither' : verdict),
});

/** What says nothing about the gateway speaks against it. */
export const refusalsCounted: Tampering = (own) => ({
  ...own,
  leave: (admission, verdict) => own.leave(admission, verdict === 'neither' ? 'failure' : verdict),
});
