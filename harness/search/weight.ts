// What "simpler" means for a case, as one order: fewer requests come before fewer faults, those before a plainer
// set-up and plainer faults, and these before smaller numbers. Shrinking only ever walks down this order, so it always ends.

import { type Case, everyFault, type Fault } from '../cases/case.ts';
import { kindRank } from './plain-kinds.ts';

/** The weights of a case in their order of precedence. */
export type Weight = readonly number[];

/** The amount that a story shows when no other is needed, minor units. */
export const plainAmountMinor = 100;

/** Weighs a case. */
export function weigh(subject: Case): Weight {
  const { config = {} } = subject;
  const sums = {
    requests: 0,
    faults: 0,
    setUp: setUpOf(config),
    kinds: 0,
    details: 0,
    nth: 0,
    timesMs: 0,
    amounts: 0,
  };
  const intents = new Set<string>();
  for (const step of subject.steps) {
    sums.timesMs += step.at;
    if (step.do === 'step-up') {
      sums.faults += 1;
      continue;
    }
    if (step.process !== 0) sums.details += 1;
    if (step.do === 'clock') {
      sums.faults += 1;
      sums.timesMs += Math.abs(step.jumpMs);
      continue;
    }
    intents.add(`${step.scope ?? ''} ${step.key}`);
    sums.requests += 1;
    sums.amounts += Math.abs(step.amountMinor - plainAmountMinor);
    if (step.currency !== 'USD') sums.details += 1;
    if (step.scope !== undefined) sums.details += 1;
    for (const retry of step.retries ?? []) {
      sums.requests += 1;
      sums.timesMs += retry.afterMs;
      if (retry.process !== undefined) sums.details += 1;
      if (retry.amountMinor === undefined) continue;
      sums.details += 1;
      sums.amounts += Math.abs(retry.amountMinor - plainAmountMinor);
    }
  }
  sums.details += intents.size;
  for (const fault of everyFault(subject)) {
    sums.faults += 1;
    sums.kinds += kindRank(fault.kind);
    sums.details += explicitMembers(fault);
    sums.nth += fault.nth - 1;
    sums.timesMs += (fault.ms ?? 0) + (fault.restartAfterMs ?? 0);
  }
  for (const name of ['leaseMs', 'ttlMs', 'waitMs', 'sweepEveryMs'] as const)
    sums.timesMs += config[name] ?? 0;
  for (const skewMs of config.skewMs ?? []) sums.timesMs += Math.abs(skewMs);
  const { requests, faults, setUp, kinds, details, nth, timesMs, amounts } = sums;
  return [requests, faults, setUp, kinds, details, nth, timesMs, amounts, subject.seed];
}

/** Below zero when `a` is simpler than `b`, above when it is less simple, zero when neither is. */
export function compareWeights(a: Weight, b: Weight): number {
  for (const [index, part] of a.entries()) {
    const difference = part - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function setUpOf(config: NonNullable<Case['config']>): number {
  return Object.keys(config).length + (config.processes ?? 1) - 1 + (config.sweeps ?? 1) - 1;
}

function explicitMembers({ ms, restartAfterMs, retryAfter }: Fault): number {
  return [ms, restartAfterMs, retryAfter].filter((member) => member !== undefined).length;
}
