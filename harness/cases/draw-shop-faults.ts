// Scatters faults over a case of orders: few kinds in each case, because kinds hide each other (swarm testing, Groce et
// al., ISSTA 2012), and most of them on one order.

import type { Random } from 'fast-check';
import type { Fault } from './case.ts';
import { comes, often, pick, pickFrom } from './draw.ts';
import type { Bias } from './draw-bias.ts';
import { type Bearer, carry, drawDetails } from './draw-faults.ts';
import type { ShopCarrier, ShopMenu, ShopMenuItem } from './shop-menu.ts';

/** One actor of the case that can carry faults, and those that it carries. */
export interface ShopBearer extends Pick<Bearer, 'faults' | 'weathered'> {
  readonly carrier: ShopCarrier;
}

const kindCounts = [1, 2, 3, 3, 4, 6] as const;
const occurrences = [1, 1, 1, 1, 1, 2, 2, 3] as const;

/** Who carries faults in a case, and what it is drawn by. */
export interface Scattering {
  readonly bearers: readonly ShopBearer[];
  readonly bias: Bias;
}

/** Gives the bearers up to five faults of a few kinds. The first of those that the case is about is the likeliest to be hit. */
export function scatterShopFaults(dice: Random, menu: ShopMenu, { bearers, bias }: Scattering): void {
  const enabled = enable(dice, menu);
  const likeliest = bearers.find(({ carrier }) => carrier === bias.likeliest) ?? bearers[0];
  for (let left: number = pick(dice, bias.faults); left > 0; left--) {
    const bearer = often(dice, 40) ? likeliest : pickFrom(dice, bearers);
    if (bearer !== undefined) hit(dice, enabled, bearer);
  }
  // Announcements have the most kinds and would else meet the fewest faults.
  const { hitEvents, hitRows } = bias;
  for (const bearer of bearers)
    if (bearer.carrier === 'delivery' && often(dice, hitEvents)) hit(dice, menu, bearer);
  for (const bearer of bearers) if (bearer.carrier === 'row' && comes(dice, hitRows)) hit(dice, menu, bearer);
  const [first] = bearers;
  if (first !== undefined) plot(dice, first, bias);
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
  { site: 'gateway.authorize', nth: 1, kind: 'partial-approval' },
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

/** One attempt and the retries that a compensation gets. */
const undoAttempts = [1, 2, 3, 4] as const;

/** Has the goods of an order never taken back: only what fails as often as it is tried ends with people. */
export function neverRelease(bearer: ShopBearer): void {
  for (const nth of undoAttempts) carry(bearer, { site: 'inventory.release', nth, kind: 'service-refuses' });
}

function plot(dice: Random, first: ShopBearer, { refused }: Bias): void {
  if (!often(dice, refused)) return;
  carry(first, pick<Fault>(dice, refusals));
  if (often(dice, 60)) carry(first, pick<Fault>(dice, troubles));
  else if (often(dice, 40)) neverRelease(first);
}
