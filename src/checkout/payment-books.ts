// The books of payments: each fact is booked once, whoever learns of it first and however often: the answer to a
// request, a look-up, a webhook, or the gateway's report.

import { IdempotencyConflictError } from '../errors/payment-error.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { Entry, PaymentReference } from '../ledger/entry.ts';
import type { Ledger, LedgerEvent } from '../ledger/ledger.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import {
  captured,
  disputed,
  disputeWon,
  feeCharged,
  type PaymentFact,
  refunded,
  refundFailed,
} from '../ledger/payment-entries.ts';
import { knownFacts } from './known-facts.ts';

/** A payment whose capture is booked. */
export interface BookedPayment {
  readonly payment: PaymentReference;
  readonly currency: string;
  readonly capturedMinor: number;
}

/** Something that happened to a charge that was captured before. Amounts are minor units of the charge's currency. */
export interface ChargeNews {
  /** The gateway's id of the refund, dispute or fee. */
  readonly id: string;
  readonly chargeId: string;
  readonly amountMinor: number;
  /** Milliseconds since the epoch. Default: now. */
  readonly atMs?: number;
}

/** What a capture has to say of itself. */
export interface CaptureNews {
  readonly id: string;
  readonly merchantReference: string;
  readonly capturedMinor: number;
  readonly currency: string;
  readonly atMs?: number;
}

/**
 * Books facts. Each method may be repeated; `unknown` says that the charge's capture is not booked yet. They reject with
 * `StoreUnavailableError` when the ledger did not answer, and with `IdempotencyConflictError` where the books say
 * otherwise: compare with the gateway.
 */
export interface PaymentBooks {
  /** One capture of each charge. */
  captured(news: CaptureNews): Promise<void>;
  /** `failed` when it had failed before it could be booked: it never will be. */
  refunded(news: ChargeNews): Promise<'booked' | 'failed' | 'unknown'>;
  /**
   * Whether a refund that has failed had been booked as made before, so that the payer was told of money that did not come. If
   * not, it never will be.
   */
  hadRefunded(news: ChargeNews): Promise<boolean>;
  /** Of a refund that had been booked. */
  refundFailed(news: ChargeNews): Promise<'booked' | 'unknown'>;
  disputed(news: ChargeNews): Promise<'booked' | 'unknown'>;
  disputeWon(news: ChargeNews): Promise<'booked' | 'unknown'>;
  /** Fees have ids of their own making. */
  feeCharged(news: ChargeNews): Promise<'booked' | 'unknown'>;
  /** The payment of a charge, or null while its capture is not booked. */
  paymentOf(chargeId: string): Promise<BookedPayment | null>;
}

/** What the books need. */
export interface PaymentBooksParts {
  readonly runtime: Pick<Clock, 'wallMs'>;
  readonly ledger: Ledger;
  readonly store: Pick<LedgerStore, 'entries'>;
}

