// Planted bugs of the limiter class.

import { RateLimitedError } from '../../src/errors/payment-error.ts';
import { writeRejection } from '../../src/resilience/audit.ts';
import type { Call } from '../../src/resilience/operation.ts';
import { rateLimit } from '../../src/resilience/rate-limit.ts';
import { slidingLog } from '../../src/resilience/sliding-log.ts';
import type { ChargeIntent } from '../history/history.ts';
import type { ChargeLayer } from '../targets/charge-stack.ts';
import type { TargetEnv } from '../targets/target.ts';
import { everywhere, type Mutant, type Planted, plant } from './mutant.ts';
import type { ChargeOperation } from './replace.ts';

/** Decides on one call: how it may go, once it may. Rejects or throws when it may not. */
type Gate = (env: TargetEnv) => () => Promise<Passed> | Passed;

/** What is to be done when a call that was let through has ended. */
interface Passed {
  readonly ended?: (succeeded: boolean) => void;
}

const limitReached = (): RateLimitedError =>
  new RateLimitedError('the limit is reached; nothing was sent', { local: true, retryAfter: '1' });

/** A service with another limiter. */
function limiter(gate: Gate): Planted['parts'] {
  return {
    layers: (_layers, env) => {
      const enter = gate(env);
      const record = (call: Call | undefined): void =>
        writeRejection(env.runtime, { operation: 'charge', code: 'rate_limited', call });
      const wrap =
        (next: ChargeOperation): ChargeOperation =>
        async (request, call) => {
          let passed: Passed;
          try {
            passed = await enter();
          } catch (error) {
            record(call);
            throw error;
          }
          try {
            const result = await next(request, call);
            passed.ended?.(true);
            return result;
          } catch (error) {
            passed.ended?.(false);
            throw error;
          }
        };
      const rateLimit: ChargeLayer = Object.assign(wrap, { kind: 'rateLimit' as const });
      return { rateLimit };
    },
  };
}

const fixedWindow: Gate = ({ runtime, config: { limit } }) => {
  let window = Number.NaN;
  let count = 0;
  return () => {
    const present = Math.floor(runtime.monotonicMs() / limit.periodMs);
    if (present !== window) count = 0;
    window = present;
    if (count >= limit.maxCalls) throw limitReached();
    count += 1;
    return {};
  };
};

/** The count lies in a store, which takes a moment to answer. */
const storeLatencyMs = 1;

const checkedThenCounted: Gate = ({ runtime, config: { limit } }) => {
  const log = slidingLog(limit.maxCalls, limit.periodMs);
  return async () => {
    if (!log.admits(runtime.monotonicMs())) throw limitReached();
    await runtime.sleep(storeLatencyMs);
    log.admit(runtime.monotonicMs());
    return {};
  };
};

const reservedAhead: Gate = ({ runtime, config: { limit } }) => {
  const reservedMs: number[] = [];
  return async () => {
    const nowMs = runtime.monotonicMs();
    const before = reservedMs.at(-limit.maxCalls);
    const atMs = before === undefined ? nowMs : Math.max(nowMs, before + limit.periodMs);
    if (limit.mode === 'reject' && atMs > nowMs) throw limitReached();
    reservedMs.push(atMs);
    if (atMs > nowMs) await runtime.sleep(atMs - nowMs);
    return {};
  };
};

const successesCounted: Gate = ({ runtime, config: { limit } }) => {
  const log = slidingLog(limit.maxCalls, limit.periodMs);
  return () => {
    if (!log.admits(runtime.monotonicMs())) throw limitReached();
    return {
      ended(succeeded) {
        if (succeeded) log.admit(runtime.monotonicMs());
      },
    };
  };
};

/** Tokens are taken out of a bucket, and put back a period after the call, if it succeeded. */
const tokensLost: Gate = ({ runtime, config: { limit } }) => {
  let tokens = limit.maxCalls;
  return () => {
    if (tokens === 0) throw limitReached();
    tokens -= 1;
    const putBack = (): void => {
      tokens += 1;
    };
    return {
      ended(succeeded) {
        if (succeeded) runtime.after(limit.periodMs, putBack);
      },
    };
  };
};

