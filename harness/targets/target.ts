// The contract between the storm and the system that is stormed.

import type { PaymentGateway } from '../../src/gateway/port.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { Layer } from '../../src/resilience/operation.ts';
import type { IdempotencyTable } from '../../src/stores/idempotency-table.ts';
import type { Answer, BreakerTerms, ChargeIntent, GuardKind, LimitTerms, Terms } from '../history/history.ts';
import type {
  DeliveryIntent,
  OrderIntent,
  Reconciled,
  ReconcileIntent,
  RefundIntent,
} from '../history/shop.ts';
import type { ShopEnv } from './shop-env.ts';

/**
 * What a target can be asked to do and what it declares to have: invariants about the rest do not apply, and say so. A
 * shop with `fees` books what the gateway keeps of payments when it reconciles; a target with a `circuit-breaker` or a `rate-limit` runs one in each process, configured by `config` and watched.
 */
export type Capability =
  | 'charge'
  | 'recover'
  | 'circuit-breaker'
  | 'rate-limit'
  | 'audit'
  | 'checkout'
  | 'refund'
  | 'webhook'
  | 'reconcile'
  | 'fees';

/** What only a shop is asked to do: a target that declares any of it is given one in cases of orders. */
export const shopCapabilities: readonly Capability[] = ['checkout', 'refund', 'webhook', 'reconcile'];

/** Puts a recorder around a guard, so that its decisions can be judged. Returns a layer of the same kind. */
export type Watch = <Request, Result>(
  guard: GuardKind,
  layer: Layer<Request, Result>,
) => Layer<Request, Result>;

/** Everything that a target's process gets from the world. */
export interface TargetEnv {
  readonly runtime: Runtime;
  readonly gateway: PaymentGateway;
  readonly stores: { readonly idempotency: IdempotencyStore };
  /** Present in cases of orders, where the target declares to be a shop: any of {@link shopCapabilities}. */
  readonly shop?: ShopEnv;
  /** Name of the simulated process, such as `p0`. */
  readonly process: string;
  readonly config: TargetConfig;
  /** Watches the guards that the target declares among its capabilities. */
  readonly watch: Watch;
}

/** Switches that a case sets. Milliseconds. */
export interface TargetConfig {
  readonly leaseMs: number;
  readonly ttlMs: number;
  /** How long a concurrent duplicate waits for the first result; 0 answers at once. */
  readonly waitMs: number;
  readonly jitter: 'none' | 'full' | 'decorrelated';
  readonly breaker: BreakerTerms;
  readonly limit: LimitTerms;
}

/** One started process of a target. Every method that is absent takes the invariants about it out of judgement. */
export interface Subject {
  /** Takes a payment and answers what the client is told; anything thrown counts as a crash of the handler. */
  charge?(intent: ChargeIntent): Promise<Answer>;
  /** Takes an order through to its shipment, or undoes all of it; thrown errors count as above. */
  checkout?(intent: OrderIntent): Promise<Answer>;
  /** Returns money of an order. */
  refund?(intent: RefundIntent): Promise<Answer>;
  /** Answers one delivery with an HTTP status. */
  webhook?(rawBody: Uint8Array, headers: DeliveryIntent['headers']): Promise<{ readonly status: number }>;
  /** Reconciles a day and repairs what it can. */
  reconcile?(intent: ReconcileIntent): Promise<Reconciled>;
  /** Resolves everything that was left undecided, once: sweeps, recovers sagas, works inbox and outbox off. */
  recover?(): Promise<void>;
}

/** A system under the storm. `start` is called again after a crash, with the same durable stores. */
export interface Target {
  readonly name: string;
  /** One sentence for lists and stories. */
  readonly description: string;
  readonly capabilities: readonly Capability[];
  /** The lease that it holds claims under when it is not the configured one, milliseconds. */
  readonly leaseMs?: number;
  /** The retry policy to be held to, when there is one. */
  readonly retry?: NonNullable<Terms['retry']>;
  /** The store that it brings along, as its sequential meaning over the world's clock. Default: the reference's. */
  readonly table?: (nowMs: () => number) => IdempotencyTable;
  start(env: TargetEnv): Subject;
}
