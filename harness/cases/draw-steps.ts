// Draws the steps of a case: a few purchases, requests for them that meet in all the ways in which requests meet, and
// jumps of clocks.

import type { Random } from 'fast-check';
import type { Site } from '../history/sites.ts';
import type { ChargeStep, Step } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import type { Bearer } from './draw-faults.ts';

type Retry = NonNullable<ChargeStep['retries']>[number];
type Intent = Pick<ChargeStep, 'key' | 'scope' | 'amountMinor' | 'currency'>;

const intentCounts = [1, 1, 1, 1, 1, 2, 2, 2, 3] as const;
const stepCounts = [1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6, 8] as const;
const retryCounts = [0, 0, 0, 1, 1, 2, 3] as const;
const afterMs = [0, 10, 1_000, 5_000, 35_000, 100_000, 200_000] as const;
// Amounts that floating point spoils when it is asked to scale them, and round, tiny and huge ones.
const amounts = [1, 100, 115, 435, 500, 820, 1_999, 5_000, 123_456, 99_999_999] as const;
const currencies = ['USD', 'USD', 'EUR', 'JPY', 'KWD'] as const;
const keys = ['k1', 'k2', 'k3'] as const;
// Two purchases whose names run together once a separator, the case or the end of a key is lost.
type Name = Pick<Intent, 'key' | 'scope'>;
const longKey = 'checkout-of-2026-01-01-customer-0000000000';
const lookalikes: readonly [readonly [Name, Name], ...(readonly [Name, Name])[]] = [
  [
    { scope: 'shop', key: 'k1/k2' },
    { scope: 'shop/k1', key: 'k2' },
  ],
  [{ key: 'k1' }, { key: 'K1' }],
  [{ key: `${longKey}-1` }, { key: `${longKey}-2` }],
];
const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

// How requests follow each other within one case, milliseconds: at one instant; within the time that a request
// takes to pass its boundaries; apart by timeouts; apart by leases and horizons.
const together = [0, 0, 0, 1] as const;
const near = [0, 1, 2, 3, 5, 10, 21, 25, 41, 43, 45, 50] as const;
const mixed = [0, 3, 21, 45, 500, 1_500, 9_000, 31_000, 90_000] as const;
const far = [9_000, 31_000, 35_000, 90_000, 91_000, 100_000, 200_000] as const;
type Pace = readonly [number, ...number[]];
const paces: readonly [Pace, ...Pace[]] = [together, near, near, mixed, mixed, far];

// How requests follow each other where guards are to be met: within one call, and by retries, recoveries and periods. A
// call that fails for good takes one and a half seconds or more.
const burst: Pace = [0, 0, 1, 10, 45];
const crowd: Pace = [0, 45, 100, 200, 600];
const stream: Pace = [0, 600, 1_100, 1_700, 2_000];
const brinks: Pace = [0, 100, 2_000, 2_500, 3_500, 6_500];
const trickle: Pace = [0, 1_700, 2_000, 5_500, 11_000];
const rushes: Pace = [0, 0, 0, 2_000, 5_500];
const drops: Pace = [0, 1_700, 9_000, 25_000, 31_000];
const trafficPaces = {
  breaker: [burst, stream, stream, stream, trickle, trickle, rushes, rushes, brinks, drops],
  limit: [burst, burst, crowd, stream, trickle],
} as const satisfies Readonly<Record<string, readonly [Pace, ...Pace[]]>>;
const trafficCounts = [3, 4, 5, 6, 6, 8] as const;

const jumpsMs = [1, -1, 500, -500, 60_000, -60_000, 95_000, -95_000, 7_200_000, -172_800_000] as const;

/** What steps are drawn for; whoever may carry faults is added to `bearers`. */
export interface Stage {
  readonly processes: number;
  /** The guard that the case is about, if it is about one. */
  readonly guard: 'breaker' | 'limit' | undefined;
  readonly bearers: Bearer[];
  /** See {@link Bearer}. */
  readonly weathered: readonly Site[];
}

