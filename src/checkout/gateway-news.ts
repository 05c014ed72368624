// What the gateway announces, and what follows from it. Every announcement may come late, twice, in any order, or before
// the answer that it is about; what it says is booked all the same, and whatever waits for it is gone on with.

import { effectOf } from '../errors/join.ts';
import type { PaymentGateway } from '../gateway/port.ts';
import type { IdempotencyStore } from '../idempotency/store.ts';
import { parseJson } from '../kernel/parse-json.ts';
import type { SagaJournal, SagaRecord } from '../saga/journal.ts';
import { hasEnded } from '../saga/result.ts';
import type { Saga } from '../saga/saga.ts';
import type { WebhookEvent } from '../webhooks/event.ts';
import type { Handled } from '../webhooks/inbox-options.ts';
import type { ObjectState } from '../webhooks/inbox-store.ts';
import type { Ordering } from '../webhooks/ordering.ts';
import { stateLattice } from '../webhooks/state-lattice.ts';
import type { KnownFacts } from './known-facts.ts';
import { type LatePayment, paymentStanding } from './late-payments.ts';
import type { Once } from './once.ts';
import { idIn, recordKeyIn, referenceOf } from './order-id.ts';
import type { ChargeNews, PaymentBooks } from './payment-books.ts';
import { authorizationName } from './payments.ts';
import type { RefundLimit } from './refund-limit.ts';
import { wordOnRefund } from './refund-word.ts';
import { type ChargeRefund, refundName, returnName } from './refunds.ts';
import type { Checkout } from './steps.ts';

/**
 * The data of an event. Its object is a `payment`, a `refund` or a `dispute`, named by the gateway's id, and its status
 * one of {@link gatewayLattice}; without a status it is kept and nothing follows from it.
 */
export interface GatewayNews {
  /** The charge: of an event about a payment its own id. */
  readonly chargeId: string;
  /** The reference under which the payment or refund was asked for; a dispute has none. */
  readonly merchantReference?: string;
  /** Of a payment what is captured of it, else the amount of the refund or dispute; minor units. */
  readonly amountMinor: number;
  readonly currency: string;
}

/** The states of payments, refunds and disputes as events name them. A refund that has succeeded may yet fail. */
export const gatewayLattice = stateLattice({
  pending: ['authorized', 'captured', 'voided', 'failed', 'succeeded'],
  authorized: ['captured', 'voided', 'failed'],
  captured: [],
  voided: [],
  succeeded: ['failed'],
  failed: [],
  open: ['won', 'lost'],
  won: [],
  lost: [],
});

/** What handling events works with. */
export interface NewsParts {
  readonly books: PaymentBooks;
  readonly journal: SagaJournal;
  readonly checkout: Saga<Checkout>;
  /** Ids of orders whose saga has ended, as far as this process knows: no news of what they did moves them any more. */
  readonly endedOrders: KnownFacts;
  readonly late: Saga<LatePayment>;
  /** Books a refund that has succeeded, and ends its acceptance. */
  readonly refunded: (news: ChargeNews, merchantReference: string) => Promise<unknown>;
  readonly refunds: Once<ChargeRefund, unknown>;
  readonly returns: Once<ChargeRefund, unknown>;
  readonly store: Pick<IdempotencyStore, 'read'>;
  /** What is left of a charge to be refunded. */
  readonly limit: Pick<RefundLimit, 'left' | 'isContested'>;
  /** Calls people; the same text for the same matter. */
  readonly page: (about: string) => Promise<unknown>;
}

type Event = WebhookEvent<GatewayNews>;

const done: Handled = { kind: 'done' };

/** Handles one event; see `WebhookInboxOptions.handle`. */
export function newsHandler(parts: NewsParts): (event: Event) => Promise<Handled> {
  return async (event) => {
    if (event.data === undefined || event.status === undefined) return done;
    switch (event.object.kind) {
      case 'payment':
        return aboutPayment(parts, event, event.data);
      case 'refund':
        return aboutRefund(parts, event, event.data);
      case 'dispute':
        return aboutDispute(parts, event, event.data);
      default:
        return done;
    }
  };
}

async function aboutPayment(parts: NewsParts, event: Event, news: GatewayNews): Promise<Handled> {
  const { merchantReference = '' } = news;
  const captured = { ...news, id: event.object.id, merchantReference, capturedMinor: news.amountMinor };
  if (event.status === 'captured') await parts.books.captured({ ...captured, ...dated(event) });
  const id = idIn(authorizationName, merchantReference);
  if (id === undefined) return done;
  const isNew = event.status === 'authorized' || event.status === 'pending';
  if (!isNew && parts.endedOrders.has(id)) return done;
  const record = await nudge(parts, id);
  if (record === null) return parked('the order of the payment');
  if (!isNew) return done;
  const standing = paymentStanding(record);
  if (standing === 'unseen') await parts.late.execute(id, { merchantReference });
  // Somebody is at it and may yet be told that it was declined: then this payment would be nobody's.
  const isAtIt = record.state === 'RUNNING' || record.state === 'COMPENSATING';
  return standing === 'open' && isAtIt && event.status === 'authorized'
    ? parked('what the order makes of the payment')
    : done;
}

/** Goes on with an order that has not ended, unless somebody does already; answers what the journal says of it afterwards. */
async function nudge({ journal, checkout, endedOrders }: NewsParts, id: string): Promise<SagaRecord | null> {
  const name = { saga: 'checkout', id };
  const record = await journal.read(name);
  if (record !== null && hasEnded(record)) endedOrders.add(id);
  if (record?.state !== 'RUNNING' && record?.state !== 'COMPENSATING') return record;
  await checkout.repair(id);
  return journal.read(name);
}

