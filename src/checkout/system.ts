// The checkout system: orders, refunds, webhooks, reconciliation and background work over one set of stores. Any number
// of processes may run it; nothing is true in one of them only.

import { effectOf } from '../errors/join.ts';
import {
  IdempotencyConflictError,
  NotChargedError,
  PaymentError,
  ValidationError,
} from '../errors/payment-error.ts';
import type { ChargeResult } from '../gateway/port.ts';
import type { LogSink } from '../kernel/runtime.ts';
import type { LedgerView } from '../ledger/books.ts';
import { outboxRelay } from '../ledger/outbox-relay.ts';
import { codeOf, writeAudit } from '../resilience/audit.ts';
import { decodeProgress } from '../saga/progress.ts';
import { assertSagaSucceeded, hasEnded, type SagaResult } from '../saga/result.ts';
import type { WebhookHeaders } from '../webhooks/headers.ts';
import type { ReceiveAnswer } from '../webhooks/inbox.ts';
import { sweepAll } from './once.ts';
import { checkedOrder, type Order } from './order.ts';
import { type OrderName, orderId } from './order-id.ts';
import { type Organs, organsOf } from './organs.ts';
import { type CheckoutParts, type CheckoutSettings, checkoutSettings } from './parts.ts';
import { authorizationReference } from './payments.ts';
import { type DayReconciled, dayReconciliation } from './reconciliation.ts';
import { checkedRefund, type RefundOrder } from './refund-request.ts';
import { refundId } from './refunds.ts';
import { pruning } from './retention.ts';
import type { Checkout } from './steps.ts';

/** An order that was taken through to its shipment. The same however often it is asked for. */
export interface CheckedOut {
  readonly order: string;
  readonly charge: ChargeResult;
  readonly shipment: string;
}

/** A refund whose money is back. The same however often it is asked for. */
export interface Refunded {
  readonly refund: string;
  readonly chargeId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** A checkout system. Requests are checked at the edge; `ValidationError` means that nothing was done. */
export interface CheckoutSystem {
  /**
   * Takes an order through to its shipment, or undoes all of it. Rejects with what made it turn back when that is final,
   * with `NotChargedError` when it was undone for another reason, with `AuthenticationRequiredError` or
   * `PaymentPendingError` while it waits for the payer or the gateway, with `SagaCompensationError` when people were called,
   * with `IdempotencyConflictError` when the key was used for another order, and with `OutcomeUnknownError` otherwise: ask
   * again with the same key.
   */
  checkout(order: Order, onReplay?: () => void): Promise<CheckedOut>;
  /**
   * Gives money of a shipped order back: once for the key, and no more than was captured and is neither refunded nor
   * disputed. Rejects with `PaymentPendingError` until the money is back, with PaymentError `refund_exceeds_capture`,
   * `order_not_refundable` or `refund_failed`, and else as `idempotent` does.
   */
  refund(refund: RefundOrder, onReplay?: () => void): Promise<Refunded>;
  /** Answers one delivery of a webhook; see `WebhookInbox.receive`. */
  webhook(rawBody: Uint8Array, headers: WebhookHeaders): Promise<ReceiveAnswer>;
  /**
   * Compares a day (UTC, such as `2026-03-29`) with the gateway's report and repairs what differs: what was missed is
   * redelivered or looked up and booked, fees are booked, and people are called about the rest, once.
   */
  reconcile(day: string): Promise<DayReconciled>;
  /**
   * One pass over what was left undecided: operations whose owner crashed, refunds that are pending, sagas that are due,
   * events in the inbox, news in the outbox. What fails is left to the next pass; rejects with an `AggregateError` of
   * what is no `PaymentError` once it is through.
   */
  recover(): Promise<void>;
  /**
   * Has another go at an order that is stuck, and at a payment of it that appeared too late and could not be given back; for
   * operators. Rejects as `checkout` does, and with `SagaCompensationError` while the late payment is stuck.
   */
  repair(order: OrderName): Promise<CheckedOut>;
  /** What an order has moved, by currency, as the books say. */
  observe(order: OrderName): Promise<readonly LedgerView[]>;
}

/**
 * Puts a checkout system together.
 *
 * @throws ValidationError when a part is missing or a number is out of range.
 */
export function checkoutSystem<Body>(parts: CheckoutParts<Body>): CheckoutSystem {
  const settings = checkoutSettings(parts);
  const organs = organsOf(settings);
  const { checkout, inbox, ledgerBooks, operations } = organs;
  const { runtime } = settings;
  const audited = auditedEdge(runtime);
  return {
    async checkout(given, onReplay) {
      const order = await audited('checkout', undefined, () => checkedOrder(given));
      const id = orderId(order);
      let replayed = false;
      const onEnded = (): void => {
        replayed = true;
      };
      const result = await audited('checkout', id, () => checkout.execute(id, order, { onReplay: onEnded }));
      if (hasEnded(result)) organs.endedOrders.add(id);
      if (replayed) {
        const code = result.state === 'COMPLETED' ? 'ok' : (failureOf(result)?.code ?? 'error');
        writeAudit(runtime, { audit: 'replay', operation: 'checkout', code, idempotencyKey: id });
        onReplay?.();
      }
      return checkedOut(result, id);
    },
    async refund(given, onReplay) {
      const refund = await audited('refund', undefined, () => checkedRefund(given));
      const id = refundId(refund);
      const { chargeId, merchantReference } = await audited('refund', id, () => refundable(organs, refund));
      const { amountMinor, currency } = refund;
      const call = onReplay === undefined ? {} : { onReplay };
      await operations.refund.run({ id, chargeId, merchantReference, amountMinor, currency }, call);
      return { refund: id, chargeId, amountMinor, currency };
    },
    webhook: (rawBody, headers) => inbox.receive(rawBody, headers),
    reconcile: reconciliation(organs, settings),
    recover: recovery(organs, settings),
    async repair(name) {
      const id = orderId(name);
      try {
        return checkedOut(await checkout.repair(id), id);
      } finally {
        await repairLate(organs, id);
      }
    },
    observe: (name) => ledgerBooks.view(authorizationReference(orderId(name))),
  };
}

/** Has what a step at the edge refuses, before anything was begun, in the audit log: no layer below has heard of it. */
function auditedEdge(sink: LogSink) {
  return async <Result>(
    operation: string,
    id: string | undefined,
    step: () => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await step();
    } catch (error) {
      if (effectOf(error) !== 'none') throw error;
      const audit = error instanceof IdempotencyConflictError ? 'conflict' : 'rejected';
      const named = id === undefined ? {} : { idempotencyKey: id };
      writeAudit(sink, { audit, operation, code: codeOf(error), ...named });
      throw error;
    }
  };
}