/** Draws requests, and jumps of clocks between them. Lists that stay empty are left to the caller. */
export function drawSteps(dice: Random, stage: Stage): Step[] {
  // Guards are met by traffic: more payments, of different purchases, for longer than it takes to recover.
  const traffic = stage.guard !== undefined && often(dice, 75) ? trafficPaces[stage.guard] : undefined;
  const intents = traffic !== undefined && often(dice, 75) ? drawShoppers(dice) : drawIntents(dice);
  const pace: Pace = pick<Pace>(dice, traffic ?? paces);
  const clocks = often(dice, stage.guard === undefined ? 12 : 22);
  const steps: Step[] = [];
  const wanted = traffic !== undefined ? pick(dice, trafficCounts) : pick(dice, stepCounts);
  let at = 0;
  while (steps.length < wanted) {
    const id = ids[steps.length] ?? `s${steps.length}`;
    if (clocks && often(dice, 35)) {
      at += pick(dice, pace);
      const jumps = drawJumps(dice, stage, { id, at });
      steps.push(...jumps);
      continue;
    }
    steps.push(drawCharge(dice, stage, { id, at, intent: pickFrom(dice, intents) ?? plainIntent }));
    at += pick(dice, pace);
  }
  return steps;
}

/** One purchase each for as many payers as there can be steps. */
function drawShoppers(dice: Random): Intent[] {
  const amountMinor = pick(dice, amounts);
  return ids.map((_, index) => ({ key: `k${index + 1}`, amountMinor, currency: 'USD' }));
}

const plainIntent: Intent = { key: 'k1', amountMinor: 500, currency: 'USD' };

function drawIntents(dice: Random): Intent[] {
  if (often(dice, 4)) {
    const amountMinor = pick(dice, amounts);
    const currency = pick(dice, currencies);
    return pick(dice, lookalikes).map((name) => ({ ...name, amountMinor, currency }));
  }
  const intents: Intent[] = [];
  const count = pick(dice, intentCounts);
  const sharedKey = often(dice, 40);
  for (let index = 0; index < count; index++) {
    const key = sharedKey ? keys[0] : (keys[index] ?? keys[0]);
    const intent: Intent = { key, amountMinor: pick(dice, amounts), currency: pick(dice, currencies) };
    // The same key in another scope is another purchase.
    if (index > 0 && sharedKey) intent.scope = index === 1 ? 'club' : 'kiosk';
    intents.push(intent);
  }
  return intents;
}

function drawCharge(
  dice: Random,
  { processes, bearers, weathered }: Stage,
  { id, at, intent }: { readonly id: string; readonly at: number; readonly intent: Intent },
): ChargeStep {
  const process = processes > 1 ? dice.nextInt(0, processes - 1) : 0;
  const step: ChargeStep = { id, at, do: 'charge', ...intent, process, faults: [], retries: [] };
  if (often(dice, 6)) step.amountMinor += 1;
  if (often(dice, 2)) step.currency = step.currency === 'USD' ? 'EUR' : 'USD';
  bearers.push({ carrier: 'request', faults: step.faults ?? [], weathered });
  const retries = pick(dice, retryCounts);
  for (let index = 0; index < retries; index++) {
    const retry: Retry = { afterMs: pick(dice, afterMs), faults: [] };
    if (often(dice, 5)) retry.amountMinor = step.amountMinor + 1;
    if (processes > 1 && often(dice, 50)) retry.process = dice.nextInt(0, processes - 1);
    bearers.push({ carrier: 'request', faults: retry.faults ?? [], weathered });
    step.retries?.push(retry);
  }
  return step;
}

/** One jump of a clock, or a strobe: there and back several times within some milliseconds. */
function drawJumps(
  dice: Random,
  stage: Stage,
  { id, at }: { readonly id: string; readonly at: number },
): Step[] {
  const process = dice.nextInt(0, stage.processes - 1);
  const jumpMs = pick(dice, jumpsMs);
  const count = often(dice, 25) ? 4 : 1;
  const jumps: Step[] = [];
  for (let index = 0; index < count; index++) {
    const there = index % 2 === 0 ? jumpMs : -jumpMs;
    jumps.push({
      id: index === 0 ? id : `${id}-${index}`,
      at: at + index * 5,
      do: 'clock',
      process,
      jumpMs: there,
    });
  }
  return jumps;
}
