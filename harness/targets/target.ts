// The contract between the storm and the system that is stormed.

import type { PaymentGateway } from '../../src/gateway/port.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { Answer, ChargeIntent, Terms } from '../history/history.ts';

/** What a target can be asked to do; invariants about the rest do not apply, and say so. */
export type Capability = 'charge' | 'recover';

/** Everything that a target's process gets from the world. */
export interface TargetEnv {
  readonly runtime: Runtime;
  readonly gateway: PaymentGateway;
  readonly stores: { readonly idempotency: IdempotencyStore };
  /** Name of the simulated process, such as `p0`. */
  readonly process: string;
  readonly config: TargetConfig;
}

/** Switches that a case sets. Milliseconds. */
export interface TargetConfig {
  readonly leaseMs: number;
  readonly ttlMs: number;
  /** How long a concurrent duplicate waits for the first result; 0 answers at once. */
  readonly waitMs: number;
  readonly jitter: 'none' | 'full' | 'decorrelated';
}

/** One started process of a target. Every method that is absent takes the invariants about it out of judgement. */
export interface Subject {
  /** Takes a payment and answers what the client is told; anything thrown counts as a crash of the handler. */
  charge?(intent: ChargeIntent): Promise<Answer>;
  /** Resolves everything that was left undecided, once. */
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
  start(env: TargetEnv): Subject;
}
