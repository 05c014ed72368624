// Plots in a case of orders what is hardly ever met by chance, because several things have to come together.

import type { Random } from 'fast-check';
import type { CheckoutStep, DisputeStep, Fault, Step } from './case.ts';
import { comes, often, pick, pickFrom } from './draw.ts';
import type { Bias } from './draw-bias.ts';
import { carry } from './draw-faults.ts';
import { neverRelease, type ShopBearer } from './draw-shop-faults.ts';

/** Until an order is surely paid, milliseconds after it was placed. */
const paidAfterMs = 400;
const meanwhileMs = [100, 1_000, 9_000] as const;
const onTheWay = ['pending', 'refund-fails-later', 'refund-bounces'] as const;

// What an act of an order is left in doubt by, and what its repetition meets then: a no that says nothing of the first time.
const doubts = ['response-lost', 'response-lost', 'request-lost', 'crash-after-apply', 'hang'] as const;
const forth = [
  'inventory.reserve',
  'shipping.ship',
  'shipping.ship',
  'gateway.authorize',
  'gateway.capture',
] as const;
const back = ['gateway.void', 'gateway.refund', 'gateway.refund', 'inventory.release'] as const;
/** Long enough for somebody to look, and within what the gateway declares. */
const underWayMs = [12_000, 29_000] as const;

/** What keeps a declined order from being over when its payment appears all the same. */
const holdUps = [
  { site: 'store.fail', nth: 1, kind: 'crash-after-apply', restartAfterMs: 35_000 },
  { site: 'saga.save', nth: 2, kind: 'crash-before-apply', restartAfterMs: 95_000 },
  { site: 'saga.save', nth: 2, kind: 'reply-delay', ms: 9_000 },
  { site: 'inventory.release', nth: 1, kind: 'hang' },
] as const satisfies readonly Fault[];
const appearsAfterMs = [0, 1_000, 5_000] as const;

/** How long a lease is where nobody says otherwise, milliseconds. */
const usualLeaseMs = 90_000;
/** How long after its lease the driver of an order wakes up: before and after whatever was under way is over. */
const oversleptMs = [5_000, 45_000, 150_000] as const;
/** Journal writes behind which the driver is about to act. */
const asleepAt = [1, 2, 3, 3, 3, 4] as const;

/** What keeps an event from being kept, and what strikes while it is handled. */
const losses = [
  { site: 'inbox.receive', nth: 1, kind: 'request-lost' },
  { site: 'inbox.receive', nth: 1, kind: 'crash-before-apply' },
  { site: 'ledger.commit', nth: 1, kind: 'request-lost' },
  { site: 'ledger.commit', nth: 1, kind: 'crash-before-apply' },
  { site: 'inbox.finish', nth: 1, kind: 'crash-before-apply' },
] as const satisfies readonly Fault[];

/** Who carries faults in a case, and what is plotted there. */
export interface Plotting {
  readonly bearers: readonly ShopBearer[];
  readonly bias: Pick<
    Bias,
    | 'stuck'
    | 'disputedMeanwhile'
    | 'announcedTwice'
    | 'doubted'
    | 'appearing'
    | 'overslept'
    | 'unheard'
    | 'newsCut'
    | 'newsLost'
  >;
  readonly processes: number;
  /** How long the driver of an order has it for itself, milliseconds, where that is not usual. */
  readonly leaseMs: number | undefined;
}

/** Gives the bearers the faults of a plot now and then; returns the steps that belong to it. */
export function plotOrders(dice: Random, steps: readonly Step[], plotting: Plotting): Step[] {
  const { bearers, bias } = plotting;
  const [first] = bearers;
  if (first !== undefined) {
    if (comes(dice, bias.stuck)) stick(first);
    if (comes(dice, bias.doubted)) doubt(dice, first);
    if (comes(dice, bias.appearing)) appear(dice, first);
  }
  if (comes(dice, bias.announcedTwice)) announce(bearers, 'webhook-two-ids');
  if (comes(dice, bias.newsCut)) cutNews(bearers);
  if (comes(dice, bias.newsLost)) loseNews(dice, bearers);
  if (comes(dice, bias.unheard)) bounceUnheard(dice, bearers);
  return [
    ...(comes(dice, bias.disputedMeanwhile) ? disputeMeanwhile(dice, steps) : []),
    ...(comes(dice, bias.overslept) ? oversleep(dice, steps, plotting) : []),
  ];
}

/** An order that is refused, and whose goods nobody takes back: people have to be called. */
function stick(first: ShopBearer): void {
  carry(first, { site: 'shipping.ship', nth: 1, kind: 'service-refuses' });
  neverRelease(first);
}

