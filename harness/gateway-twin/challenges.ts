// Challenges of 3-D Secure that wait for the payer: an answer in time decides the payment, silence ends it.

import type { FarSide } from '../world/boundary.ts';
import type { Ledger } from './books.ts';
import type { Payment } from './payment.ts';

/** How long a payer has to answer, milliseconds: common issuers give five to fifteen minutes. */
export const challengeLifetimeMs = 600_000;

/** The open challenges of one gateway. */
export interface ChallengeDesk {
  /** The payment waits; once authenticated it becomes `approved`. */
  open(payment: Payment, approved: 'captured' | 'authorized'): void;
  /** The payer answers every challenge that is open for a payment token, the oldest first. */
  answer(paymentToken: string, outcome: 'authenticated' | 'failed'): void;
}

/** A desk without challenges. */
export function challengeDesk({
  books,
  far,
}: {
  readonly books: Ledger;
  readonly far: FarSide;
}): ChallengeDesk {
  const waiting = new Map<Payment, 'captured' | 'authorized'>();

  function fail(payment: Payment): void {
    if (waiting.delete(payment)) books.move(payment, 'failed', 0);
  }

  return {
    open(payment, approved) {
      waiting.set(payment, approved);
      far.after(challengeLifetimeMs, () => fail(payment));
    },
    answer(paymentToken, outcome) {
      for (const [payment, approved] of [...waiting]) {
        if (payment.request.paymentToken !== paymentToken) continue;
        if (outcome === 'failed') {
          fail(payment);
          continue;
        }
        waiting.delete(payment);
        books.move(payment, approved, approved === 'captured' ? payment.authorizedMinor : 0);
      }
    },
  };
}