async function aboutRefund(parts: NewsParts, event: Event, news: GatewayNews): Promise<Handled> {
  const { books, refunded, refunds, store } = parts;
  const { merchantReference = event.object.id, chargeId } = news;
  const refund = factOf(event, news);
  const payment = await books.paymentOf(chargeId);
  if (payment === null) return parked('the charge of the refund');
  if (event.status === 'succeeded') await refunded(refund, merchantReference);
  const cameBack = event.status === 'failed' && (await books.hadRefunded(refund));
  const own = idIn(refundName, merchantReference);
  const record = own === undefined ? null : await store.read(recordKeyIn(merchantReference));
  if (record?.state === 'PENDING' || record?.state === 'UNKNOWN') await refunds.sweep([record]);
  const order = idIn(authorizationName, payment.payment.merchantReference);
  if (order !== undefined && !parts.endedOrders.has(order)) await nudge(parts, order);
  if (!cameBack) return done;
  const word = await wordOnRefund(parts.journal, {
    payment: payment.payment.merchantReference,
    merchantReference,
  });
  // Once the books say so, nobody may write down any more that the order is undone by it.
  if (word === 'open') return parked('what is made of the refund');
  await books.refundFailed(refund);
  return word === 'believed' ? payAgain(parts, event, news) : done;
}

/** How often a refund that came back is tried to be paid again. */
const mostReturns = 5;

/**
 * Somebody was told that the money was theirs, and it came back: it is paid once more. An attempt that came to nothing for
 * good is made again under another name; money that came back twice, and what cannot be paid, is for people.
 */
async function payAgain(parts: NewsParts, event: Event, news: GatewayNews): Promise<Handled> {
  const { books, returns, page } = parts;
  const { id } = event.object;
  const payment = await books.paymentOf(news.chargeId);
  if (payment === null) return parked('the charge of the refund');
  if (idIn(returnName, news.merchantReference ?? '') !== undefined) {
    await page(`refund ${id} of ${news.chargeId} came back twice; find another way to pay it out`);
    return done;
  }
  const { merchantReference } = payment.payment;
  const { currency } = payment;
  const { chargeId, amountMinor } = news;
  for (let round = 0; round < mostReturns; round += 1) {
    const name = round === 0 ? id : `${id}#${round}`;
    const owed = await owedReturn(parts, { id: name, chargeId, merchantReference, amountMinor, currency });
    if (owed === 'unclear') return parked('what else of the charge came back');
    if (owed === undefined) return done;
    try {
      await returns.run(owed);
      return done;
    } catch (error) {
      if (effectOf(error) !== 'final') throw error;
    }
  }
  await page(`refund ${id} of ${chargeId} came back and can't be paid again; find another way to pay it out`);
  return done;
}

/**
 * What is to be paid again of a refund that came back: not what the payer's bank has taken meanwhile, and once it was asked
 * for, the same however the books move. Unclear while another refund has what this one needs: that may have come back too.
 */
async function owedReturn(
  { store, limit }: NewsParts,
  whole: ChargeRefund,
): Promise<ChargeRefund | 'unclear' | undefined> {
  const known = await store.read(recordKeyIn(referenceOf(returnName, whole.id)));
  if (known !== null && known.state !== 'RELEASED') return parseJson(known.request) as ChargeRefund;
  const leftMinor = await limit.left(whole);
  if (leftMinor >= whole.amountMinor) return whole;
  if (!(await limit.isContested(whole))) return 'unclear';
  return leftMinor > 0n ? { ...whole, amountMinor: Number(leftMinor) } : undefined;
}

async function aboutDispute({ books }: NewsParts, event: Event, news: GatewayNews): Promise<Handled> {
  const fact = factOf(event, news);
  if (event.status === 'lost') return done;
  const answer = await (event.status === 'won' ? books.disputeWon(fact) : books.disputed(fact));
  return answer === 'unknown' ? parked('the charge of the dispute') : done;
}

function factOf(event: Event, { chargeId, amountMinor }: GatewayNews): ChargeNews {
  return { id: event.object.id, chargeId, amountMinor, ...dated(event) };
}

function dated({ createdAtMs }: Event): { readonly atMs?: number } {
  return createdAtMs === undefined ? {} : { atMs: createdAtMs };
}

function parked(what: string): Handled {
  return { kind: 'parked', why: `${what} is not known here yet` };
}

/**
 * Keeps states moving forward only. The gateway is asked for an object by the reference that its events name; disputes
 * have none, so of them the announcement itself is the latest word.
 */
export function newsOrdering(gateway: PaymentGateway): Ordering {
  return {
    lattice: gatewayLattice,
    async fetch(object, signal, event): Promise<ObjectState | null> {
      const { data, status, version } = event as Event;
      if (data === undefined || status === undefined) return null;
      const { merchantReference, chargeId } = data;
      const announced = version === undefined ? { status } : { status, version };
      if (merchantReference === undefined || object.kind === 'dispute') return announced;
      if (object.kind === 'refund') {
        const found = await gateway.lookupRefund({ chargeId, merchantReference }, { signal });
        return found.kind === 'found' && found.refund.id === object.id
          ? furthest(announced, found.refund.status)
          : announced;
      }
      const found = await gateway.lookup({ by: 'reference', merchantReference }, { signal });
      return found.kind === 'found' && found.charge.id === object.id
        ? furthest(announced, found.charge.status)
        : announced;
    },
  };
}

/** A look-up has no version; what it shows beyond the announcement came after it. */
function furthest(announced: ObjectState, seen: string): ObjectState {
  return gatewayLattice.mayMove(announced.status, seen) ? { status: seen } : announced;
}
