// Planted bugs of the breaker class.

import { CircuitOpenError, GatewayTimeoutError } from '../../src/errors/payment-error.ts';
import { circuitBreaker, isInfrastructureFailure } from '../../src/resilience/circuit-breaker.ts';
import type { ChargeLayer } from '../targets/charge-stack.ts';
import {
  admitsAll,
  closedByAnySuccess,
  failedProbeForgotten,
  leaksProbes,
  pushedOn,
  refusalsCounted,
} from './breaker-machines.ts';
import { breakerOptions, breakerWith, type Tampering } from './breaker-parts.ts';
import { everywhere, type Mutant, on, type Planted, plant } from './mutant.ts';
import type { ChargeOperation } from './replace.ts';

/** A service whose breaker has another machine. */
function machine(tamper: Tampering): Planted['parts'] {
  return { layers: (_layers, env) => ({ circuitBreaker: breakerWith(env, tamper) }) };
}

/** A breaker that belongs to each operation that it is applied to, or to each call of it. */
function madeAnew(make: () => ChargeLayer, forEach: 'operation' | 'call'): ChargeLayer {
  const wrap = (next: ChargeOperation): ChargeOperation =>
    forEach === 'operation' ? make()(next) : (request, call) => make()(next)(request, call);
  return Object.assign(wrap, { kind: 'circuitBreaker' as const });
}

const sendsAllTheSame = (breaker: ChargeLayer): ChargeLayer =>
  Object.assign(
    (next: ChargeOperation): ChargeOperation => {
      const guarded = breaker(next);
      return async (request, call) => {
        try {
          return await guarded(request, call);
        } catch (error) {
          if (error instanceof CircuitOpenError) return next(request, call);
          throw error;
        }
      };
    },
    { kind: 'circuitBreaker' as const },
  );

const planted: readonly Planted[] = [
  {
    id: 'half-open-admits-all',
    class: 'breaker',
    mistake: 'a breaker that is half-open lets every call through',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 2, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 3, faults: 1 }),
    },
    parts: machine(admitsAll),
  },
  {
    id: 'stuck-half-open',
    class: 'breaker',
    mistake: 'a probe that ends in a decline keeps its place for ever, and no other is let through',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'L4', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'L4', requests: 2, faults: 2 }),
    },
    parts: machine(leaksProbes),
  },
  {
    id: 'late-failures-push-recovery-on',
    class: 'breaker',
    mistake: 'every failure that comes in while the breaker is open starts its recovery anew',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 2, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 3, faults: 1 }),
    },
    parts: machine(pushedOn),
  },
  {
    id: 'late-success-closes',
    class: 'breaker',
    mistake: 'a call from before the breaker opened succeeds and closes it',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 2, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 3, faults: 1 }),
    },
    parts: machine(closedByAnySuccess),
  },
  {
    id: 'failed-probe-forgotten',
    class: 'breaker',
    mistake: 'a probe that fails leaves the breaker half-open, so that the next one goes at once',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 3, faults: 1 }),
    },
    parts: machine(failedProbeForgotten),
  },
  {
    id: 'own-refusals-counted',
    class: 'breaker',
    mistake: 'what our own limiter refuses counts as a failure of the gateway',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 2, faults: 1 }),
    },
    parts: machine(refusalsCounted),
  },
  {
    id: 'declines-counted',
    class: 'breaker',
    mistake: 'a declined card counts as a failure of the gateway',
    exposure: everywhere({ breaks: 'S16', requests: 2, faults: 1 }),
    parts: {
      breaker: (options) => ({
        ...options,
        countOn: (error) =>
          isInfrastructureFailure(error) || (error as { readonly effect?: unknown }).effect === 'final',
      }),
    },
  },
  {
    id: 'opens-one-failure-late',
    class: 'breaker',
    mistake: 'the breaker opens when the failures exceed the threshold, and not when they reach it',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 2, faults: 1 }),
    },
    parts: {
      breaker: (options) => ({ ...options, failureThreshold: (options.failureThreshold ?? 5) + 1 }),
    },
  },
  {
    id: 'failures-never-age',
    class: 'breaker',
    mistake: 'a failure counts for ever',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 3, faults: 1 }),
    },
    parts: { breaker: (options) => ({ ...options, windowMs: Number.MAX_SAFE_INTEGER }) },
  },
  {
    id: 'time-outs-not-counted',
    class: 'breaker',
    mistake: 'a gateway that does not answer in time counts as one that works',
    exposure: {
      // Where a repeated key is safe, a sweep is soon there with it.
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 2, faults: 1 }),
    },
    parts: {
      breaker: (options) => ({
        ...options,
        countOn: (error) => isInfrastructureFailure(error) && !(error instanceof GatewayTimeoutError),
      }),
    },
  },
  {
    id: 'slow-calls-not-counted',
    class: 'breaker',
    mistake: 'a call that succeeds after an age counts as any other',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 2, faults: 1 }),
    },
    parts: { breaker: ({ slowCallMs: _ignored, ...options }) => options },
  },
  {
    id: 'recovery-in-seconds',
    class: 'breaker',
    mistake: 'the recovery time is given in seconds where milliseconds are expected',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 2, faults: 1 }),
    },
    parts: {
      breaker: (options) => ({ ...options, recoveryTimeoutMs: (options.recoveryTimeoutMs ?? 30_000) / 1000 }),
    },
  },
  {
    id: 'recovery-by-the-wall-clock',
    class: 'breaker',
    mistake: 'the recovery time is measured on the wall clock, which somebody sets',
    exposure: everywhere({ breaks: 'S16', requests: 1, faults: 2 }),
    parts: {
      breaker: (options, { runtime }) => ({
        ...options,
        runtime: { log: runtime.log, monotonicMs: () => runtime.wallMs() },
      }),
    },
  },
  {
    id: 'breaker-of-each-request',
    class: 'breaker',
    mistake: 'a new breaker is made for every request, so that none ever sees a second failure',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 2, faults: 1 }),
    },
    parts: {
      layers: (_layers, env) => ({
        circuitBreaker: madeAnew(() => circuitBreaker(breakerOptions(env)), 'call'),
      }),
    },
  },
  {
    id: 'sweep-has-its-own-breaker',
    class: 'breaker',
    mistake: 'the sweep is given a breaker of its own, which knows nothing of what the requests went through',
    exposure: on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
    parts: {
      layers: (_layers, env) => ({
        circuitBreaker: madeAnew(() => circuitBreaker(breakerOptions(env)), 'operation'),
      }),
    },
  },
  {
    id: 'open-breaker-falls-back-to-sending',
    class: 'breaker',
    mistake: 'what is done when the breaker refuses is to send all the same',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
      ...on(['checkout', 'none'], { breaks: 'S16', requests: 2, faults: 1 }),
    },
    parts: { layers: ({ circuitBreaker: own }) => ({ circuitBreaker: sendsAllTheSame(own) }) },
  },
];

/** Planted bugs of the circuit breaker. */
export const breakerMutants: readonly Mutant[] = planted.map(plant);
