// The parts of a checkout system, put together: everything that its entrances share.

import { GatewayTimeoutError, StoreUnavailableError } from '../errors/payment-error.ts';
import { fraudCheck } from '../fraud/fraud-check.ts';
import type { ChargeResult, PaymentGateway } from '../gateway/port.ts';
import type { IdempotencyRecord } from '../idempotency/store.ts';
import type { LogSink } from '../kernel/runtime.ts';
import { type Books, books } from '../ledger/books.ts';
import { ledger } from '../ledger/ledger.ts';
import { codeOf, writeRejection } from '../resilience/audit.ts';
import type { SagaPage } from '../saga/event.ts';
import { type Saga, saga } from '../saga/saga.ts';
import type { FencedSend } from '../saga/undoing.ts';
import { type WebhookInbox, webhookInbox } from '../webhooks/inbox.ts';
import { bookkeepingGateway } from './bookkeeping-gateway.ts';
import { bounded } from './bounded.ts';
import { newsHandler, newsOrdering } from './gateway-news.ts';
import { guardedGateway } from './guarded-gateway.ts';
import { type KnownFacts, knownFacts } from './known-facts.ts';
import { type LatePayment, latePayments } from './late-payments.ts';
import type { Once } from './once.ts';
import { contextOf, type Order } from './order.ts';
import { idIn } from './order-id.ts';
import type { CheckoutServices, CheckoutSettings, CheckoutStores } from './parts.ts';
import { type ChargeNews, type PaymentBooks, paymentBooks } from './payment-books.ts';
import { type Authorization, authorization, type CaptureOrder, capture } from './payments.ts';
import { type RefundLimit, refundAccounts, refundLimit } from './refund-limit.ts';
import { type ChargeRefund, refundName, refunds, returnName, returns } from './refunds.ts';
import { type Checkout, checkoutSteps } from './steps.ts';

/** See the file comment. */
export interface Organs {
  readonly stores: CheckoutStores;
  readonly services: CheckoutServices;
  /** Bounded, in the audit log, and booking whatever it learns. */
  readonly gateway: PaymentGateway;
  readonly payments: PaymentBooks;
  readonly ledgerBooks: Books;
  readonly operations: {
    readonly authorize: Authorization;
    readonly capture: Once<CaptureOrder, ChargeResult>;
    readonly refund: Once<ChargeRefund, unknown>;
    readonly return: Once<ChargeRefund, unknown>;
  };
  readonly checkout: Saga<Checkout>;
  /** Ids of orders whose saga this process has seen end. */
  readonly endedOrders: KnownFacts;
  readonly late: Saga<LatePayment>;
  readonly inbox: WebhookInbox;
}

