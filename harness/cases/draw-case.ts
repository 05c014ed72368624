// One descent over tables from the dice to a case, because generation must stay a small part of a run.

import type { Random } from 'fast-check';
import type { Case, ChargeStep, ProfileName, Step } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import { type Bearer, scatterFaults } from './draw-faults.ts';
import type { FaultMenu } from './fault-menu.ts';

/** What stays the same from case to case. */
export interface CaseFrame {
  readonly target: string;
  readonly profile: ProfileName;
  readonly tier: 'sim' | 'msw' | undefined;
  readonly menu: FaultMenu;
  /** Whether requests may be held back for longer than the gateway's horizon. */
  readonly unbounded: boolean;
}

type Retry = NonNullable<ChargeStep['retries']>[number];
type Config = NonNullable<Case['config']>;
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

const processCounts = [1, 2, 2] as const;
const leasesMs = [1_000, 5_000, 30_000, 90_000] as const;
const ttlsMs = [60_000, 600_000] as const;
const waitsMs = [0, 2_000, 30_000] as const;
const jitters = ['none', 'full', 'decorrelated'] as const;
const skewsMs = [0, 500, -500, 60_000, -60_000, 3_600_000, -3_600_000] as const;
const sweepIntervalsMs = [45, 1_000, 10_000, 31_000, 95_000] as const;
const sweepCounts = [1, 2, 3, 4] as const;
const jumpsMs = [1, -1, 500, -500, 60_000, -60_000, 95_000, -95_000, 7_200_000, -172_800_000] as const;

/** Draws a case that the codec accepts and that breaks no assumption beyond those of the frame. */
export function drawCase(dice: Random, frame: CaseFrame): Case {
  const config = drawConfig(dice, frame);
  const processes = config.processes ?? 1;
  const bearers: Bearer[] = [];
  const steps = drawSteps(dice, { processes, bearers });
  const subject: Case = {
    paystorm: 1,
    target: frame.target,
    profile: frame.profile,
    seed: dice.nextInt(0, 0x7fffffff),
    steps,
  };
  if (frame.tier !== undefined) subject.tier = frame.tier;
  if (Object.keys(config).length > 0) subject.config = config;
  const sweeps = drawSweepBearers(config, bearers);
  scatterFaults(dice, frame.menu, bearers);
  for (const [name, bearer] of sweeps) {
    if (bearer.faults.length > 0) subject.background = { ...subject.background, [name]: bearer.faults };
  }
  for (const step of steps) if (step.do === 'charge') dropEmpty(step);
  return subject;
}

function drawConfig(dice: Random, frame: CaseFrame): Config {
  const config: Config = {};
  const processes = pick(dice, processCounts);
  if (processes > 1) config.processes = processes;
  if (often(dice, 20)) config.leaseMs = pick(dice, leasesMs);
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
  if (frame.unbounded && often(dice, 50)) config.effectDelay = 'unbounded';
  return config;
}

interface Stage {
  readonly processes: number;
  readonly bearers: Bearer[];
}

function drawSteps(dice: Random, stage: Stage): Step[] {
  const intents = drawIntents(dice);
  const pace = pick(dice, paces);
  const clocks = often(dice, 12);
  const steps: Step[] = [];
  const wanted = pick(dice, stepCounts);
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
  { processes, bearers }: Stage,
  { id, at, intent }: { readonly id: string; readonly at: number; readonly intent: Intent },
): ChargeStep {
  const process = processes > 1 ? dice.nextInt(0, processes - 1) : 0;
  const step: ChargeStep = { id, at, do: 'charge', ...intent, process, faults: [], retries: [] };
  if (often(dice, 6)) step.amountMinor += 1;
  if (often(dice, 2)) step.currency = step.currency === 'USD' ? 'EUR' : 'USD';
  bearers.push({ carrier: 'request', faults: step.faults ?? [] });
  const retries = pick(dice, retryCounts);
  for (let index = 0; index < retries; index++) {
    const retry: Retry = { afterMs: pick(dice, afterMs), faults: [] };
    if (often(dice, 5)) retry.amountMinor = step.amountMinor + 1;
    if (processes > 1 && often(dice, 50)) retry.process = dice.nextInt(0, processes - 1);
    bearers.push({ carrier: 'request', faults: retry.faults ?? [] });
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

function drawSweepBearers(config: Config, bearers: Bearer[]): [string, Bearer][] {
  const sweeps: [string, Bearer][] = [];
  if (config.sweepEveryMs === undefined) return sweeps;
  for (let index = 1; index <= (config.sweeps ?? 1); index++) {
    const bearer: Bearer = { carrier: 'sweep', faults: [] };
    bearers.push(bearer);
    sweeps.push([`sweep:${index}`, bearer]);
  }
  return sweeps;
}

function dropEmpty(step: ChargeStep): void {
  if (step.faults?.length === 0) delete step.faults;
  for (const retry of step.retries ?? []) if (retry.faults?.length === 0) delete retry.faults;
  if (step.retries?.length === 0) delete step.retries;
}
