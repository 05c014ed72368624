// The entries that payments make. Each is a pure function of what the gateway says, and keyed by what happened to
// which object, so that the answer to a request, its replay and any number of webhooks about it book it once.

import { ValidationError } from '../errors/payment-error.ts';
import { money } from '../kernel/money.ts';
import { type Account, standardAccounts } from './accounts.ts';
import type { Entry, PaymentReference } from './entry.ts';

/** Something that happened to the money of a payment. */
export interface PaymentFact {
  readonly payment: PaymentReference;
  /**
   * Names the capture, refund, dispute or fee the same way however it is learned: by the gateway's id of it, or by
   * the unique merchant reference of the request that caused it.
   */
  readonly operation: string;
  /** Minor units of the currency, gross, a positive safe integer. */
  readonly amountMinor: number;
  /** ISO 4217 code, upper case. */
  readonly currency: string;
  /** See {@link Entry.occurredAtMs}. */
  readonly occurredAtMs: number;
}

const { clearing, captured: paid, refunded: returned, disputed: takenBack, fees } = standardAccounts;

/**
 * The payer's money was taken. One entry for each capture of a charge.
 *
 * @throws ValidationError as all functions here: when the amount is not a positive safe integer of a known currency.
 */
export function captured(fact: PaymentFact): Entry {
  return booked('capture', fact, { debit: clearing, credit: paid });
}

/** A refund succeeded. While it is pending nothing has moved and nothing is booked. */
export function refunded(fact: PaymentFact): Entry {
  return booked('refund', fact, { debit: returned, credit: clearing });
}

/** A refund that had been booked failed afterwards: the money is back at the gateway. */
export function refundFailed(fact: PaymentFact): Entry {
  return booked('refund-failed', fact, { debit: clearing, credit: returned });
}

/** The payer's bank took money back (a chargeback). */
export function disputed(fact: PaymentFact): Entry {
  return booked('chargeback', fact, { debit: takenBack, credit: clearing });
}

/** A dispute was won: what it took is back. */
export function disputeWon(fact: PaymentFact): Entry {
  return booked('chargeback-won', fact, { debit: clearing, credit: takenBack });
}

/** The gateway took its fee. Gross amounts are unaffected: fees have an account of their own. */
export function feeCharged(fact: PaymentFact): Entry {
  return booked('fee', fact, { debit: fees, credit: clearing });
}

function booked(
  kind: string,
  fact: PaymentFact,
  sides: { readonly debit: Account; readonly credit: Account },
): Entry {
  const { payment, operation, occurredAtMs } = fact;
  const { amountMinor, currency } = money(fact.amountMinor, fact.currency);
  if (amountMinor === 0) {
    throw new ValidationError(`ledger: a ${kind} of 0 ${currency} moves nothing; leave it out of the books`);
  }
  return {
    key: `${kind}/${operation}`,
    kind,
    payment,
    operation,
    occurredAtMs,
    postings: [
      { account: sides.debit, amountMinor, currency },
      { account: sides.credit, amountMinor: -amountMinor, currency },
    ],
  };
}
