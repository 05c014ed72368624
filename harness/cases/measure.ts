// How big a case is, in the terms in which a reader of its story counts.

import type { FaultKind } from '../faults/kinds.ts';
import { type Case, everyStrike, isRequest, retriesOf } from './case.ts';

/** The size of a case. */
export interface CaseSize {
  /** What clients and operators send: steps and their retries. */
  readonly requests: number;
  /** Faults that lose, repeat, alter or crash something, and jumps of a clock; weather counts by the episode. */
  readonly faults: number;
  /** Faults that only move something in time. */
  readonly preemptions: number;
}

const preempting: ReadonlySet<FaultKind> = new Set(['delay', 'reply-delay', 'stall', 'drip', 'slow']);

/** Measures `value`. */
export function measureCase(value: Case): CaseSize {
  let requests = 0;
  let clockJumps = 0;
  for (const step of value.steps) {
    if (step.do === 'clock') clockJumps += 1;
    if (isRequest(step)) requests += 1 + retriesOf(step).length;
  }
  const all = everyStrike(value);
  const preemptions = all.filter((fault) => preempting.has(fault.kind)).length;
  return { requests, faults: all.length - preemptions + clockJumps, preemptions };
}
