// Draws the set-up of a case: processes, leases, sweeps, guards, and what the gateway promises of its memory.

import type { Random } from 'fast-check';
import { boundedEffectDelayMs } from '../gateway-twin/profiles.ts';
import type { Case } from './case.ts';
import { often, pick } from './draw.ts';
import { drawGuards } from './draw-guards.ts';

type Config = NonNullable<Case['config']>;

// A guard sees what its own process does: spread over several, little traffic says nothing.
const processCounts = { guarded: [1, 1, 1, 2], other: [1, 2, 2] } as const;
const leasesMs = [1_000, 1_000, 5_000, 5_000, 30_000, 90_000] as const;
const ttlsMs = [60_000, 600_000] as const;
const waitsMs = [0, 2_000, 30_000] as const;
const jitters = ['none', 'full', 'decorrelated'] as const;
const skewsMs = [0, 500, -500, 60_000, -60_000, 3_600_000, -3_600_000] as const;
const sweepIntervalsMs = [45, 1_000, 10_000, 31_000, 95_000] as const;
const sweepCounts = [1, 2, 3, 4] as const;
const stalenessMs = [0, 1_000, 5_000, 20_000] as const;

// How a case may begin with no key to rely on any more, or lose that protection in the course of it: what a gateway
// remembers keys for, less the longest that a send under one of them may take, milliseconds.
const beyondMarginMs = [-20_000, 0, 1, 500, 1_000, 5_000, 10_000, 35_000, 100_000, 200_000, 300_000] as const;
// Shorter than a request may be under way: a gateway that forgets so soon protects nobody.
const shortMemoriesMs = [1_000, 5_000, 10_000, 20_000] as const;

/** How often a lease is renewed at most where nobody says otherwise. */
const usualRenewals = 3;
const usualLeaseMs = 90_000;

/** Draws the switches; `unbounded` allows requests that take effect arbitrarily late. */
export function drawConfig(dice: Random, unbounded: boolean): Config {
  const config: Config = often(dice, 33) ? drawGuards(dice) : {};
  const guarded = config.breaker !== undefined || config.limit !== undefined;
  const processes = pick<number>(dice, guarded ? processCounts.guarded : processCounts.other);
  if (processes > 1) config.processes = processes;
  if (often(dice, 22)) config.leaseMs = pick(dice, leasesMs);
  if (often(dice, 5)) config.ttlMs = pick(dice, ttlsMs);
  if (often(dice, 25)) config.waitMs = pick(dice, waitsMs);
  if (often(dice, 25)) config.jitter = pick(dice, jitters);
  if (often(dice, 15)) {
    config.skewMs = [];
    for (let process = 0; process < processes; process++) config.skewMs.push(pick(dice, skewsMs));
  }
  if (often(dice, 35)) {
    config.sweepEveryMs = Math.max(100, pick(dice, sweepIntervalsMs));
    config.sweeps = pick(dice, sweepCounts);
  }
  if (often(dice, 16)) config.keyRetentionMs = drawRetentionMs(dice, config);
  if (often(dice, 25)) config.consistentAfterMs = pick(dice, stalenessMs);
  if (unbounded && often(dice, 50)) config.effectDelay = 'unbounded';
  return config;
}

function drawRetentionMs(dice: Random, { leaseMs = usualLeaseMs }: Config): number {
  if (often(dice, 35)) return pick(dice, shortMemoriesMs);
  return leaseMs * (usualRenewals + 1) + boundedEffectDelayMs + pick(dice, beyondMarginMs);
}
