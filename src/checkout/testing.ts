// A shop for the tests of the checkout: a gateway with strict books, services that know their keys, memory stores that
// outlive their processes, and processes that crash at a chosen crossing.

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
import { type CheckoutSystem, checkoutSystem } from './system.ts';

/** Everything that outlives the processes. */
export interface Mall {
  readonly runtime: ManualRuntime;
  readonly gateway: FakeGateway;
  readonly service: FakeService;
  readonly stores: CheckoutStores;
  readonly pages: string[];
  readonly news: string[];
  /** What the gateway reports, whatever day is asked for. */
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
export const secrets = ['whsec_old', 'whsec_new'] as const;

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
  const verdicts = memoryVerdictLog();
  const pages: string[] = [];
  const news: string[] = [];
  const reported: TransactionRecord[] = [];
  const redelivered: string[] = [];
  const outside = {
    page: async (about: string) => void pages.push(about),
    report: async (day: string) => (day === '2026-01-01' ? [...reported] : []),
    redeliver: async ({ kind, id }: { kind: string; id: string }) => void redelivered.push(`${kind} ${id}`),
  };
  const ports = {
    inventory: {
      reserve: ({ idempotencyKey }: { idempotencyKey: string }) => service.act('reserve', idempotencyKey),
      release: ({ idempotencyKey }: { idempotencyKey: string }) => service.act('release', idempotencyKey),
    },
    shipping: {
      async ship({ idempotencyKey }: { idempotencyKey: string }) {
        await service.act('ship', idempotencyKey);
        return { shipment: 'shp_1' };
      },
    },
  };
  return {
    runtime,
    gateway,
    service,
    stores,
    pages,
    news,
    reported,
    redelivered,
    start(crashAt) {
      const life = lifeOf(runtime, crashAt);
      const live = life.runtime;
      const bus = eventBus({ runtime: live });
      for (const type of ledgerNewsTypes) bus.subscribe(type, 'test', ({ id }) => void news.push(id));
      const through = Object.fromEntries(
        Object.entries(stores).map(([name, store]) => [name, life.through(store)]),
      ) as unknown as CheckoutStores;
      const system = checkoutSystem({
        runtime: live,
        stores: through,
        services: {
          gateway: life.through(gateway.port),
          inventory: life.through(ports.inventory),
          shipping: life.through(ports.shipping),
          ...life.through(outside),
          page: (about) => life.through(outside).page(about),
          report: (day) => life.through(outside).report(day),
          redeliver: (object) => life.through(outside).redeliver(object),
        },
        fraud: fraudEngine({
          runtime: live,
          verdicts: life.through(verdicts),
          rules: [blocklistRule({ name: 'email', subject: ({ email }) => email, listed: ['thief@x.test'] })],
        }),
        guards: [
          circuitBreaker({ runtime: live }),
          retry({ runtime: live }),
          rateLimit({ runtime: live, maxCalls: 100, periodMs: 1_000, mode: 'reject' }),
        ],
        webhooks: {
          verifier: webhookVerifier({ runtime: live, scheme: 'stripe', secrets }),
          schema: {
            '~standard': {
              version: 1,
              vendor: 'test',
              validate: (value) => ({ value: value as WebhookEvent<GatewayNews> }),
            },
          },
          eventOf: (event) => event,
        },
        bus,
        leaseMs: 10_000,
        storeTimeoutMs: 2_000,
      });
      return { ...system, crossings: life.crossings };
    },
    delivery(event, secret = secrets[1]) {
      const body = new TextEncoder().encode(JSON.stringify(event));
      const timestampS = Math.floor(runtime.wallMs() / 1_000);
      return [body, signWebhook({ scheme: 'stripe', secret, body, timestampS } as never)];
    },
  };
}
