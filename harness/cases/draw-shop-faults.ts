// Scatters faults over a case of orders: few kinds in each case, because kinds hide each other (swarm testing, Groce et
// al., ISSTA 2012), and most of them on one order.

import type { Random } from 'fast-check';
import type { Fault } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import { type Bearer, carry, drawDetails } from './draw-faults.ts';
import type { ShopCarrier, ShopMenu, ShopMenuItem } from './shop-menu.ts';

/** One actor of the case that can carry faults, and those that it carries. */
export interface ShopBearer extends Pick<Bearer, 'faults' | 'weathered'> {
  readonly carrier: ShopCarrier;
}

const faultCounts = [0, 1, 1, 2, 2, 2, 3, 3, 4, 5] as const;
const kindCounts = [1, 2, 3, 3, 4, 6] as const;
const occurrences = [1, 1, 1, 1, 1, 2, 2, 3] as const;

/** Gives the bearers up to five faults of a few kinds. The first of them is the likeliest to be hit. */
export function scatterShopFaults(dice: Random, menu: ShopMenu, bearers: readonly ShopBearer[]): void {
  const enabled = enable(dice, menu);
  for (let left: number = pick(dice, faultCounts); left > 0; left--) {
    const bearer = often(dice, 40) ? bearers[0] : pickFrom(dice, bearers);
    if (bearer !== undefined) hit(dice, enabled, bearer);
  }
  // Announcements have the most kinds and would else meet the fewest faults.
  for (const bearer of bearers) if (bearer.carrier === 'delivery' && often(dice, 50)) hit(dice, menu, bearer);
  const [first] = bearers;
  if (first !== undefined) plot(dice, first);
}

/** A few kinds for each carrier; all that a row can meet, because it meets nothing else. */
function enable(dice: Random, menu: ShopMenu): ShopMenu {
  const some = (items: readonly ShopMenuItem[]): readonly ShopMenuItem[] => {
    const chosen: ShopMenuItem[] = [];
    for (let left: number = pick(dice, kindCounts); left > 0; left--) {
      const item = pickFrom(dice, items);
      if (item !== undefined) chosen.push(item);
    }
    return chosen;
  };
  return {
    checkout: some(menu.checkout),
    refund: some(menu.refund),
    reconcile: some(menu.reconcile),
    sweep: some(menu.sweep),
    delivery: some(menu.delivery),
    row: menu.row,
  };
}

function hit(dice: Random, menu: ShopMenu, bearer: ShopBearer): void {
  const item = pickFrom(dice, menu[bearer.carrier]);
  const site = item && pickFrom(dice, item.sites);
  if (item === undefined || site === undefined) return;
  // A row is reported once.
  const nth = bearer.carrier === 'row' ? 1 : pick(dice, occurrences);
  carry(bearer, { site, nth, kind: item.kind, ...drawDetails(dice, item.kind, site) });
}

/** What makes an order be undone, and what makes the undoing hard. */
const refusals = [
  { site: 'shipping.ship', nth: 1, kind: 'service-refuses' },
  { site: 'shipping.ship', nth: 1, kind: 'service-refuses' },
  { site: 'gateway.capture', nth: 1, kind: 'hard-decline' },
  { site: 'inventory.reserve', nth: 1, kind: 'service-refuses' },
] as const satisfies readonly Fault[];
const troubles = [
  { site: 'gateway.refund', nth: 1, kind: 'refund-fails-later' },
  { site: 'gateway.refund', nth: 1, kind: 'refund-bounces' },
  { site: 'gateway.refund', nth: 1, kind: 'response-lost' },
  { site: 'gateway.refund', nth: 1, kind: '500-before-commit' },
  { site: 'gateway.void', nth: 1, kind: 'response-lost' },
  { site: 'inventory.release', nth: 1, kind: 'service-refuses' },
  { site: 'saga.save', nth: 3, kind: 'crash-after-apply' },
] as const satisfies readonly Fault[];

function plot(dice: Random, first: ShopBearer): void {
  if (!often(dice, 25)) return;
  carry(first, pick<Fault>(dice, refusals));
  if (often(dice, 60)) carry(first, pick<Fault>(dice, troubles));
}
