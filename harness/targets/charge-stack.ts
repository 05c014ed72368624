// The parts of a charging service, so that a target can be the reference with one of them replaced.

import { NotChargedError, PaymentError } from '../../src/errors/payment-error.ts';
import { chargeThrough, type Purchase } from '../../src/gateway/charge-operation.ts';
import type { ChargeResult, LookupResult, PaymentGateway } from '../../src/gateway/port.ts';
import { idempotent } from '../../src/idempotency/idempotent.ts';
import type { Found, IdempotencyOptions, Resolver } from '../../src/idempotency/options.ts';
import type { IdempotencyRecord } from '../../src/idempotency/store.ts';
import { sweeper } from '../../src/idempotency/sweeper.ts';
import { money } from '../../src/kernel/money.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import { type CircuitBreakerOptions, circuitBreaker } from '../../src/resilience/circuit-breaker.ts';
import { logExecution } from '../../src/resilience/log-execution.ts';
import type { Layer, Operation } from '../../src/resilience/operation.ts';
import { type RateLimitOptions, rateLimit } from '../../src/resilience/rate-limit.ts';
import { type RetryOptions, retry } from '../../src/resilience/retry.ts';
import { stack } from '../../src/resilience/stack.ts';
import { timeout } from '../../src/resilience/timeout.ts';
import { timer } from '../../src/resilience/timer.ts';
import type { ChargeIntent, Terms } from '../history/history.ts';
import { answerOf } from './answer.ts';
import { type LayerName, type Order, recommendedOrder } from './orders.ts';
import type { Capability, Subject, TargetEnv } from './target.ts';

/** How long one gateway call may take, milliseconds. */
const attemptTimeoutMs = 8_000;

/** The retry policy of the reference stack; milliseconds. */
export const retryPolicy: NonNullable<Terms['retry']> = {
  maxAttempts: 3,
  delayMs: 500,
  backoff: 2,
  jitter: 'none',
  maxDelayMs: 10_000,
};

/** The textbook's rule, planted where it does harm: whatever calls itself retriable is sent again. */
export function retryAnything(options: RetryOptions): RetryOptions {
  return { ...options, retryOn: (error) => error instanceof PaymentError && error.retriable };
}

/** The replaceable parts. Each defaults to the reference's own. */
export interface ChargeParts {
  readonly gateway?: (env: TargetEnv) => PaymentGateway;
  readonly options?: (
    options: IdempotencyOptions<ChargeIntent, ChargeResult>,
    env: TargetEnv,
  ) => IdempotencyOptions<ChargeIntent, ChargeResult>;
  readonly retry?: (options: RetryOptions, env: TargetEnv) => RetryOptions;
  /** Wraps the operation directly above the gateway. */
  readonly send?: (
    operation: Operation<ChargeIntent, ChargeResult>,
    env: TargetEnv,
  ) => Operation<ChargeIntent, ChargeResult>;
  readonly breaker?: (options: CircuitBreakerOptions, env: TargetEnv) => CircuitBreakerOptions;
  readonly limit?: (options: RateLimitOptions, env: TargetEnv) => RateLimitOptions;
  /** Replaces layers by name. What guards is watched around the replacement too. */
  readonly layers?: (layers: Layers, env: TargetEnv) => Partial<Layers>;
  /** Default: the recommended order. */
  readonly order?: Order;
}

/** One layer of a charging service. */
export type ChargeLayer = Layer<ChargeIntent, ChargeResult>;

/** The layers of the stack by name. */
export type Layers = Readonly<Record<LayerName | 'timer', ChargeLayer>>;

/** What a charging service built from these parts declares. */
export const chargeCapabilities: readonly Capability[] = [
  'charge',
  'recover',
  'circuit-breaker',
  'rate-limit',
  'audit',
];

/** A service that takes payments. */
export interface ChargeService extends Required<Pick<Subject, 'charge'>> {
  /** Sweeps the records that it is given, else those that it lists itself. */
  recover(listed?: readonly IdempotencyRecord[]): Promise<void>;
}

/**
 * Builds a charging service from the reference's parts and the replacements. The sweep runs what stands below the
 * idempotent layer, through the same guards.
 */
