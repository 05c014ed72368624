// Plots in a case of orders what is hardly ever met by chance, because several things have to come together.

import type { Random } from 'fast-check';
import type { DisputeStep, Step } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import type { Bias } from './draw-bias.ts';
import { carry } from './draw-faults.ts';
import type { ShopBearer } from './draw-shop-faults.ts';

/** Until an order is surely paid, milliseconds after it was placed. */
const paidAfterMs = 400;
const meanwhileMs = [100, 1_000, 9_000] as const;
const onTheWay = ['pending', 'refund-fails-later', 'refund-bounces'] as const;

/** One attempt and the retries that a compensation gets. */
const undoAttempts = [1, 2, 3, 4] as const;

/** Who carries faults in a case, and what is plotted there. */
export interface Plotting {
  readonly bearers: readonly ShopBearer[];
  readonly bias: Pick<Bias, 'stuck' | 'disputedMeanwhile' | 'announcedTwice'>;
}

/** Gives the bearers the faults of a plot now and then; returns the steps that belong to it. */
export function plotOrders(dice: Random, steps: readonly Step[], { bearers, bias }: Plotting): Step[] {
  const [first] = bearers;
  if (first !== undefined && bias.stuck > 0 && often(dice, bias.stuck)) stick(first);
  if (bias.announcedTwice > 0 && often(dice, bias.announcedTwice)) announceTwice(bearers);
  const meanwhile = bias.disputedMeanwhile > 0 && often(dice, bias.disputedMeanwhile);
  return meanwhile ? disputeMeanwhile(dice, steps) : [];
}

/** An order that is refused, and whose goods nobody takes back: people have to be called. */
function stick(first: ShopBearer): void {
  carry(first, { site: 'shipping.ship', nth: 1, kind: 'service-refuses' });
  for (const nth of undoAttempts) carry(first, { site: 'inventory.release', nth, kind: 'service-refuses' });
}

function announceTwice(bearers: readonly ShopBearer[]): void {
  for (const bearer of bearers)
    if (bearer.carrier === 'delivery')
      carry(bearer, { site: 'webhook.deliver', nth: 1, kind: 'webhook-two-ids' });
}

/** The payer's bank takes back what is just being refunded. */
function disputeMeanwhile(dice: Random, steps: readonly Step[]): DisputeStep[] {
  const disputed = new Set(steps.flatMap((step) => (step.do === 'dispute' ? [step.key] : [])));
  const refunds = steps.filter((step) => step.do === 'refund').filter(({ order }) => !disputed.has(order));
  const refund = pickFrom(dice, refunds);
  if (refund === undefined) return [];
  const { faults = [], id, order } = refund;
  refund.at += paidAfterMs;
  refund.faults = faults.filter(({ site }) => site !== 'gateway.refund');
  refund.faults.push({ site: 'gateway.refund', nth: 1, kind: pick(dice, onTheWay), ms: 40_000 });
  const at = refund.at + pick(dice, meanwhileMs);
  return [{ id: `${id}-lost`, at, do: 'dispute', key: order, act: 'opened' }];
}
