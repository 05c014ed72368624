// What the orchestrator and a worker say to each other. Both send structured clones, so what is undefined stays so and
// bytes stay bytes; errors travel as data.

import type { GatewayCapabilities } from '../../../src/gateway/port.ts';
import type { Passage } from '../../history/history.ts';
import type { ShopEnv } from '../../targets/shop-env.ts';
import type { TargetConfig } from '../../targets/target.ts';
import type { PackedError } from './remote-error.ts';
import type { StoresAddress } from './stores-address.ts';

/** What a worker is to be: one life of one process of a target. */
export interface StartOrder {
  readonly target: string;
  readonly process: string;
  /** How often the process has been started, this time included. */
  readonly incarnation: number;
  readonly seed: number;
  readonly config: TargetConfig;
  readonly capabilities: GatewayCapabilities;
  /** Present in cases of orders. */
  readonly webhooks: ShopEnv['webhooks'] | undefined;
  /** Absent where the stores are tables of the orchestrator. */
  readonly stores: StoresAddress | undefined;
}

/** How a call ended on the other side. */
export type RemoteOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: PackedError };

/** A request over HTTP that the worker shall make, or whose answer it waits for. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** What a worker is told to do. */
export type Order =
  | { readonly kind: 'start'; readonly start: StartOrder }
  /** Call a method of the target, as the actor. */
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly actor: string | undefined;
      readonly method: string;
      readonly values: readonly unknown[];
    }
  /** What the worker had asked is answered. */
  | { readonly kind: 'answer'; readonly id: number; readonly outcome: RemoteOutcome }
  | { readonly kind: 'fire'; readonly timer: number }
  /** Really do what was announced: an operation of a store, over the worker's own connection. */
  | {
      readonly kind: 'operate';
      readonly id: number;
      readonly family: string;
      readonly name: string;
      readonly asked: unknown;
      /** Whether the connection is to be told before, because something is to befall the operation. */
      readonly armed: boolean;
    }
  /** The same for an exchange with the gateway. */
  | { readonly kind: 'exchange'; readonly id: number; readonly request: HttpRequest }
  /** Which workers are stopped at present, by the id of their process: they cannot end by themselves. */
  | { readonly kind: 'stopped'; readonly pids: readonly number[] };

/** An order as it is sent: in sequence, with the time of the world. Milliseconds. */
export interface OrderMessage {
  readonly life: number;
  readonly sequence: number;
  readonly nowMs: number;
  readonly wallMs: number;
  readonly order: Order;
}

/** A worker's port to the outside, and what it asks there. */
export interface Ask {
  readonly id: number;
  readonly port: string;
  readonly method: string;
  readonly values: readonly unknown[];
  /** Whether the caller may give up. */
  readonly abortable: boolean;
}

/** Something that a worker has to say. */
export type Note = { readonly actor: string | undefined } & (
  | ({ readonly kind: 'ask' } & Ask)
  /** The caller of an ask has given up. */
  | { readonly kind: 'abort'; readonly id: number }
  /** A method of the target has ended. */
  | { readonly kind: 'called'; readonly id: number; readonly outcome: RemoteOutcome }
  /** What was to be done outside has been done. */
  | { readonly kind: 'performed'; readonly id: number; readonly outcome: RemoteOutcome }
  | { readonly kind: 'timer'; readonly timer: number; readonly ms: number }
  | { readonly kind: 'clear'; readonly timer: number }
  | { readonly kind: 'log'; readonly record: Readonly<Record<string, unknown>> }
  | { readonly kind: 'arrived'; readonly passage: number; readonly guard: Passage['guard'] }
  | { readonly kind: 'admitted'; readonly passage: number }
  | {
      readonly kind: 'settled' | 'answered';
      readonly passage: number;
      readonly outcome: NonNullable<Passage['answer']>;
    }
  /** The worker cannot be what it was told to be. */
  | { readonly kind: 'failed'; readonly error: PackedError }
);

/** Everything that a worker had to say until it came to rest. */
export interface Batch {
  readonly life: number;
  /** The last order that was carried out as far as it can be without the outside. */
  readonly seen: number;
  readonly notes: readonly Note[];
}
