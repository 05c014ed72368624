// S11. Undone means that the payer is where they were before: nothing reserved, nothing kept; and that nothing was sent.

import type { BookedCharge } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { beyondReachMinor, isOpen, owedMinor } from './money-back.ts';
import { shopCheck } from './shop-check.ts';
import { entriesInto, type SagaView, type ShopView, sagaCalled } from './shop-view.ts';
import { breaks, holds } from './verdicts.ts';

const assumes = ['bounded-delay', 'single-delivery', 'key-retention'] as const;

/** S11 compensated-is-clean: a COMPENSATED saga has no open authorisation and nets to zero. */
export const compensatedIsClean: Checker = {
  id: 'S11',
  name: 'compensated-is-clean',
  statement:
    'Once all has settled, a compensated order has no open authorisation, has given all captured money back, holds no goods, ' +
    'and was not shipped.',
  evidence: ['books'],
  assumes,
  hint:
    'The compensation undid what the saga believed, not what stood at the gateway: look for a charge that landed after it ' +
    'was looked for, a void of what was captured, a remainder that was left, and a refund that failed later.',
  check: shopCheck({ trace: false, assumes }, judge),
};

function judge(shop: ShopView): Verdict {
  if (shop.settledAt === undefined) return holds(0);
  let judged = 0;
  for (const saga of shop.sagas) {
    if (saga.final?.state !== 'COMPENSATED' || !ownsCharges(saga)) continue;
    judged += 1;
    const fault = uncleanness(shop, saga);
    if (fault !== undefined) {
      const sends = saga.order?.intent?.sends.map(({ crossing }) => crossing) ?? [];
      return breaks(`${sagaCalled(saga)} ended as COMPENSATED, but ${fault}`, [
        ...sends,
        saga.moments.at(-1)?.crossing,
      ]);
    }
  }
  return holds(judged);
}

/** Whether every charge of the purchase is to be undone: a client may order it again under another key. */
function ownsCharges({ order }: SagaView): boolean {
  return order?.sagas.every(({ final }) => final?.state === 'COMPENSATED') === true;
}

function uncleanness({ books }: ShopView, saga: SagaView): string | undefined {
  const { order } = saga;
  const endedAt = entriesInto(saga, 'COMPENSATED').at(-1)?.at;
  for (const charge of order?.intent?.charges ?? []) {
    const { id, currency, capturedMinor, refundedMinor } = charge;
    if (isOpen(charge)) return `charge ${id} is still ${wordsFor(charge)}`;
    const owed = owedMinor(charge, endedAt) - beyondReachMinor(charge, books.pages);
    if (owed > 0) return `${owed} ${currency} of charge ${id} were kept`;
    if (refundedMinor > capturedMinor)
      return `${refundedMinor} ${currency} were given back of ${capturedMinor} captured by charge ${id}`;
  }
  const held = books.reservations.find((one) => order?.names.has(one.order) && one.releasedAt === undefined);
  if (held !== undefined) return `goods of order ${held.order} are still held`;
  const shipment = books.shipments.find((one) => order?.names.has(one.order));
  return shipment === undefined ? undefined : `order ${shipment.order} was shipped`;
}

function wordsFor({ status, openMinor, currency }: BookedCharge): string {
  return status === 'captured' ? `open over ${openMinor} ${currency}` : status;
}