/** Puts the parts together. */
export function organsOf<Body>(settings: CheckoutSettings<Body>): Organs {
  const { runtime, leaseMs, ttlMs, guards, fraud, webhooks } = settings;
  const stores = boundedStores(settings);
  const services = boundedServices(settings);
  const book = ledger({ store: stores.ledger, accounts: refundAccounts });
  const payments = paymentBooks({ runtime, ledger: book, store: stores.ledger });
  const limit = refundLimit({
    ledger: book,
    store: stores.ledger,
    wallMs: () => runtime.wallMs(),
    hasEnded: async (recordKey) => {
      const record = await stores.idempotency.read(recordKey);
      // Only what has ended is ever forgotten.
      return record === null || ended.includes(record.state);
    },
  });
  const refunded = async (news: ChargeNews, reference: string) => {
    const answer = await payments.refunded(news);
    const payment = await payments.paymentOf(news.chargeId);
    const isLimited = [refundName, returnName].some((name) => idIn(name, reference) !== undefined);
    if (payment === null || !isLimited) return answer;
    const { merchantReference } = payment.payment;
    const { chargeId, amountMinor } = news;
    await limit.close({ chargeId, merchantReference, amountMinor, currency: payment.currency }, reference);
    return answer;
  };
  const gateway = bookkeepingGateway(services.gateway, { books: payments, refunded });
  const { capabilities } = gateway;
  const shared = { runtime, store: stores.idempotency, capabilities, leaseMs, ttlMs };
  const parts = { gateway, guards, settings: shared };
  const judged = fraudCheck<Order, ChargeResult, ReturnType<typeof contextOf>>({
    engine: fraud,
    contextOf,
    runtime,
    operation: 'authorize',
  });
  const operations = {
    authorize: authorization(parts, judged),
    capture: capture(parts),
    refund: refunds({ ...parts, books: payments }, limit),
    return: returns({ ...parts, books: payments }, limit),
  };
  const { inventory, shipping } = services;
  const undoing = undoingOf(runtime, gateway, limit);
  const sagas = { runtime, journal: stores.sagas, leaseMs, onCall: caller(services) };
  const steps = checkoutSteps({ inventory, shipping, ...undoing, ...operations });
  const checkout = saga<Checkout>({ ...sagas, name: 'checkout', steps });
  const late = latePayments(undoing, sagas);
  const endedOrders = knownFacts();
  const handle = newsHandler({
    books: payments,
    refunded,
    journal: stores.sagas,
    checkout,
    endedOrders,
    late,
    refunds: operations.refund,
    returns: operations.return,
    limit,
    store: stores.idempotency,
    page: services.page,
  });
  const inbox = webhookInbox({
    ...webhooks,
    runtime,
    store: stores.inbox,
    handle,
    ordering: newsOrdering(gateway),
    handleNow: true,
    onDeadLetter: ({ id, object }) =>
      services.page(`webhook ${id} about ${object} was given up`).catch(() => undefined),
  });
  const ledgerBooks = books({ store: stores.ledger });
  return { stores, services, gateway, payments, ledgerBooks, operations, checkout, endedOrders, late, inbox };
}

/** What payments are undone with. */
function undoingOf(runtime: LogSink, gateway: PaymentGateway, limit: RefundLimit) {
  return {
    gateway,
    isContested: ({ id: chargeId, merchantReference, currency }: ChargeResult) =>
      limit.isContested({ chargeId, merchantReference, currency }),
    onFenced: ({ operation, idempotencyKey, error }: FencedSend) =>
      writeRejection(runtime, { operation, code: codeOf(error), call: { idempotencyKey } }),
  };
}

const ended: readonly IdempotencyRecord['state'][] = ['COMPLETED', 'FAILED', 'RELEASED'];

function caller({ page }: CheckoutServices): (page: SagaPage) => Promise<unknown> {
  return ({ saga: name, id, stuck }) =>
    page(`${name} ${id} is stuck at ${stuck.map(({ step }) => step).join(', ')}; repair it`);
}

function boundedStores<Body>({ stores, runtime, storeTimeoutMs }: CheckoutSettings<Body>): CheckoutStores {
  const late = (message: string) => new StoreUnavailableError(message);
  const bound = { runtime, afterMs: storeTimeoutMs, late };
  return {
    idempotency: bounded(stores.idempotency, bound),
    sagas: bounded(stores.sagas, bound),
    inbox: bounded(stores.inbox, bound),
    ledger: bounded(stores.ledger, bound),
    outbox: bounded(stores.outbox, bound),
    tickets: bounded(stores.tickets, bound),
  };
}

function boundedServices<Body>(settings: CheckoutSettings<Body>): CheckoutServices {
  const { services, runtime, callTimeoutMs: timeoutMs, metric } = settings;
  const late = (message: string) => new GatewayTimeoutError(message);
  const bound = { runtime, afterMs: timeoutMs, late };
  const { page, report, redeliver } = bounded(services, bound);
  return {
    page,
    report,
    redeliver,
    gateway: guardedGateway(services.gateway, { runtime, timeoutMs, metric }),
    inventory: bounded(services.inventory, bound),
    shipping: bounded(services.shipping, bound),
  };
}
