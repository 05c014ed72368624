// What the books say of refunds and disputes. Amounts are not checked here.

import type { RefundRequest, RefundResult } from '../../src/gateway/port.ts';
import type { BookedDispute } from '../history/history.ts';
import type { FarSide } from '../world/boundary.ts';
import type { Dispute, Payment, Refund, Sequel } from './payment.ts';

/** The later pages of the book of payments. */
export interface Sequels {
  /** Books a refund, acknowledged as `status`. */
  refund(payment: Payment, request: RefundRequest, status: 'pending' | 'succeeded'): Refund;
  /** A refund comes to its end, or to another one than was acknowledged. */
  settleRefund(refund: Refund, status: 'succeeded' | 'failed'): void;
  /** Books a dispute over `amountMinor`. */
  dispute(payment: Payment, amountMinor: number): Dispute;
  /** A dispute ends. */
  closeDispute(dispute: Dispute, status: Exclude<BookedDispute['status'], 'open'>): void;
}

/** A refund or a dispute that has changed. */
export type SequelChange =
  | { readonly object: 'refund'; readonly refund: Refund }
  | { readonly object: 'dispute'; readonly dispute: Dispute };

/** Empty pages; `changed` is told of every change, after it was booked. */
export function sequels(far: FarSide, changed: (change: SequelChange) => void): Sequels {
  let refunds = 0;
  let disputes = 0;

  function restage(refund: Refund, status: RefundResult['status']): void {
    const { payment, request, stages } = refund;
    const { amountMinor } = request;
    const before = stages.at(-1)?.status;
    if (before === undefined) payment.reservedMinor += amountMinor;
    if (status === 'failed') payment.reservedMinor -= amountMinor;
    if (status === 'succeeded') payment.refundedMinor += amountMinor;
    if (before === 'succeeded') payment.refundedMinor -= amountMinor;
    stages.push({ sinceMs: far.nowMs(), status });
    changed({ object: 'refund', refund });
  }

  return {
    refund(payment, request, status) {
      refunds += 1;
      const refund: Refund = { id: `re_${refunds}`, payment, request, at: far.instant(), stages: [] };
      sequelOf(payment).refunds.push(refund);
      restage(refund, status);
      return refund;
    },
    settleRefund: restage,
    dispute(payment, amountMinor) {
      disputes += 1;
      const at = far.instant();
      const stages: Dispute['stages'] = [{ sinceMs: at.atMs, status: 'open' }];
      const dispute: Dispute = { id: `dp_${disputes}`, payment, amountMinor, at, stages };
      sequelOf(payment).disputes.push(dispute);
      changed({ object: 'dispute', dispute });
      return dispute;
    },
    closeDispute(dispute, status) {
      dispute.stages.push({ sinceMs: far.nowMs(), status });
      changed({ object: 'dispute', dispute });
    },
  };
}

/** The sequel of a payment, which is begun when it is first needed. */
export function sequelOf(payment: Payment): Sequel {
  payment.sequel ??= { captures: [], refunds: [], disputes: [] };
  return payment.sequel;
}
