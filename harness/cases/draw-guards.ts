// Breakers and limiters so narrow that a handful of requests meets every state that they have.

import type { Random } from 'fast-check';
import type { Case } from './case.ts';
import { pick } from './draw.ts';

type Config = NonNullable<Case['config']>;

const thresholds = [1, 1, 1, 1, 2, 2, 3] as const;
// Undefined stands for what is usual, which is longer than all that is listed.
const windowsMs = [undefined, undefined, undefined, undefined, 100, 2_000, 20_000] as const;
const recoveriesMs = [undefined, 500, 1_000, 2_000, 2_000, 5_000, 5_000, 20_000] as const;
const probes = [undefined, undefined, 1, 2, 2] as const;
// A healthy call takes 40 ms: a breaker that calls that slow would never close again.
const slowCallsMs = [undefined, undefined, undefined, 200, 2_000, 9_000] as const;
const calls = [1, 1, 2, 3] as const;
// The last is longer than any retry waits, so that what is refused stays refused.
const periodsMs = [100, 1_000, 1_000, 5_000, 10_000, 60_000] as const;
const modes = ['reject', 'wait'] as const;

/** Narrows one guard, or both. */
export function drawGuards(dice: Random): Pick<Config, 'breaker' | 'limit'> {
  const which = dice.nextInt(0, 9);
  if (which < 5) return { breaker: drawBreaker(dice) };
  return which < 8 ? { limit: drawLimit(dice) } : { breaker: drawBreaker(dice), limit: drawLimit(dice) };
}

function drawBreaker(dice: Random): NonNullable<Config['breaker']> {
  const breaker: NonNullable<Config['breaker']> = { failureThreshold: pick(dice, thresholds) };
  const windowMs = pick(dice, windowsMs);
  const recoveryTimeoutMs = pick(dice, recoveriesMs);
  const halfOpenProbes = pick(dice, probes);
  const slowCallMs = pick(dice, slowCallsMs);
  if (windowMs !== undefined) breaker.windowMs = windowMs;
  if (recoveryTimeoutMs !== undefined) breaker.recoveryTimeoutMs = recoveryTimeoutMs;
  if (halfOpenProbes !== undefined) breaker.halfOpenProbes = halfOpenProbes;
  if (slowCallMs !== undefined) breaker.slowCallMs = slowCallMs;
  return breaker;
}

function drawLimit(dice: Random): NonNullable<Config['limit']> {
  return { maxCalls: pick(dice, calls), periodMs: pick(dice, periodsMs), mode: pick(dice, modes) };
}