/** One limiter for each tenant. */
function byTenant({ runtime, config }: TargetEnv): ChargeLayer {
  const layers = new Map<string, ChargeLayer>();
  const layerFor = ({ scope }: ChargeIntent): ChargeLayer => {
    const known = layers.get(scope) ?? rateLimit({ runtime, ...config.limit });
    layers.set(scope, known);
    return known;
  };
  const wrap =
    (next: ChargeOperation): ChargeOperation =>
    (request, call) =>
      layerFor(request)(next)(request, call);
  return Object.assign(wrap, { kind: 'rateLimit' as const });
}

const planted: readonly Planted[] = [
  {
    id: 'limit-by-fixed-window',
    class: 'limiter',
    mistake: 'calls are counted from the full second on, so that twice as many pass around it',
    exposure: everywhere({ breaks: 'S15', requests: 2, faults: 0 }),
    parts: limiter(fixedWindow),
  },
  {
    id: 'limit-checked-then-counted',
    class: 'limiter',
    mistake: 'the count is read, and written back a moment later',
    exposure: everywhere({ breaks: 'S15', requests: 2, faults: 0 }),
    parts: limiter(checkedThenCounted),
  },
  {
    id: 'limit-reserved-ahead',
    class: 'limiter',
    mistake:
      'who waits is given a time to go and never looks again, so that a process that slept sends all at once',
    exposure: everywhere({ breaks: 'S15', requests: 3, faults: 1 }),
    parts: limiter(reservedAhead),
  },
  {
    id: 'limit-counts-successes',
    class: 'limiter',
    mistake: 'only calls that succeed are counted',
    exposure: everywhere({ breaks: 'S15', requests: 1, faults: 1 }),
    parts: limiter(successesCounted),
  },
  {
    id: 'limit-tokens-lost-on-failure',
    class: 'limiter',
    mistake: 'a call that fails does not give its token back',
    exposure: everywhere({ breaks: 'L4', requests: 1, faults: 1 }),
    parts: limiter(tokensLost),
  },
  {
    id: 'limit-off-by-one',
    class: 'limiter',
    mistake: 'the call that reaches the limit is let through',
    exposure: everywhere({ breaks: 'S15', requests: 2, faults: 0 }),
    parts: { limit: (options) => ({ ...options, maxCalls: options.maxCalls + 1 }) },
  },
  {
    id: 'limit-period-in-seconds',
    class: 'limiter',
    mistake: 'the period is given in seconds where milliseconds are expected',
    exposure: everywhere({ breaks: 'S15', requests: 2, faults: 0 }),
    parts: { limit: (options) => ({ ...options, periodMs: Math.max(1, options.periodMs / 1000) }) },
  },
  {
    id: 'limit-window-too-long',
    class: 'limiter',
    mistake: 'the window is half as long again as the period, so that calls are refused that were allowed',
    exposure: everywhere({ breaks: 'S15', requests: 2, faults: 0 }),
    parts: { limit: (options) => ({ ...options, periodMs: options.periodMs * 1.5 }) },
  },
  {
    id: 'limit-by-the-wall-clock',
    class: 'limiter',
    mistake: 'the period is measured on the wall clock, which somebody sets',
    exposure: everywhere({ breaks: 'S15', requests: 2, faults: 1 }),
    parts: {
      limit: (options, { runtime }) => ({
        ...options,
        runtime: { ...runtime, monotonicMs: () => runtime.wallMs() },
      }),
    },
  },
  {
    id: 'limit-of-each-tenant',
    class: 'limiter',
    mistake: 'each tenant has a limit of its own, while the gateway counts them together',
    exposure: everywhere({ breaks: 'S15', requests: 2, faults: 0 }),
    parts: { layers: (_layers, env) => ({ rateLimit: byTenant(env) }) },
  },
];

/** Planted bugs of the rate limiter. */
export const limiterMutants: readonly Mutant[] = planted.map(plant);