/** The books over a ledger. */
export function paymentBooks({ runtime, ledger, store }: PaymentBooksParts): PaymentBooks {
  const paymentOf = paymentIndex(store);
  // Every answer, look-up and event tells of the same few facts again.
  const known = knownFacts();
  const factOf = (
    { payment, currency }: BookedPayment,
    { id, amountMinor, atMs }: ChargeNews,
  ): PaymentFact => ({
    payment,
    operation: id,
    amountMinor,
    currency,
    occurredAtMs: Math.trunc(atMs ?? runtime.wallMs()),
  });
  const booking = (entryOf: (fact: PaymentFact) => Entry) => async (news: ChargeNews) => {
    const payment = await paymentOf(news.chargeId);
    if (payment === null) return 'unknown';
    await post(ledger, entryOf(factOf(payment, news)));
    return 'booked';
  };
  return {
    async captured({ id, merchantReference, capturedMinor, currency, atMs }) {
      const fact = JSON.stringify(['captured', id, merchantReference, capturedMinor, currency]);
      if (known.has(fact)) return;
      const payment = { merchantReference, gatewayId: id };
      const news = { id, chargeId: id, amountMinor: capturedMinor, ...(atMs === undefined ? {} : { atMs }) };
      await post(ledger, captured(factOf({ payment, currency, capturedMinor }, news)));
      known.add(fact);
    },
    async refunded(news) {
      const { id, chargeId, amountMinor } = news;
      const fact = JSON.stringify(['refunded', id, chargeId, amountMinor]);
      if (known.has(fact)) return 'booked';
      const payment = await paymentOf(news.chargeId);
      if (payment === null) return 'unknown';
      if (await isSealed(ledger, refunded(factOf(payment, news)))) return 'failed';
      known.add(fact);
      return 'booked';
    },
    async hadRefunded(news) {
      const payment = await paymentOf(news.chargeId);
      return payment !== null && wasBooked(ledger, refunded(factOf(payment, news)));
    },
    refundFailed: booking(refundFailed),
    disputed: booking(disputed),
    disputeWon: booking(disputeWon),
    feeCharged: booking(feeCharged),
    paymentOf,
  };
}

/** Posts an entry, and tells of it. */
async function post(ledger: Ledger, entry: Entry): Promise<void> {
  await ledger.post(entry, [newsOf(entry)]);
}

/** Whether an entry was booked; if not, its effect is taken now, and whoever comes later with it books nothing. */
async function wasBooked(ledger: Ledger, entry: Entry): Promise<boolean> {
  const [taken] = await ledger.commit([{ effect: entry.key, entries: [], events: [] }]);
  return taken?.applied !== true && !(await isSealed(ledger, entry));
}

/**
 * Whether a refund's effect has been taken without an entry, because it failed before it was booked. Books the refund
 * if neither has happened.
 */
async function isSealed(ledger: Ledger, entry: Entry): Promise<boolean> {
  try {
    await post(ledger, entry);
    return false;
  } catch (error) {
    // The same effect and no such entry, or an entry of other content: the gateway's report tells the two apart.
    if (error instanceof IdempotencyConflictError) return true;
    throw error;
  }
}

function newsOf({ key, kind, payment, operation, postings }: Entry): LedgerEvent {
  const [first] = postings;
  const aggregate = payment?.merchantReference ?? key;
  const { amountMinor = 0, currency = '' } = first ?? {};
  const payload = { payment, operation, amountMinor: Math.abs(amountMinor), currency };
  return { id: key, type: ledgerNews(kind), aggregate, payload };
}

/** The type of the event that tells of an entry of `kind`, such as `payment.capture`. */
function ledgerNews(kind: string): string {
  return `payment.${kind}`;
}

/** The types of all events that tell of the books; whoever relays them needs a subscriber for each. */
export const ledgerNewsTypes: readonly string[] = [
  'capture',
  'refund',
  'refund-failed',
  'chargeback',
  'chargeback-won',
  'fee',
].map(ledgerNews);

const pageSize = 1_000;

/**
 * Finds the payment of a charge in the books. Every process reads each entry once; what it keeps of it can be read again
 * at any time.
 */
function paymentIndex(store: Pick<LedgerStore, 'entries'>): PaymentBooks['paymentOf'] {
  const known = new Map<string, BookedPayment>();
  let cursor = 0;
  return async (chargeId) => {
    for (let after = cursor; !known.has(chargeId); ) {
      const page = await store.entries({ after, limit: pageSize });
      for (const { kind, payment, postings } of page) {
        const [posting] = postings;
        if (kind !== 'capture' || payment === undefined || posting === undefined) continue;
        const { amountMinor, currency } = posting;
        known.set(payment.gatewayId, { payment, currency, capturedMinor: Math.abs(amountMinor) });
      }
      after = page.at(-1)?.sequence ?? after;
      cursor = Math.max(cursor, after);
      if (page.length < pageSize) break;
    }
    return known.get(chargeId) ?? null;
  };
}
