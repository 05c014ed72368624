// What the tests of the idempotent layer share: a layer over a store that can lose requests and replies, above a
// gateway that does what the test wrote down.

import { StoreUnavailableError } from '../errors/payment-error.ts';
import type { GatewayCapabilities, LookupRequest } from '../gateway/port.ts';
import { type ManualRuntime, manualRuntime } from '../kernel/testing.ts';
import type { Call, Operation } from '../resilience/operation.ts';
import { memoryIdempotencyStore } from '../stores/memory-idempotency-store.ts';
import { idempotent } from './idempotent.ts';
import type { Found, IdempotencyOptions } from './options.ts';
import type { IdempotencyRecord, IdempotencyStore } from './store.ts';
import { sweeper } from './sweeper.ts';

/** The request of the tests. */
export interface Order {
  readonly scope: string;
  readonly key: string;
  readonly amountMinor: number;
}

/** The usual request. */
export const order: Order = { scope: 'shop', key: 'k', amountMinor: 500 };

/** One thing that the gateway does with a send. */
export type Behaviour = (call: Call) => unknown;

/** How a call ended. */
export type Outcome = { readonly result: unknown } | { readonly error: unknown };

/** A gateway that replays every answer and can be looked up by reference, two seconds stale at most. */
const capabilities: GatewayCapabilities = {
  dedup: 'every-answer',
  lookup: { by: ['reference'], consistentAfterMs: 2_000 },
  keyRetentionMs: 86_400_000,
  maxEffectDelayMs: 30_000,
  cancelByKey: false,
  captureModes: ['automatic'],
};

/** Options of {@link rig} besides those of the layer. */
export interface RigOptions
  extends Partial<Omit<IdempotencyOptions<Order, unknown>, 'resolve' | 'runtime' | 'store'>> {
  readonly gateway?: Partial<GatewayCapabilities>;
  readonly limit?: number;
}

/** A layer under test and everything around it. */
export interface Rig {
  readonly runtime: ManualRuntime;
  readonly store: IdempotencyStore;
  /** Store operations so far, by name. */
  readonly operations: readonly (keyof IdempotencyStore)[];
  /** Loses the next requests to a store operation, or the next replies to it. */
  lose(operation: keyof IdempotencyStore, what: 'request' | 'reply', times?: number): void;
  /** What the gateway does with the next sends; afterwards it succeeds with `{ id: 'ch_<n>' }`. */
  script(...behaviours: readonly Behaviour[]): void;
  /** What the next look-ups find; afterwards nothing. An `Error` is thrown. */
  finds(...answers: readonly (Found<unknown> | Error)[]): void;
  readonly sent: readonly Call[];
  readonly lookedUp: readonly LookupRequest[];
  readonly options: IdempotencyOptions<Order, unknown>;
  /** The operation behind the layer. */
  readonly operation: Operation<Order, unknown>;
  /** Calls the operation and moves time until it has ended. */
  charge(request?: Order, call?: Call): Promise<Outcome>;
  readonly sweep: () => Promise<{ readonly found: number; readonly decided: number }>;
  /** The record of a request, which must exist. */
  record(request?: Order): Promise<IdempotencyRecord>;
}

/** Builds a rig; its lease is 10 s long, and isn't renewed unless `maxRenewals` says so. */
export function rig({ gateway = {}, limit, ...overrides }: RigOptions = {}): Rig {
  const runtime = manualRuntime();
  const durable = memoryIdempotencyStore(runtime);
  const { store, operations, lose } = lossy(durable);
  const behaviours: Behaviour[] = [];
  const answers: (Found<unknown> | Error)[] = [];
  const sent: Call[] = [];
  const lookedUp: LookupRequest[] = [];
  const options: IdempotencyOptions<Order, unknown> = {
    leaseMs: 10_000,
    maxRenewals: 0,
    scope: (request) => request.scope,
    key: (request) => request.key,
    ...overrides,
    runtime,
    store,
    resolve: {
      capabilities: { ...capabilities, ...gateway },
      find: async (request) => {
        lookedUp.push(request);
        const answer = answers.shift() ?? { kind: 'absent' as const };
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
  };
  const send: Operation<Order, unknown> = async (_, call = {}) => {
    call.fence?.();
    sent.push(call);
    const behaviour = behaviours.shift();
    return behaviour === undefined ? { id: `ch_${sent.length}` } : behaviour(call);
  };
  const operation = idempotent(options)(send);
  return {
    runtime,
    store: durable,
    operations,
    lose,
    script: (...next) => void behaviours.push(...next),
    finds: (...next) => void answers.push(...next),
    sent,
    lookedUp,
    options,
    operation,
    charge: (request = order, call) => runtime.settle(outcomeOf(operation(request, call))),
    sweep: () => runtime.settle(sweeper(limit === undefined ? options : { ...options, limit })(send)()),
    async record(request = order) {
      const record = await durable.read(`${request.scope}/${request.key}`);
      if (record === null) throw new Error(`no record of ${request.scope}/${request.key}`);
      return record;
    },
  };
}

/** Turns an ending into a value. */
export function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  return work.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
}

/** A behaviour that fails. */
export function failing(error: unknown): Behaviour {
  return () => {
    throw error;
  };
}

function lossy(store: IdempotencyStore) {
  const operations: (keyof IdempotencyStore)[] = [];
  const losses = new Map<string, number>();
  const lost = (operation: string, what: string): boolean => {
    const left = losses.get(`${operation} ${what}`) ?? 0;
    losses.set(`${operation} ${what}`, Math.max(0, left - 1));
    return left > 0;
  };
  const through =
    <Request, Reply>(name: keyof IdempotencyStore, apply: (request: Request) => Promise<Reply>) =>
    async (request: Request): Promise<Reply> => {
      operations.push(name);
      if (lost(name, 'request')) throw new StoreUnavailableError(`${name}: the request was lost`);
      const reply = await apply(request);
      if (lost(name, 'reply')) throw new StoreUnavailableError(`${name}: the reply was lost`);
      return reply;
    };
  const wrapped: IdempotencyStore = {
    claim: through('claim', store.claim),
    complete: through('complete', store.complete),
    fail: through('fail', store.fail),
    release: through('release', store.release),
    renew: through('renew', store.renew),
    suspend: through('suspend', store.suspend),
    advance: through('advance', store.advance),
    read: through('read', store.read),
    list: through('list', store.list),
  };
  const lose: Rig['lose'] = (operation, what, times = 1) => void losses.set(`${operation} ${what}`, times);
  return { store: wrapped, operations, lose };
}
