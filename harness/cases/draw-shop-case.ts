// One descent from the dice to a case of orders.

import type { Random } from 'fast-check';
import { heldBackMs } from '../faults/assumptions.ts';
import type { Case, Step } from './case.ts';
import { isMoney, isRequest, retriesOf } from './case.ts';
import { comes, often, pick } from './draw.ts';
import type { Bias } from './draw-bias.ts';
import { type CaseFrame, menuFor, type Shelf } from './draw-case.ts';
import { drawConfig } from './draw-config.ts';
import { drawOrders, type ShopStage } from './draw-orders.ts';
import { type ShopBearer, scatterShopFaults } from './draw-shop-faults.ts';
import { announceBackwards, announceLate, disputeUnbooked, missAnnouncements } from './draw-shop-news.ts';
import { plotOrders } from './draw-shop-plots.ts';
import { drawStepUps } from './draw-step-ups.ts';
import { drawWeather } from './draw-weather.ts';
import type { ShopMenu } from './shop-menu.ts';
import { playedAs } from './tiers.ts';

type Config = NonNullable<Case['config']>;

/** What stays the same from case to case. */
export interface ShopFrame extends CaseFrame {
  readonly shopMenus: Shelf<ShopMenu>;
  readonly bias: Bias;
}

const schemes = ['standard', 'github'] as const;
const deliveryRetries = [0, 1, 2] as const;
const rows = ['txn_ch_1_1', 'txn_ch_1_1', 'txn_ch_2_1', 'txn_re_1_1', 'txn_dp_1_1'] as const;
const eventCounts = [1, 1, 2, 2, 3] as const;

/** Draws a case that the codec accepts and that breaks no assumption beyond those of the frame. */
export function drawShopCase(dice: Random, frame: ShopFrame): Case {
  const config = withinTolerance({ ...drawConfig(dice, frame.unbounded), ...drawWebhooks(dice) });
  // A gateway that keeps limits itself hides what a shop does not keep.
  if (often(dice, 33)) config.enforceLimits = false;
  const weather = menuFor(frame.menus, frame.profile, config);
  const episodes = often(dice, 10) ? drawWeather(dice, weather, undefined) : [];
  const weathered = episodes.filter((episode) => heldBackMs(episode) > 0).map(({ site }) => site);
  const { bias } = frame;
  const stage: ShopStage = { processes: config.processes ?? 1, bearers: [], weathered, bias };
  const steps = drawOrders(dice, stage);
  const background = drawBackground(dice, config, stage);
  scatterShopFaults(dice, menuFor(frame.shopMenus, frame.profile, config), stage);
  const plotted = plotOrders(dice, steps, { ...stage, leaseMs: config.leaseMs });
  if (comes(dice, bias.unannounced)) missAnnouncements(background, { ...stage, steps });
  if (comes(dice, bias.disputedUnbooked))
    plotted.push(...disputeUnbooked(dice, background, { ...stage, steps: [...steps, ...plotted] }));
  announceBackwards(dice, background, stage);
  announceLate(background, stage.bearers);
  const { target, profile } = frame;
  const subject: Case = {
    paystorm: 1,
    suite: 'checkout',
    target,
    profile,
    seed: dice.nextInt(0, 0x7fffffff),
    steps: [...steps, ...plotted, ...drawStepUps(dice, steps)].sort((a, b) => a.at - b.at),
  };
  Object.assign(subject, playedAs(frame));
  if (Object.keys(config).length > 0) subject.config = config;
  if (episodes.length > 0) subject.episodes = episodes;
  for (const [name, { faults }] of background)
    if (faults.length > 0) subject.background = { ...subject.background, [name]: faults };
  for (const step of steps) dropEmpty(step);
  return subject;
}

/**
 * A receiver whose clock is further off than its tolerance of old and new signatures refuses every delivery for ever, and
 * nothing is promised of what the gateway announces. So clocks differ by less.
 */
function withinTolerance(config: Config): Config {
  const { skewMs } = config;
  if (skewMs === undefined) return config;
  return { ...config, skewMs: skewMs.map((ms) => Math.min(Math.max(ms, -50_000), 240_000)) };
}

function drawWebhooks(dice: Random): Pick<Config, 'webhooks'> {
  const webhooks: NonNullable<Config['webhooks']> = {};
  if (often(dice, 30)) webhooks.scheme = pick(dice, schemes);
  if (often(dice, 30)) webhooks.rotates = true;
  if (often(dice, 25)) webhooks.retries = pick(dice, deliveryRetries);
  return Object.keys(webhooks).length === 0 ? {} : { webhooks };
}

/** Sweeps, deliveries of the first few events, and rows of reports, each at most once. */
function drawBackground(
  dice: Random,
  config: Config,
  { bearers, weathered, bias }: ShopStage,
): Map<string, ShopBearer> {
  const background = new Map<string, ShopBearer>();
  const join = (name: string, carrier: ShopBearer['carrier']): void => {
    if (background.has(name)) return;
    const bearer: ShopBearer = { carrier, faults: [], weathered };
    background.set(name, bearer);
    bearers.push(bearer);
  };
  const sweeps = config.sweepEveryMs === undefined ? 0 : (config.sweeps ?? 1);
  for (let index = 1; index <= sweeps; index++) join(`sweep:${index}`, 'sweep');
  if (often(dice, bias.announced)) {
    for (let left: number = pick(dice, eventCounts); left > 0; left--)
      join(`twin:deliver:evt_${dice.nextInt(1, bias.events)}`, 'delivery');
  }
  if (often(dice, bias.reported)) join(`twin:row:${pick(dice, rows)}`, 'row');
  return background;
}

function dropEmpty(step: Step): void {
  if (!isRequest(step)) return;
  if (step.faults?.length === 0) delete step.faults;
  for (const retry of retriesOf(step)) if (retry.faults?.length === 0) delete retry.faults;
  if (isMoney(step) && step.retries?.length === 0) delete step.retries;
}
