// Plots in a case of orders what the gateway announces of what nobody can know otherwise: it is lost, or is not lost where
// nothing could be promised then.

import type { Random } from 'fast-check';
import type { DisputeStep, Step } from './case.ts';
import { often, pick } from './draw.ts';
import { carry } from './draw-faults.ts';
import type { ShopBearer } from './draw-shop-faults.ts';

/** What happens in a short case is told by so many events. */
const firstEvents = [1, 2, 3, 4, 5] as const;

/** A case and who carries its faults. */
interface Announcing {
  readonly bearers: readonly ShopBearer[];
  readonly steps: readonly Step[];
  readonly weathered: ShopBearer['weathered'];
}

/**
 * Sends none of the first events, so that only the gateway's report tells of a dispute. Somebody reconciles right after it, and
 * what he does about it fails at first.
 */
export function missAnnouncements(
  background: Map<string, ShopBearer>,
  { bearers, steps, weathered }: Announcing,
): void {
  for (const number of firstEvents) {
    const never = { site: 'webhook.deliver', nth: 1, kind: 'webhook-never' } as const;
    background.set(`twin:deliver:evt_${number}`, { carrier: 'delivery', faults: [{ ...never }], weathered });
  }
  for (const bearer of bearers)
    if (bearer.carrier === 'reconcile') carry(bearer, { site: 'gateway.redeliver', nth: 1, kind: 'refused' });
  const lost = steps.find((step) => step.do === 'dispute');
  const books = steps.find((step) => step.do === 'reconcile');
  if (lost !== undefined && books !== undefined) books.at = Math.max(books.at, lost.at + 1_000);
}

/**
 * An authorisation that comes after a decline is in no report, nor is a row that is missing. If it is not announced either,
 * nobody can know of it, and nothing is promised; so then everything is announced.
 */
export function announceLate(
  background: ReadonlyMap<string, ShopBearer>,
  bearers: readonly ShopBearer[],
): void {
  const carriers = [...bearers, ...background.values()];
  if (!carriers.some(({ faults }) => faults.some(({ kind }) => onlyAnnounced.has(kind)))) return;
  for (const { faults } of background.values()) {
    const heard = faults.filter(({ kind }) => kind !== 'webhook-never');
    faults.splice(0, faults.length, ...heard);
  }
}

/** When the first event of a late payment is heard, its decline, and when the last, what was made of it; milliseconds. */
const backwards = [
  ['evt_1', 9_000],
  ['evt_3', 40_000],
] as const;

/** Announces now and then that a payment was declined once everybody has heard that it was approved all the same. */
export function announceBackwards(
  dice: Random,
  background: Map<string, ShopBearer>,
  { bearers, weathered }: Omit<Announcing, 'steps'>,
): void {
  const isLate = bearers.some(({ faults }) => faults.some(({ kind }) => kind === 'late-authorization'));
  if (!isLate || !often(dice, 30)) return;
  for (const [event, ms] of backwards) {
    const late = { site: 'webhook.deliver', nth: 1, kind: 'delay', ms } as const;
    background.set(`twin:deliver:${event}`, { carrier: 'delivery', faults: [late], weathered });
  }
}

/** What only an announcement tells of. */
const onlyAnnounced: ReadonlySet<string> = new Set(['late-authorization', 'row-missing']);

/** Soon enough that nobody has gone on with an order whose process died. */
const disputedAfterMs = [1_500, 4_000, 20_000] as const;

/**
 * The payer's bank takes back a payment that the shop has not booked: its process died over the capture, and what announces
 * the capture is not sent; or the books do not answer when they are told.
 */
export function disputeUnbooked(
  dice: Random,
  background: Map<string, ShopBearer>,
  { bearers, steps, weathered }: Announcing,
): DisputeStep[] {
  const [first] = bearers;
  const order = steps.find((step) => step.do === 'checkout');
  if (first === undefined || order === undefined) return [];
  if (steps.some((step) => step.do === 'dispute' && step.key === order.key)) return [];
  const isUnknown = often(dice, 50);
  if (isUnknown) carry(first, { site: 'gateway.capture', nth: 1, kind: 'crash-after-apply' });
  const never = { site: 'webhook.deliver', nth: 1, kind: 'webhook-never' } as const;
  const silent = { site: 'ledger.commit', nth: 1, kind: 'request-lost' } as const;
  for (const number of isUnknown ? firstEvents.slice(0, 2) : firstEvents)
    background.set(`twin:deliver:evt_${number}`, {
      carrier: 'delivery',
      faults: [isUnknown ? never : silent],
      weathered,
    });
  const at = order.at + pick(dice, disputedAfterMs);
  return [{ id: `${order.id}-taken`, at, do: 'dispute', key: order.key, act: 'opened' }];
}
