// A shop for the tests of the checkout: a gateway with strict books, services that know their keys, memory stores that
// outlive their processes, and processes that crash at a chosen crossing.

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { blocklistRule } from '../fraud/blocklist-rule.ts';
import { fraudEngine } from '../fraud/engine.ts';
import type { GatewayCapabilities } from '../gateway/port.ts';
import type { ManualRuntime } from '../kernel/testing.ts';
import { eventBus } from '../ledger/event-bus.ts';
import type { TransactionRecord } from '../reconciliation/record.ts';
import { circuitBreaker } from '../resilience/circuit-breaker.ts';
import { rateLimit } from '../resilience/rate-limit.ts';
import { retry } from '../resilience/retry.ts';
import { type FakeService, fakeService, ground, type Life, lifeOf } from '../saga/testing.ts';
import { type FakeGateway, fakeGateway } from '../saga/testing-gateway.ts';
import { memoryIdempotencyStore } from '../stores/memory-idempotency-store.ts';
import { memoryInboxStore } from '../stores/memory-inbox-store.ts';
import { memoryLedgerStore } from '../stores/memory-ledger-store.ts';
import { memoryTicketStore } from '../stores/memory-ticket-store.ts';
import { memoryVerdictLog } from '../stores/memory-verdict-log.ts';
import type { WebhookEvent } from '../webhooks/event.ts';
import { signWebhook } from '../webhooks/signer.ts';
import { webhookVerifier } from '../webhooks/verifier.ts';
import type { GatewayNews } from './gateway-news.ts';
import type { Order } from './order.ts';
import type { CheckoutStores } from './parts.ts';
import { ledgerNewsTypes } from './payment-books.ts';
import type { DaySpan, GatewayObject } from './reconciliation.ts';
import type { ServiceRequest } from './services.ts';
import { type CheckoutSystem, checkoutSystem } from './system.ts';

/** Everything that outlives the processes. */
export interface Mall {
  readonly runtime: ManualRuntime;
  readonly gateway: FakeGateway;
  readonly service: FakeService;
  readonly stores: CheckoutStores;
  readonly pages: string[];
  readonly news: string[];
  /** What the gateway reports on 2026-01-01. */
  readonly reported: TransactionRecord[];
  readonly redelivered: string[];
  /** Starts a process that dies at half crossing `crashAt`. */
  start(crashAt?: number): CheckoutSystem & Pick<Life, 'crossings'>;
  /** A signed delivery. */
  delivery(event: WebhookEvent<GatewayNews>, secret?: string): Parameters<CheckoutSystem['webhook']>;
}

/** An order of five dollars. */
export const order: Order = {
  scope: 'shop',
  key: 'order-1',
  amountMinor: 500,
  currency: 'USD',
  paymentToken: 'tok_1',
};

/** Secrets that are valid at once, during a rotation. */
const secrets = ['whsec_old', 'whsec_new'] as const;

/** A shop without orders. */
export function mall(promised: Partial<GatewayCapabilities> = {}): Mall {
  const { runtime, journal: sagas } = ground();
  runtime.setWall(Date.parse('2026-01-01T12:00:00Z'));
  const gateway = fakeGateway(runtime, promised);
  const service = fakeService();
  const book = memoryLedgerStore(runtime);
  const stores: CheckoutStores = {
    idempotency: memoryIdempotencyStore(runtime),
    sagas,
    inbox: memoryInboxStore(runtime),
    ledger: book,
    outbox: book,
    tickets: memoryTicketStore(runtime),
  };
  const verdicts = memoryVerdictLog(runtime);
  const seen = {
    pages: [] as string[],
    news: [] as string[],
    reported: [] as TransactionRecord[],
    redelivered: [] as string[],
  };
  const outside = outsideOf(seen, service);
  return {
    runtime,
    gateway,
    service,
    stores,
    ...seen,
    start(crashAt) {
      const life = lifeOf(runtime, crashAt);
      const system = checkoutSystem({
        ...fixed(life, seen.news),
        stores: {
          idempotency: life.through(stores.idempotency),
          sagas: life.through(stores.sagas),
          inbox: life.through(stores.inbox),
          ledger: life.through(stores.ledger),
          outbox: life.through(stores.outbox),
          tickets: life.through(stores.tickets),
        },
        services: {
          gateway: life.through(gateway.port),
          inventory: life.through(outside.inventory),
          shipping: life.through(outside.shipping),
          page: life.through(outside.desk).page,
          report: life.through(outside.desk).report,
          redeliver: life.through(outside.desk).redeliver,
        },
        fraud: fraudEngine({
          runtime: life.runtime,
          verdicts: life.through(verdicts),
          rules: [blocklistRule({ name: 'email', subject: ({ email }) => email, listed: ['thief@x.test'] })],
        }),
      });
      return { ...system, crossings: life.crossings };
    },
    delivery(event, secret = secrets[1]) {
      const body = new TextEncoder().encode(JSON.stringify(event));
      const timestampS = Math.floor(runtime.wallMs() / 1_000);
      return [body, signWebhook({ scheme: 'stripe', secret, body, id: event.id, timestampS })];
    },
  };
}

/** What every process has of its own. */
function fixed({ runtime }: Life, news: string[]) {
  const bus = eventBus({ runtime });
  for (const type of ledgerNewsTypes) bus.subscribe(type, 'test', ({ id }) => void news.push(id));
  const schema: StandardSchemaV1<unknown, WebhookEvent<GatewayNews>> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => ({ value: value as WebhookEvent<GatewayNews> }),
    },
  };
  return {
    runtime,
    bus,
    guards: [
      circuitBreaker({ runtime }),
      retry({ runtime }),
      rateLimit({ runtime, maxCalls: 100, periodMs: 1_000, mode: 'reject' }),
    ],
    webhooks: {
      verifier: webhookVerifier({ runtime, scheme: 'stripe', secrets }),
      schema,
      eventOf: (event: WebhookEvent<GatewayNews>) => event,
    },
    leaseMs: 10_000,
    storeTimeoutMs: 2_000,
  };
}

function daysOf({ fromDay, toDay }: DaySpan): readonly string[] {
  const days: string[] = [];
  for (let atMs = Date.parse(fromDay); atMs <= Date.parse(toDay); atMs += 86_400_000)
    days.push(new Date(atMs).toISOString().slice(0, 10));
  return days;
}

function outsideOf(
  { pages, reported, redelivered }: Pick<Mall, 'pages' | 'reported' | 'redelivered'>,
  service: FakeService,
) {
  return {
    desk: {
      page: async (about: string) => void pages.push(about),
      report: async (span: DaySpan) =>
        daysOf(span).map((day) => ({ day, rows: day === '2026-01-01' ? [...reported] : [] })),
      redeliver: async ({ kind, id }: GatewayObject) => void redelivered.push(`${kind} ${id}`),
    },
    inventory: {
      reserve: ({ idempotencyKey }: ServiceRequest) => service.act('reserve', idempotencyKey),
      release: ({ idempotencyKey }: ServiceRequest) => service.act('release', idempotencyKey),
    },
    shipping: {
      async ship({ idempotencyKey }: ServiceRequest) {
        await service.act('ship', idempotencyKey);
        return { shipment: 'shp_1' };
      },
    },
  };
}
