// What the tests of the circuit breaker share.

import { GatewayServerError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import type { BreakerState } from './breaker-state.ts';
import { type CircuitBreakerOptions, circuitBreaker } from './circuit-breaker.ts';
import type { Call, Operation } from './operation.ts';

/** What a broken gateway answers. */
export const broken: GatewayServerError = new GatewayServerError('500');

/** What a call ended in, error or not. */
export function endOf(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => error);
}

/** A breaker that opens at two failures within a second, recovers after ten seconds, and whose calls the test ends. */
export function guarded(options: Partial<CircuitBreakerOptions> = {}) {
  const runtime = manualRuntime();
  const states: BreakerState[] = [];
  const underWay: { resolve: (result: unknown) => void; reject: (error: unknown) => void }[] = [];
  const send: Operation<string, unknown> = () =>
    new Promise((resolve, reject) => underWay.push({ resolve, reject }));
  const layer = circuitBreaker({
    runtime,
    failureThreshold: 2,
    windowMs: 1_000,
    recoveryTimeoutMs: 10_000,
    onStateChange: (state) => states.push(state),
    ...options,
  });
  const operation = layer(send);
  /** Starts a call; it is refused when nothing comes of it but an error. */
  const start = (call?: Call) => {
    const before = underWay.length;
    const outcome = endOf(operation('purchase', call));
    const sent = underWay[before];
    return {
      outcome,
      passed: sent !== undefined,
      succeed: async () => {
        sent?.resolve('charged');
        await outcome;
      },
      fail: async (error: unknown = broken) => {
        sent?.reject(error);
        await outcome;
      },
    };
  };
  const fail = (error?: unknown, call?: Call) => start(call).fail(error);
  return { runtime, states, layer, operation, start, fail, sent: () => underWay.length };
}

/** The same, opened just now. */
export async function opened(options: Partial<CircuitBreakerOptions> = {}) {
  const breaker = guarded(options);
  await breaker.fail();
  await breaker.fail();
  if (breaker.states.join() !== 'open') throw new Error(`two failures left it ${breaker.states.join()}`);
  breaker.states.length = 0;
  return breaker;
}

/** The same, ready for its next call to make it half-open. */
export async function recovered(options: Partial<CircuitBreakerOptions> = {}) {
  const breaker = await opened(options);
  await breaker.runtime.advance(10_000);
  return breaker;
}
