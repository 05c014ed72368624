// Two minutes in the life of a shop: the one case by which all orders are compared under a fault profile. It differs
// between orders in nothing but the target, so that whatever differs in the outcome comes from the order.

import type { Random } from 'fast-check';
import type { Case, ChargeStep, ProfileName } from '../../cases/case.ts';
import { diceAt } from '../../cases/dice.ts';
import { often, pick } from '../../cases/draw.ts';
import { type Order, orderName } from '../../targets/orders.ts';
import { episodesOf, loadMs, type WeatherName } from './weather.ts';

/** Which day, at which kind of gateway, and which throw of the dice. */
export interface Day {
  readonly weather: WeatherName;
  readonly gateway: ProfileName;
  readonly seed: number;
}

/** With those who come back, enough requests that the slowest hundredth of them is a handful. */
const purchases = 320;

/** Purchases arrive evenly, each somewhere within its own slot: a healthy minute has no rushes. Milliseconds. */
const slotMs = loadMs / purchases;

const amounts = [499, 990, 1_250, 2_000, 4_999, 12_000] as const;
const currencies = ['USD', 'USD', 'USD', 'EUR'] as const;
const comesBackAfterMs = [1_000, 2_000, 5_000, 10_000] as const;

/**
 * What services of this size are commonly run with. Each process is sent four purchases in three seconds; the limiter
 * admits twice as many, which calls repeated by a retry soon reach.
 */
const config: NonNullable<Case['config']> = {
  processes: 2,
  leaseMs: 30_000,
  waitMs: 2_000,
  jitter: 'full',
  sweepEveryMs: 10_000,
  sweeps: 12,
  breaker: { failureThreshold: 5, windowMs: 60_000, recoveryTimeoutMs: 30_000, halfOpenProbes: 1 },
  limit: { maxCalls: 8, periodMs: 3_000, mode: 'reject' },
};

/** The day as a case for the reference's layers in `order`. Deterministic. */
export function workload(order: Order, { weather, gateway, seed }: Day): Case {
  const dice = diceAt(seed, 0);
  const steps = Array.from({ length: purchases }, (_, index) => purchase(dice, index)).flat();
  return {
    paystorm: 1,
    target: `stack:${orderName(order)}`,
    profile: gateway,
    seed,
    config,
    steps: steps.toSorted((a, b) => a.at - b.at),
    episodes: [...episodesOf(weather)],
  };
}

/**
 * One purchase: half of the clients ask again after a while whatever they were told, a few click twice and reach the other
 * process, and a few cards are declined.
 */
function purchase(dice: Random, index: number): ChargeStep[] {
  const process = index % 2;
  const step: ChargeStep = {
    id: `p${index}`,
    at: Math.floor(index * slotMs) + dice.nextInt(0, slotMs - 1),
    do: 'charge',
    key: `order-${index}`,
    amountMinor: pick(dice, amounts),
    currency: pick(dice, currencies),
    process,
  };
  if (often(dice, 3)) step.faults = [{ site: 'gateway.authorize', nth: 1, kind: 'hard-decline' }];
  if (often(dice, 50)) step.retries = [{ afterMs: pick(dice, comesBackAfterMs), process: 1 - process }];
  if (step.retries !== undefined && often(dice, 35)) step.retries.push({ afterMs: 10_000, process });
  if (!often(dice, 5)) return [step];
  const { faults: _faults, retries: _retries, ...click } = step;
  return [
    step,
    { ...click, id: `p${index}-again`, at: step.at + dice.nextInt(0, 200), process: 1 - process },
  ];
}
