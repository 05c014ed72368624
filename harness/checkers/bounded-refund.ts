// S3. No more goes back than came in, at any moment: what is refunded or on its way, and what the payer's bank is known
// to have taken, stays within what was captured. Judged from the gateway's books, whether it enforces limits or not.

import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { BookedCharge, BookedRefund, Crossing, History } from '../history/history.ts';
import type { RefundIntent } from '../history/shop.ts';
import type { Checker, Verdict } from './checker.ts';
import { totalMinor } from './money-back.ts';
import { shopCheck } from './shop-check.ts';
import type { ShopView } from './shop-view.ts';
import { breaks, holds } from './verdicts.ts';
import { viewOf } from './view-of.ts';

const assumes = ['single-delivery', 'key-retention'] as const;

/** S3 bounded-refund: refunds ≤ captured − disputes known when sent; captured ≤ authorised. */
export const boundedRefund: Checker = {
  id: 'S3',
  name: 'bounded-refund',
  statement:
    'Refunds never exceed what was captured less the disputes known when they were sent, and captures never what was ' +
    'authorised.',
  evidence: ['books', 'trace'],
  assumes,
  hint:
    'Two refunds were each checked against the same balance, or one was sent again under another key: look for a check ' +
    'and a send with anything in between, and for refunds made beside a dispute.',
  check: shopCheck({ trace: false, assumes }, judge),
};

function judge(shop: ShopView): Verdict {
  const { history } = shop;
  let judged = 0;
  for (const charge of history.books.charges) {
    const { id, amountMinor, approvedMinor = amountMinor, currency, capturedMinor, refunds = [] } = charge;
    if (capturedMinor === 0 && refunds.length === 0) continue;
    judged += 1;
    if (capturedMinor > approvedMinor) {
      return breaks(
        `charge ${id} was authorised over ${approvedMinor} ${currency}, and ${capturedMinor} were captured`,
        movementsOf(history, id),
      );
    }
    for (const refund of refunds) {
      // What the gateway refused at once never was on its way.
      if (!stoodAt(refund, refund.at.atMs)) continue;
      judged += 1;
      const excess = excessOf(shop, charge, refund);
      if (excess !== undefined) return breaks(excess, movementsOf(history, id));
    }
  }
  return holds(judged);
}

/** What is wrong with a refund at the instant at which it was booked; undefined when it kept within bounds. */
function excessOf(shop: ShopView, charge: BookedCharge, refund: BookedRefund): string | undefined {
  const { id, capturedMinor, currency, captures, refunds = [] } = charge;
  const { order, atMs } = refund.at;
  const captured =
    captures === undefined ? capturedMinor : totalMinor(captures.filter(({ at }) => at.order < order));
  const before = totalMinor(refunds.filter((other) => other.at.order < order && stoodAt(other, atMs)));
  const sent = decidedAt(shop, charge, refund);
  const known = (charge.disputes ?? []).filter(
    (dispute) =>
      (dispute.status !== 'won' || dispute.changedAtMs > atMs) &&
      bookedAtMs(shop.books.entries, dispute.id) < sent,
  );
  const disputed = totalMinor(known);
  if (before + refund.amountMinor <= captured - disputed) return undefined;
  const besides = disputed === 0 ? '' : ` and ${disputed} were known to be disputed`;
  return (
    `refund ${refund.id} sends ${refund.amountMinor} ${currency} back although ${captured} were captured of charge ${id}, ` +
    `${before} refunded before${besides}`
  );
}

function stoodAt({ status, changedAtMs }: BookedRefund, atMs: number): boolean {
  return status !== 'failed' || changedAtMs > atMs;
}

/**
 * When a refund was decided on, milliseconds: a dispute that arrives between the decision and the send is nobody's fault.
 * That is when its key was first sent, or when its client first asked for it; where nobody's client sent it, when any first
 * asked for as much of the same purchase.
 */
function decidedAt(
  { history, refundRequests, actors }: ShopView,
  charge: BookedCharge,
  { idempotencyKey, amountMinor, at }: BookedRefund,
): number {
  const sent = viewOf(history).movements.find(
    ({ site, request }) =>
      site === 'gateway.refund' && (request as { idempotencyKey: string }).idempotencyKey === idempotencyKey,
  );
  const own = sent && actors.get(sent.actor)?.request;
  const asked = refundRequests.find((request) => {
    if (own?.site === 'client.refund') return isSameRefund(own, request);
    const wanted = request.request as RefundIntent;
    return wanted.paymentToken === charge.paymentToken && wanted.amountMinor === amountMinor;
  });
  return Math.min(at.atMs, asked?.called.atMs ?? at.atMs, sent?.called.atMs ?? at.atMs);
}

function isSameRefund({ request: a }: Crossing, { request: b }: Crossing): boolean {
  const [one, other] = [a as RefundIntent, b as RefundIntent];
  return one.scope === other.scope && one.order === other.order && one.key === other.key;
}

/** When the merchant had a dispute in the own ledger, milliseconds: what is only at the gateway can't be known. */
function bookedAtMs(entries: readonly PostedEntry[], dispute: string): number {
  const entry = entries.find(({ kind, operation }) => kind === 'chargeback' && operation === dispute);
  return entry?.postedAtMs ?? Number.POSITIVE_INFINITY;
}

function movementsOf(history: History, chargeId: string): readonly Crossing[] {
  return viewOf(history).movements.filter(
    ({ site, request }) =>
      site !== 'gateway.void' && (request as { readonly chargeId: string }).chargeId === chargeId,
  );
}