export function chargeService(env: TargetEnv, parts: ChargeParts = {}): ChargeService {
  const gateway = parts.gateway?.(env) ?? env.gateway;
  const options = idempotencyOf(env, gateway);
  const settled = parts.options?.(options, env) ?? options;
  const own: Layers = { idempotent: idempotent(settled), ...ownLayers(env, parts) };
  const layers: Layers = { ...own, ...parts.layers?.(own, env) };
  const order = stacked(parts.order ?? recommendedOrder);
  const below = order.slice(order.indexOf('idempotent') + 1);
  const named = (name: keyof Layers): ChargeLayer => watched(name, layers[name], env);
  const through = (names: readonly (keyof Layers)[]): readonly ChargeLayer[] => names.map(named);
  const authorize = chargeThrough(gateway);
  const plain: Operation<ChargeIntent, ChargeResult> = (intent, call) => authorize(purchaseOf(intent), call);
  const send = parts.send?.(plain, env) ?? plain;
  const charge = stack(...through(order))(send);
  // Most runs have processes that never sweep, and setting a stack up is a part of every run.
  const built = (): ReturnType<ReturnType<typeof sweeper>> =>
    sweeper(settled)(below.length === 0 ? send : stack(...through(below))(send));
  let sweep: ReturnType<typeof built> | undefined;
  return {
    charge: (intent) => answerOf((call) => charge(sound(intent), call)),
    async recover(listed) {
      sweep ??= built();
      await sweep(listed);
    },
  };
}

/**
 * What stands below the idempotent layer of a charging service, in the recommended order: for a payment that is a step of
 * something larger, which guards its own door.
 */
export function guardedCharge(
  env: TargetEnv,
  parts: Pick<ChargeParts, 'retry'>,
): (send: Operation<ChargeIntent, ChargeResult>) => Operation<ChargeIntent, ChargeResult> {
  const layers = ownLayers(env, parts);
  const below = stacked(recommendedOrder).filter((name) => name !== 'idempotent');
  return stack(...below.map((name) => watched(name, layers[name], env)));
}

function idempotencyOf(
  { runtime, config, stores }: TargetEnv,
  gateway: PaymentGateway,
): IdempotencyOptions<ChargeIntent, ChargeResult> {
  return {
    runtime,
    store: stores.idempotency,
    scope: (intent) => intent.scope,
    key: (intent) => intent.key,
    resolve: chargeResolver(gateway, runtime),
    leaseMs: config.leaseMs,
    ttlMs: config.ttlMs,
    waitMs: config.waitMs,
  };
}

function ownLayers(
  env: TargetEnv,
  parts: Pick<ChargeParts, 'breaker' | 'limit' | 'retry'>,
): Omit<Layers, 'idempotent'> {
  const { runtime, config } = env;
  const retryOptions: RetryOptions = { runtime, ...retryPolicy, jitter: config.jitter };
  const { slowCallMs, ...breaker } = config.breaker;
  const breakerOptions: CircuitBreakerOptions = {
    runtime,
    ...breaker,
    ...(slowCallMs === undefined ? {} : { slowCallMs }),
  };
  const limitOptions: RateLimitOptions = { runtime, ...config.limit };
  return {
    circuitBreaker: circuitBreaker(parts.breaker?.(breakerOptions, env) ?? breakerOptions),
    retry: retry(parts.retry?.(retryOptions, env) ?? retryOptions),
    rateLimit: rateLimit(parts.limit?.(limitOptions, env) ?? limitOptions),
    timeout: timeout({ runtime, afterMs: attemptTimeoutMs }),
    timer: timer({ runtime, metric: () => {} }),
    logExecution: logExecution({ runtime }),
  };
}

/** The timer stands beside the log. */
function stacked(order: Order): readonly (keyof Layers)[] {
  return order.flatMap((name) => (name === 'logExecution' ? (['timer', name] as const) : [name]));
}

function watched(name: keyof Layers, layer: ChargeLayer, { watch }: TargetEnv): ChargeLayer {
  if (name === 'circuitBreaker') return watch('circuit-breaker', layer);
  return name === 'rateLimit' ? watch('rate-limit', layer) : layer;
}

/** Looks a charge up at the gateway, each question bounded in time. */
function chargeResolver(gateway: PaymentGateway, runtime: Runtime): Resolver<ChargeResult> {
  const bounded = timeout({ runtime, afterMs: attemptTimeoutMs });
  const ask = bounded((request: Parameters<PaymentGateway['lookup']>[0], call) =>
    gateway.lookup(request, call?.signal === undefined ? {} : { signal: call.signal }),
  );
  return { capabilities: gateway.capabilities, find: async (request) => foundOf(await ask(request)) };
}

function foundOf(answer: LookupResult): Found<ChargeResult> {
  if (answer.kind !== 'found') return answer;
  if (answer.charge.status !== 'voided') return { kind: 'found', result: answer.charge };
  return { kind: 'answered', error: new NotChargedError(`${answer.charge.id} was voided and took no money`) };
}

/** The edge of the service: nonsense is refused before anything is claimed or sent. */
function sound(intent: ChargeIntent): ChargeIntent {
  money(intent.amountMinor, intent.currency);
  return intent;
}

function purchaseOf({ amountMinor, currency, paymentToken }: ChargeIntent): Purchase {
  return { amountMinor, currency, paymentToken, capture: 'automatic' };
}
