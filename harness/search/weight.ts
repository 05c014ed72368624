// What "simpler" means for a case, as one order: fewer requests come before fewer faults, those before a plainer
// set-up and plainer faults, and these before smaller numbers. Shrinking only ever walks down this order, so it always ends.

import {
  type Case,
  type DisputeStep,
  type Episode,
  everyStrike,
  type Fault,
  type MoneyStep,
} from '../cases/case.ts';
import { configNumbers } from './config-numbers.ts';
import { kindRank } from './plain-kinds.ts';
import { carrierRank } from './plainer-carriers.ts';

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
    setUp: setUpOf(subject),
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
      if (step.outcome !== 'authenticated') sums.details += 1;
      continue;
    }
    if (step.do === 'dispute') {
      sums.faults += 1;
      sums.details += detailsOfDispute(step);
      continue;
    }
    if (step.process !== 0) sums.details += 1;
    if (step.do === 'clock') {
      sums.faults += 1;
      sums.timesMs += Math.abs(step.jumpMs);
      continue;
    }
    sums.requests += 1;
    if (step.do === 'reconcile') {
      if (step.day !== undefined) sums.details += 1;
      continue;
    }
    intents.add(`${step.scope ?? ''} ${step.key}`);
    sums.details += particulars(step);
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
  for (const strike of everyStrike(subject)) {
    sums.faults += 1;
    sums.kinds += kindRank(strike.kind);
    sums.details += explicitMembers(strike);
    sums.timesMs += (strike.ms ?? 0) + (strike.restartAfterMs ?? 0);
    if ('nth' in strike) sums.nth += strike.nth - 1;
    else {
      sums.timesMs += strike.fromMs + strike.untilMs;
      sums.amounts += isCertain(strike) ? 0 : strike.percent;
      sums.details += isCertain(strike) ? 0 : 1;
    }
  }
  for (const name of Object.keys(subject.background ?? {})) sums.nth += carrierRank(name);
  for (const { sort, value, floor } of configNumbers(config)) {
    if (sort === 'count') sums.nth += value - floor;
    else sums.timesMs += value;
  }
  for (const skewMs of config.skewMs ?? []) sums.timesMs += Math.abs(skewMs);
  const { requests, faults, setUp, kinds, details, nth, timesMs, amounts } = sums;
  return [requests, faults, setUp, kinds, details, nth, timesMs, amounts, subject.seed];
}

function detailsOfDispute({ act, amountMinor }: DisputeStep): number {
  return (act === 'opened' ? 0 : 1) + (amountMinor === undefined ? 0 : 1);
}

/** What an order says beyond its amount. */
function particulars(step: MoneyStep): number {
  if (step.do !== 'checkout') return 0;
  return (step.risk === undefined ? 0 : 1) + (step.note === undefined ? 0 : 1);
}

/** Below zero when `a` is simpler than `b`, above when it is less simple, zero when neither is. */
export function compareWeights(a: Weight, b: Weight): number {
  for (const [index, part] of a.entries()) {
    const difference = part - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Each switch counts, those of a guard by themselves; weather counts too, as the same fault at an address is plainer. */
function setUpOf({ config = {}, episodes = [] }: Case): number {
  const { breaker = {}, limit = {}, webhooks = {}, processes = 1, sweeps = 1 } = config;
  const parts = [breaker, limit, webhooks];
  const guarded = parts.reduce((sum, part) => sum + Object.keys(part).length, 0);
  return Object.keys(config).length + guarded + processes - 1 + sweeps - 1 + episodes.length;
}

/** An episode that strikes whatever it meets needs no chance to be told. */
function isCertain({ percent }: Episode): boolean {
  return percent === 100;
}

function explicitMembers({ ms, restartAfterMs, retryAfter }: Fault | Episode): number {
  return [ms, restartAfterMs, retryAfter].filter((member) => member !== undefined).length;
}
