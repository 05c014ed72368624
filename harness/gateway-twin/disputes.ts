// Chargebacks: the payer's bank takes captured money back without asking the merchant, who may win it back.

import type { FarSide } from '../world/boundary.ts';
import type { Ledger } from './books.ts';
import { type Dispute, disputedMinor, type Payment } from './payment.ts';

/** What happens to a dispute. */
export type DisputeAct =
  /** The money is withdrawn at once; without an amount, all that is left of the payment. */
  | { readonly kind: 'opened'; readonly amountMinor?: number | undefined }
  /** The oldest open dispute of the payment token ends; `won` brings the money back. */
  | { readonly kind: 'won' | 'lost' };

/** The disputes of one gateway. */
export interface DisputeDesk {
  /** Carries out `act` for the payments of `paymentToken`; where there is nothing to do, nothing happens. */
  act(paymentToken: string, act: DisputeAct): void;
}

/** A desk without disputes. */
export function disputeDesk({ books, far }: { readonly books: Ledger; readonly far: FarSide }): DisputeDesk {
  /** A bank disputes no more than was captured, whatever was refunded meanwhile. */
  function disputable(payment: Payment): number {
    return (books.versionAt(payment, far.nowMs())?.capturedMinor ?? 0) - disputedMinor(payment);
  }

  return {
    act(paymentToken, act) {
      const payments = books.payments().filter(({ request }) => request.paymentToken === paymentToken);
      if (act.kind !== 'opened') {
        const open = payments.flatMap(({ sequel }) => sequel?.disputes ?? []).filter(isOpen);
        const [oldest] = open.toSorted((a, b) => a.at.order - b.at.order);
        if (oldest !== undefined) books.closeDispute(oldest, act.kind);
        return;
      }
      const payment = payments.find((one) => disputable(one) > 0);
      if (payment === undefined) return;
      const mostMinor = disputable(payment);
      const leftMinor = mostMinor - payment.refundedMinor;
      const wantedMinor = act.amountMinor ?? (leftMinor > 0 ? leftMinor : mostMinor);
      books.dispute(payment, Math.min(wantedMinor, mostMinor));
    },
  };
}

function isOpen({ stages }: Dispute): boolean {
  return stages.at(-1)?.status === 'open';
}
