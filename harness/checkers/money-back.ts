// What a charge has brought the merchant, read from the gateway's books.

import type { BookedCharge } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { BookedPage } from '../history/shop.ts';

/** What the payer's bank has withdrawn for good or until further notice, minor units. */
export function disputedMinor({ disputes = [] }: BookedCharge): number {
  return totalMinor(disputes.filter(({ status }) => status !== 'won'));
}

/**
 * What the payer is still owed of a charge that was to be undone by `endedAt`, minor units: negative when more came back
 * than was taken. A dispute that was won later had taken the money out of the merchant's hands when it was to be given back.
 */
export function owedMinor(charge: BookedCharge, endedAt: Instant | undefined): number {
  const { capturedMinor, refundedMinor, disputes = [] } = charge;
  const taken = disputes.filter(
    ({ status, changedAtMs }) => status !== 'won' || endedAt === undefined || changedAtMs > endedAt.atMs,
  );
  return capturedMinor - refundedMinor - totalMinor(taken);
}

/**
 * What the payer's bank sent back more than once, if people were called about it, minor units: no program can make a bank
 * keep it. A refund that came back for the first time has to be paid again.
 */
export function beyondReachMinor({ refunds = [] }: BookedCharge, pages: readonly BookedPage[]): number {
  const failed = refunds.filter(({ status }) => status === 'failed');
  const isNamed = ({ about }: BookedPage): boolean => {
    const words = about.split(/[^\w-]+/);
    return failed.some(({ id }) => words.includes(id));
  };
  return pages.some(isNamed) ? totalMinor(failed.slice(1)) : 0;
}

/** Whether something is still reserved on the payer's card, or may still be. */
export function isOpen({ status, openMinor = 0 }: BookedCharge): boolean {
  return status === 'authorized' || status === 'pending' || openMinor > 0;
}

/** The sum of some movements, minor units. */
export function totalMinor(items: readonly { readonly amountMinor: number }[]): number {
  return items.reduce((total, { amountMinor }) => total + amountMinor, 0);
}
