// What a checkout system is made of.

import { ValidationError } from '../errors/payment-error.ts';
import type { FraudEngine } from '../fraud/engine.ts';
import type { PaymentGateway } from '../gateway/port.ts';
import type { IdempotencyStore } from '../idempotency/store.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { EventBus } from '../ledger/event-bus.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import type { OutboxStore } from '../ledger/outbox-store.ts';
import type { TicketStore } from '../reconciliation/ticket-store.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { TimerOptions } from '../resilience/timer.ts';
import type { SagaJournal } from '../saga/journal.ts';
import type { EventMapping } from '../webhooks/event.ts';
import { defaultDedupTtlMs } from '../webhooks/inbox-options.ts';
import type { InboxStore } from '../webhooks/inbox-store.ts';
import type { WebhookVerifier } from '../webhooks/verifier.ts';
import type { GatewayNews } from './gateway-news.ts';
import type { Swept } from './once.ts';
import type { DayReport, DaySpan, GatewayObject } from './reconciliation.ts';
import { checkRetention } from './retention.ts';
import type { Guards } from './send.ts';
import type { Inventory, Shipping } from './services.ts';

/** Where a checkout system keeps what is true. All processes share them. */
export interface CheckoutStores {
  readonly idempotency: IdempotencyStore;
  readonly sagas: SagaJournal;
  readonly inbox: InboxStore;
  readonly ledger: LedgerStore;
  readonly outbox: OutboxStore;
  readonly tickets: TicketStore;
}

/** Whom a checkout system works with. */
export interface CheckoutServices {
  /** Has to know manual capture. */
  readonly gateway: PaymentGateway;
  readonly inventory: Inventory;
  readonly shipping: Shipping;
  /** Calls people; rejects when nobody could be reached. */
  readonly page: (about: string) => Promise<unknown>;
  /** The gateway's reports of all days of a span, in one call; amounts and words as those of {@link rowsOf}. */
  readonly report: (span: DaySpan) => Promise<readonly DayReport[]>;
  /** Has the gateway announce once more what became of an object. */
  readonly redeliver: (object: GatewayObject) => Promise<unknown>;
}

/** How webhooks of the gateway are read. */
export interface GatewayWebhooks<Body> extends EventMapping<Body, GatewayNews> {
  /** With every secret that is valid. */
  readonly verifier: WebhookVerifier;
}

/** The parts of a checkout system. Durations are milliseconds. */
export interface CheckoutParts<Body> {
  readonly runtime: Runtime;
  readonly stores: CheckoutStores;
  readonly services: CheckoutServices;
  /** Judges each order before its payment is sent. */
  readonly fraud: FraudEngine;
  /** Breaker, retry and limiter, in this order; shared by everything that is sent for clients. */
  readonly guards: Guards;
  readonly webhooks: GatewayWebhooks<Body>;
  /** Has a subscriber for each of {@link ledgerNewsTypes}. */
  readonly bus: EventBus;
  /**
   * Others who keep records in the same idempotency store, swept from the same listing; the names of the system's own records
   * begin with `$`. Default: none.
   */
  readonly alsoSwept?: readonly Swept[];
  /** Told of each call of the gateway. Default: nobody is. */
  readonly metric?: TimerOptions['metric'];
  /** How long a saga or a claim is held without a renewal. Default 90 000. */
  readonly leaseMs?: number;
  /** How long an operation's result is kept. Default 7 776 000 000: ninety days, longer than any saga takes. */
  readonly ttlMs?: number;
  /** How long one call of the gateway or a service may take. Default 8 000. */
  readonly callTimeoutMs?: number;
  /** How long one operation of a store may take. Default 5 000. */
  readonly storeTimeoutMs?: number;
  /** How much later than the books the gateway may report a movement. Default 172 800 000: two days. */
  readonly settlementLagMs?: number;
  /**
   * How long ended sagas, delivered news, handled webhooks and closed tickets are kept. Default 34 560 000 000: four hundred days,
   * in which payments are refunded and disputed. Longer than `ttlMs`, `settlementLagMs`, and
   * the eighty hours for which webhooks are known again.
   */
  readonly retentionMs?: number;
  /** How often a process that calls `recover` forgets what is older. Default 86 400 000: once a day. */
  readonly pruneEveryMs?: number;
}

/** Parts with every default filled in. */
export type CheckoutSettings<Body> = Required<CheckoutParts<Body>>;

const methods = ['wallMs', 'monotonicMs', 'sleep', 'after', 'random', 'id', 'log'];

const check = optionCheck('checkoutSystem');

/**
 * Fills in the defaults.
 *
 * @throws ValidationError when a number is out of range, a part is missing, or the gateway does not know manual capture.
 */
export function checkoutSettings<Body>(parts: CheckoutParts<Body>): CheckoutSettings<Body> {
  const settings = {
    alsoSwept: [],
    metric: () => {},
    leaseMs: 90_000,
    ttlMs: 7_776_000_000,
    callTimeoutMs: 8_000,
    storeTimeoutMs: 5_000,
    settlementLagMs: 172_800_000,
    retentionMs: 34_560_000_000,
    pruneEveryMs: 86_400_000,
    ...parts,
  };
  check.runtime(settings.runtime, methods);
  for (const name of ['leaseMs', 'callTimeoutMs', 'storeTimeoutMs'] as const)
    check.delay(name, settings[name], 1);
  for (const name of ['ttlMs', 'settlementLagMs'] as const) check.span(name, settings[name]);
  checkRetention(settings, { ...settings, dedupTtlMs: defaultDedupTtlMs });
  const { services } = settings;
  for (const name of ['page', 'report', 'redeliver'] as const)
    check.callback(`services.${name}`, services[name]);
  for (const [index, one] of settings.alsoSwept.entries())
    for (const name of ['owns', 'sweep'] as const)
      check.callback(`alsoSwept ${index + 1} ${name}`, one[name]);
  check.callback('services.inventory.reserve', services.inventory?.reserve);
  check.callback('services.shipping.ship', services.shipping?.ship);
  for (const [index, guard] of settings.guards.entries()) check.callback(`guard ${index + 1}`, guard);
  if (!services.gateway.capabilities.captureModes.includes('manual'))
    throw new ValidationError(
      'checkoutSystem: the gateway does not know manual capture, so nothing can be authorised before it is taken',
    );
  return settings;
}
