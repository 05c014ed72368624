// One descent over tables from the dice to a case, because generation must stay a small part of a run.

import type { Random } from 'fast-check';
import { heldBackMs } from '../faults/assumptions.ts';
import { boundedEffectDelayMs, capabilitiesOf } from '../gateway-twin/profiles.ts';
import type { Case, ChargeStep, ProfileName } from './case.ts';
import { often } from './draw.ts';
import { drawConfig } from './draw-config.ts';
import { type Bearer, scatterFaults } from './draw-faults.ts';
import { plotFaults } from './draw-plots.ts';
import { drawStepUps } from './draw-step-ups.ts';
import { drawSteps, type Stage } from './draw-steps.ts';
import { drawWeather } from './draw-weather.ts';
import type { FaultMenu } from './fault-menu.ts';
import { type Played, playedAs } from './tiers.ts';

/** What stays the same from case to case. */
export interface CaseFrame extends Played {
  readonly target: string;
  readonly profile: ProfileName;
  readonly menus: Shelf<FaultMenu>;
  /** Whether requests may be held back for longer than the gateway's horizon. */
  readonly unbounded: boolean;
}

/** What may strike where a key is known for as long as a request may be under way, and where it is not. */
export interface Shelf<Menu> {
  readonly remembering: Menus<Menu>;
  readonly forgetful: Menus<Menu>;
}

/** What may strike where look-ups are always up to date, and where they may be stale. */
interface Menus<Menu> {
  readonly consistent: Menu;
  readonly stale: Menu;
}

/** The menu for a gateway of `profile` as `config` has it. */
export function menuFor<Menu>(
  { remembering, forgetful }: Shelf<Menu>,
  profile: ProfileName,
  config: NonNullable<Case['config']>,
): Menu {
  const { keyRetentionMs, lookup } = capabilitiesOf(profile, config);
  const menus = keyRetentionMs < boundedEffectDelayMs ? forgetful : remembering;
  return lookup.consistentAfterMs > 0 ? menus.stale : menus.consistent;
}

/** How often a case has weather, by the guard that it is about. */
const weatherShares = { breaker: 65, limit: 20, none: 9 };

/** Draws a case that the codec accepts and that breaks no assumption beyond those of the frame. */
export function drawCase(dice: Random, frame: CaseFrame): Case {
  const config = drawConfig(dice, frame.unbounded);
  const menu = menuFor(frame.menus, frame.profile, config);
  const guard = config.breaker !== undefined ? 'breaker' : config.limit !== undefined ? 'limit' : undefined;
  const stormy = often(dice, weatherShares[guard ?? 'none']);
  const episodes = stormy ? drawWeather(dice, menu, guard) : [];
  const stage: Stage = {
    processes: config.processes ?? 1,
    guard,
    bearers: [],
    weathered: episodes.filter((episode) => heldBackMs(episode) > 0).map(({ site }) => site),
  };
  const steps = drawSteps(dice, stage);
  const subject: Case = {
    paystorm: 1,
    target: frame.target,
    profile: frame.profile,
    seed: dice.nextInt(0, 0x7fffffff),
    steps,
  };
  Object.assign(subject, playedAs(frame));
  if (Object.keys(config).length > 0) subject.config = config;
  if (episodes.length > 0) subject.episodes = episodes;
  const sweeps = drawSweepBearers(config, stage);
  plotFaults(dice, config, stage);
  scatterFaults(dice, menu, stage.bearers);
  for (const [name, bearer] of sweeps) {
    if (bearer.faults.length > 0) subject.background = { ...subject.background, [name]: bearer.faults };
  }
  const stepUps = drawStepUps(dice, steps);
  if (stepUps.length > 0) subject.steps = [...steps, ...stepUps].sort((a, b) => a.at - b.at);
  for (const step of steps) if (step.do === 'charge') dropEmpty(step);
  return subject;
}

function drawSweepBearers(
  config: NonNullable<Case['config']>,
  { bearers, weathered }: Stage,
): [string, Bearer][] {
  const sweeps: [string, Bearer][] = [];
  if (config.sweepEveryMs === undefined) return sweeps;
  for (let index = 1; index <= (config.sweeps ?? 1); index++) {
    const bearer: Bearer = { carrier: 'sweep', faults: [], weathered };
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
