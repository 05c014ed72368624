// The stacks whose cost is measured: our own, and the least that layers can cost.

import type { ChargeResult } from '../../src/gateway/port.ts';
import { idempotent } from '../../src/idempotency/idempotent.ts';
import { systemRuntime } from '../../src/kernel/system-runtime.ts';
import { circuitBreaker } from '../../src/resilience/circuit-breaker.ts';
import { logExecution } from '../../src/resilience/log-execution.ts';
import type { Operation } from '../../src/resilience/operation.ts';
import { rateLimit } from '../../src/resilience/rate-limit.ts';
import { retry } from '../../src/resilience/retry.ts';
import { stack } from '../../src/resilience/stack.ts';
import { timeout } from '../../src/resilience/timeout.ts';
import { timer } from '../../src/resilience/timer.ts';
import { memoryIdempotencyStore } from '../../src/stores/memory-idempotency-store.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import type { ChargeIntent } from '../history/history.ts';

/** What all of them wrap. */
export type Charge = Operation<ChargeIntent, ChargeResult>;

/** The environment of production, with a log that nobody reads. */
const runtime = systemRuntime({ log: () => {} });

/** Of the layers below the idempotent one, outermost first. */
const sixLayers = (): ((operation: Charge) => Charge) =>
  stack(
    circuitBreaker({ runtime }),
    retry({ runtime }),
    // Ten thousand calls take longer than a millisecond: the limiter counts them and lets all of them through.
    rateLimit({ runtime, maxCalls: 10_000, periodMs: 1 }),
    timeout({ runtime, afterMs: 8_000 }),
    timer({ runtime, metric: () => {} }),
    logExecution({ runtime }),
  );

/** The reference's six layers without the idempotent one, in the recommended order. */
export function layered(operation: Charge): Charge {
  return sixLayers()(operation);
}

/** The whole reference stack over a memory store that holds nothing yet. */
export function wholeStack(operation: Charge): Charge {
  const charge = idempotent<ChargeIntent, ChargeResult>({
    runtime,
    store: memoryIdempotencyStore(runtime),
    scope: ({ scope }) => scope,
    key: ({ key }) => key,
    resolve: { capabilities: capabilitiesOf('stripe'), find: neverAsked },
  });
  return charge(layered(operation));
}

/**
 * Six async layers written by hand that do nothing. They return the promise below as it is: awaiting it first
 * takes a third longer, and a floor should be low.
 */
export function emptyLayers(operation: Charge): Charge {
  const first: Charge = async (request, call) => operation(request, call);
  const second: Charge = async (request, call) => first(request, call);
  const third: Charge = async (request, call) => second(request, call);
  const fourth: Charge = async (request, call) => third(request, call);
  const fifth: Charge = async (request, call) => fourth(request, call);
  return async (request, call) => fifth(request, call);
}

function neverAsked(): Promise<never> {
  return Promise.reject(new Error('nothing is unknown here, so nobody asks'));
}
