// The parts of a charging service, so that a target can be the reference with one of them replaced.

import { NotChargedError, PaymentError } from '../../src/errors/payment-error.ts';
import { chargeThrough, type Purchase } from '../../src/gateway/charge-operation.ts';
import type { ChargeResult, LookupResult, PaymentGateway } from '../../src/gateway/port.ts';
import { idempotent } from '../../src/idempotency/idempotent.ts';
import type { Found, IdempotencyOptions, Resolver } from '../../src/idempotency/options.ts';
import { sweeper } from '../../src/idempotency/sweeper.ts';
import { money } from '../../src/kernel/money.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { Layer, Operation } from '../../src/resilience/operation.ts';
import { type RetryOptions, retry } from '../../src/resilience/retry.ts';
import { stack } from '../../src/resilience/stack.ts';
import { timeout } from '../../src/resilience/timeout.ts';
import type { ChargeIntent, Terms } from '../history/history.ts';
import { answerOf } from './answer.ts';
import type { Subject, TargetEnv } from './target.ts';

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
  /** Replaces the order of the layers. */
  readonly layers?: (parts: Layers, env: TargetEnv) => readonly Layer<ChargeIntent, ChargeResult>[];
}

/** The layers of the stack by name. */
export interface Layers {
  readonly idempotent: Layer<ChargeIntent, ChargeResult>;
  readonly retry: Layer<ChargeIntent, ChargeResult>;
  readonly timeout: Layer<ChargeIntent, ChargeResult>;
}

/** Builds a charging service from the reference's parts and the replacements. */
export function chargeService(env: TargetEnv, parts: ChargeParts = {}): Subject {
  const { runtime, config } = env;
  const gateway = parts.gateway?.(env) ?? env.gateway;
  const bounded = timeout({ runtime, afterMs: attemptTimeoutMs });
  const retryOptions: RetryOptions = { runtime, ...retryPolicy, jitter: config.jitter };
  const options: IdempotencyOptions<ChargeIntent, ChargeResult> = {
    runtime,
    store: env.stores.idempotency,
    scope: (intent) => intent.scope,
    key: (intent) => intent.key,
    resolve: chargeResolver(gateway, runtime),
    leaseMs: config.leaseMs,
    ttlMs: config.ttlMs,
    waitMs: config.waitMs,
  };
  const settled = parts.options?.(options, env) ?? options;
  const layers: Layers = {
    idempotent: idempotent(settled),
    retry: retry(parts.retry?.(retryOptions, env) ?? retryOptions),
    timeout: bounded,
  };
  const below = [layers.retry, layers.timeout];
  const plain: Operation<ChargeIntent, ChargeResult> = (intent, call) =>
    chargeThrough(gateway)(purchaseOf(intent), call);
  const send = parts.send?.(plain, env) ?? plain;
  const charge = stack(...(parts.layers?.(layers, env) ?? [layers.idempotent, ...below]))(send);
  const sweep = sweeper(settled)(stack(...below)(send));
  return {
    charge: (intent) => answerOf(async (call) => charge(sound(intent), call)),
    recover: async () => void (await sweep()),
  };
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
