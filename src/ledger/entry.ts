// One fact about money in double entry: what leaves one account arrives in another, so the sum of an entry is zero.

import { ValidationError } from '../errors/payment-error.ts';
import { exponentOf, sumMinor } from '../kernel/money.ts';
import { type Account, standardAccounts } from './accounts.ts';
import { checkedName } from './checked-name.ts';

/** One line of an entry. */
export interface Posting {
  /** An account of the chart; see {@link standardAccounts}. */
  readonly account: string;
  /** Signed minor units, a safe integer that is not 0: debits are positive, credits negative. */
  readonly amountMinor: number;
  /** ISO 4217 code, upper case; the same in every posting of an entry. */
  readonly currency: string;
}

/** The two names of a payment. */
export interface PaymentReference {
  /** The merchant's own reference of the charge. */
  readonly merchantReference: string;
  /** The gateway's id of the charge. */
  readonly gatewayId: string;
}

/** A balanced set of postings. Entries are only ever added: a mistake is corrected by another entry. */
export interface Entry {
  /** Unique in the ledger: an entry that is posted again under its key is posted once. */
  readonly key: string;
  /** What happened, such as `capture`, `refund`, `refund-failed`, `chargeback`, `chargeback-won`, `fee`. */
  readonly kind: string;
  /** The payment that it is about, if it is about one. */
  readonly payment?: PaymentReference;
  /** The gateway's id or merchant's reference of the capture, refund or dispute itself. */
  readonly operation?: string;
  /**
   * When it happened, milliseconds since the Unix epoch, best as the gateway dates it. No part of what makes two
   * entries equal: the answer to a request and the webhook about it date the same fact differently.
   */
  readonly occurredAtMs: number;
  readonly postings: readonly Posting[];
}

/**
 * A copy of `entry` that can no longer change, once it may be posted.
 *
 * @throws ValidationError unless it has names of printable ASCII, two to a hundred postings to known accounts in
 * whole minor units of one known currency, and a sum of zero.
 */
export function checkedEntry(entry: Entry, accounts: ReadonlySet<string>): Entry {
  const key = checkedName('ledger entry', 'key', entry?.key);
  const where = `ledger entry ${key}`;
  const { kind, payment, operation, occurredAtMs, postings } = entry;
  if (!Number.isSafeInteger(occurredAtMs) || occurredAtMs < 0) {
    throw new ValidationError(`${where}: occurredAtMs has to be whole milliseconds since the Unix epoch`);
  }
  if (!Array.isArray(postings) || postings.length < 2 || postings.length > 100) {
    throw new ValidationError(`${where}: it needs two to a hundred postings`);
  }
  const copies = postings.map((posting: Posting) => checkedPosting(posting, where, accounts));
  checkBalance(copies, where);
  return Object.freeze({
    key,
    kind: checkedName(where, 'kind', kind),
    ...(payment === undefined ? {} : { payment: checkedReference(payment, where) }),
    ...(operation === undefined ? {} : { operation: checkedName(where, 'operation', operation) }),
    occurredAtMs,
    postings: Object.freeze(copies),
  });
}

/**
 * The names of all accounts that may be posted to.
 *
 * @throws ValidationError for a name that is not printable ASCII.
 */
export function chartOf(further: readonly string[]): ReadonlySet<string> {
  const own = further.map((account) => checkedName('ledger', 'account', account));
  return new Set<string>([...Object.values<Account>(standardAccounts), ...own]);
}

function checkedPosting(posting: Posting, where: string, accounts: ReadonlySet<string>): Posting {
  const account = checkedName(where, 'account', posting?.account);
  const { amountMinor, currency } = posting;
  if (!accounts.has(account)) {
    throw new ValidationError(`${where}: there is no account ${account}; add it to the ledger's accounts`);
  }
  exponentOf(checkedName(where, 'currency', currency));
  if (!Number.isSafeInteger(amountMinor) || amountMinor === 0) {
    throw new ValidationError(
      `${where}: the amount posted to ${account} has to be whole minor units, not 0 and below 2^53`,
    );
  }
  return Object.freeze({ account, amountMinor, currency });
}

function checkBalance(postings: readonly Posting[], where: string): void {
  const currencies = [...new Set(postings.map(({ currency }) => currency))];
  if (currencies.length > 1) {
    throw new ValidationError(
      `${where}: it mixes ${currencies.join(' and ')}; post one entry for each currency`,
    );
  }
  const sum = sumMinor(postings.map(({ amountMinor }) => amountMinor));
  if (sum === 0n) return;
  throw new ValidationError(`${where}: its postings sum up to ${sum} and not to 0; post both sides`);
}

function checkedReference(payment: PaymentReference, where: string): PaymentReference {
  return Object.freeze({
    merchantReference: checkedName(where, 'merchantReference', payment?.merchantReference),
    gatewayId: checkedName(where, 'gatewayId', payment.gatewayId),
  });
}