function checkedOut(result: SagaResult<Checkout>, order: string): CheckedOut {
  const failure = failureOf(result);
  if (failure !== undefined) throw failure;
  assertSagaSucceeded(result);
  const { captured, shipment } = result.context;
  if (captured === undefined || shipment === undefined)
    throw new TypeError(`order ${order} is completed without a capture or a shipment in its journal`);
  return { order, charge: captured, shipment };
}

/** A payment that nobody expects any more has the name of its order, by which people are called for it. */
async function repairLate({ stores, late }: Organs, id: string): Promise<void> {
  if ((await stores.sagas.read({ saga: late.name, id })) === null) return;
  const result = await late.repair(id);
  if (result.state !== 'COMPENSATED') assertSagaSucceeded(result);
}

/** What an undone order tells the client: final, for the key never leads to anything else. */
function failureOf({ state, error }: SagaResult<unknown>): PaymentError | undefined {
  if (state !== 'COMPENSATED') return undefined;
  if (error?.effect === 'final') return error;
  const why = error === undefined ? '' : ` (${error.code})`;
  return new NotChargedError(
    `the order was undone${why}, and no money was kept; order again with a new key`,
    error === undefined ? {} : { cause: error },
  );
}

/** The charge of an order that may be refunded. */
async function refundable(
  { stores }: Organs,
  { scope, order, currency }: RefundOrder,
): Promise<{ readonly chargeId: string; readonly merchantReference: string }> {
  const record = await stores.sagas.read({ saga: 'checkout', id: orderId({ scope, key: order }) });
  if (record === null) throw new ValidationError('refund: there is no such order; check its key');
  const { context } = decodeProgress(record.progress);
  const { captured } = context as unknown as Checkout;
  if (record.state !== 'COMPLETED' || captured === undefined) {
    const retriable = record.state === 'RUNNING' || record.state === 'COMPENSATING';
    const kind = { code: 'order_not_refundable', retriable, effect: 'none' } as const;
    throw new PaymentError(
      'refund: the order was not shipped, and what is undone is given back by itself',
      kind,
    );
  }
  if (captured.currency !== currency)
    throw new ValidationError(
      `refund: the order was paid in ${captured.currency}; refund it in that currency`,
    );
  return { chargeId: captured.id, merchantReference: captured.merchantReference };
}

function reconciliation<Body>(organs: Organs, settings: CheckoutSettings<Body>): CheckoutSystem['reconcile'] {
  const { services, stores, payments, ledgerBooks, inbox } = organs;
  const { gateway, page, report, redeliver } = services;
  const { runtime, settlementLagMs } = settings;
  const common = { runtime, gateway, ledgerBooks, inbox, settlementLagMs, page, report, redeliver };
  return dayReconciliation({ ...common, books: payments, tickets: stores.tickets });
}

function recovery<Body>(organs: Organs, settings: CheckoutSettings<Body>): CheckoutSystem['recover'] {
  const { runtime, bus, alsoSwept } = settings;
  const { stores, services, operations, checkout, late, inbox } = organs;
  const relay = outboxRelay({
    runtime,
    store: stores.outbox,
    bus,
    onDead: async ({ id }, reason) =>
      void (await services.page(`news ${id} could not be delivered (${reason})`)),
  });
  const passes: readonly (() => Promise<unknown>)[] = [
    () => inbox.work(),
    async () => {
      const sagas = [checkout, late];
      const due = await stores.sagas.list({
        sagas: sagas.map(({ name }) => name),
        queue: 'recovery',
        limit: 100,
      });
      await inTurn(
        sagas.map(
          ({ recover }) =>
            () =>
              recover(due),
        ),
      );
    },
    // Last, for it sends nothing: what a saga may still send again is not to be given up before.
    () => sweepAll(stores.idempotency, [...Object.values(operations), ...alsoSwept]),
    async () => {
      while ((await relay()).more);
    },
    ...pruning(stores, settings, runtime),
  ];
  return () => inTurn(passes);
}

/** One after the other, whatever becomes of those before. */
async function inTurn(passes: readonly (() => Promise<unknown>)[]): Promise<void> {
  const bugs: unknown[] = [];
  for (const pass of passes) {
    try {
      await pass();
    } catch (error) {
      if (!(error instanceof PaymentError)) bugs.push(error);
    }
  }
  if (bugs.length > 0) throw new AggregateError(bugs, `recover: ${bugs.length} passes hit a bug`);
}