/** An act of the order, or of its way back, that is repeated because nobody heard how it ended. */
function doubt(dice: Random, first: ShopBearer): void {
  if (often(dice, 50)) {
    const site = pick(dice, forth);
    // Goods may be held for an order behind a no that its repetition met.
    if (site === 'inventory.reserve' && often(dice, 40))
      carry(first, { site, nth: 1, kind: 'delay', ms: pick(dice, underWayMs) });
    else carry(first, { site, nth: 1, kind: pick(dice, doubts) });
    carry(first, { site, nth: 2, kind: refusalAt(dice, site) });
    return;
  }
  carry(first, { site: 'shipping.ship', nth: 1, kind: 'service-refuses' });
  const site = pick(dice, back);
  if (often(dice, 50)) {
    for (const nth of [1, 2]) carry(first, { site, nth, kind: refusalAt(dice, site) });
    return;
  }
  if (site === 'inventory.release') carry(first, { site, nth: 1, kind: pick(dice, doubts) });
  else if (often(dice, 50)) carry(first, { site, nth: 1, kind: 'late', ms: pick(dice, underWayMs) });
  else bounceUnheardOf(dice, first);
}

/** A refund whose answer nobody heard, and that comes back. */
function bounceUnheardOf(dice: Random, bearer: ShopBearer): void {
  const refund = { site: 'gateway.refund', nth: 1 } as const;
  carry(bearer, { ...refund, kind: pick(dice, doubts) });
  carry(bearer, { ...refund, kind: 'refund-bounces', ms: pick(dice, meanwhileMs) });
}

function refusalAt(dice: Random, site: Fault['site']): Fault['kind'] {
  if (often(dice, 40)) return 'refused';
  return site.startsWith('gateway.') ? 'hard-decline' : 'service-refuses';
}

/** A payment that was declined and is approved all the same, while the order is still at it. */
function appear(dice: Random, first: ShopBearer): void {
  const ms = pick(dice, appearsAfterMs);
  carry(first, { site: 'gateway.authorize', nth: 1, kind: 'late-authorization', ms });
  if (often(dice, 70)) carry(first, pick<Fault>(dice, holdUps));
  else neverRelease(first);
}

/** A refund that comes back, of which no announcement arrives. */
function bounceUnheard(dice: Random, bearers: readonly ShopBearer[]): void {
  const refund = bearers.find(({ carrier }) => carrier === 'refund');
  if (refund === undefined) return;
  if (often(dice, 50)) return bounceUnheardOf(dice, refund);
  carry(refund, { site: 'gateway.refund', nth: 1, kind: 'refund-bounces', ms: pick(dice, meanwhileMs) });
  announce(bearers, 'webhook-never');
}

function announce(bearers: readonly ShopBearer[], kind: 'webhook-two-ids' | 'webhook-never'): void {
  for (const bearer of bearers)
    if (bearer.carrier === 'delivery') carry(bearer, { site: 'webhook.deliver', nth: 1, kind });
}

/**
 * The driver of an order sleeps beyond its lease when it is about to act; whoever takes the order up meanwhile is refused what
 * comes next.
 */
function oversleep(
  dice: Random,
  steps: readonly Step[],
  { bearers: [first], processes, leaseMs = usualLeaseMs }: Plotting,
): CheckoutStep[] {
  const order = steps.find((step) => step.do === 'checkout');
  if (first === undefined || order === undefined || processes < 2) return [];
  const ms = leaseMs + pick(dice, oversleptMs);
  carry(first, { site: 'saga.save', nth: pick(dice, asleepAt), kind: 'stall', ms });
  if (often(dice, 30)) carry(first, { site: 'shipping.ship', nth: 1, kind: 'service-refuses' });
  const { faults: _, retries: __, ...again } = order;
  const process = (order.process + 1) % processes;
  const at = order.at + leaseMs + pick(dice, meanwhileMs);
  const faults: Fault[] = [{ site: 'shipping.ship', nth: 1, kind: 'service-refuses' }];
  return [{ ...again, id: `${order.id}-taker`, at, process, faults }];
}

/** Once what becomes of the first news is written down: who did so before telling them has told nobody. */
function cutNews(bearers: readonly ShopBearer[]): void {
  for (const bearer of bearers)
    if (bearer.carrier === 'sweep')
      carry(bearer, { site: 'outbox.settle', nth: 1, kind: 'crash-after-apply' });
}

/** Most events only confirm what is known by then: what is lost of the one that matters is hardly ever met by chance. */
function loseNews(dice: Random, bearers: readonly ShopBearer[]): void {
  const delivery = pickFrom(
    dice,
    bearers.filter(({ carrier }) => carrier === 'delivery'),
  );
  if (delivery !== undefined) carry(delivery, pick<Fault>(dice, losses));
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
  const lost: DisputeStep = { id: `${id}-lost`, at, do: 'dispute', key: order, act: 'opened' };
  // Of a part, so that something is left to be given back.
  if (often(dice, 40)) lost.amountMinor = Math.ceil(refund.amountMinor / 2);
  return [lost];
}
