// Planted bugs of the idempotency class: claims, outcomes and leases.

import {
  AuthenticationRequiredError,
  CardDeclinedError,
  GatewayServerError,
  GatewayTimeoutError,
  RateLimitedError,
  StoreUnavailableError,
} from '../../src/errors/payment-error.ts';
import type { ChargeResult } from '../../src/gateway/port.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { Operation } from '../../src/resilience/operation.ts';
import type { ChargeIntent } from '../history/history.ts';
import type { ChargeLayer } from '../targets/charge-stack.ts';
import { everywhere, type Mutant, on, type Planted, plant } from './mutant.ts';
import { withCapabilities, withStore } from './replace.ts';

/** Turns the failures that `matches` picks into a final decline. */
function decliningOn(matches: (error: unknown) => boolean): NonNullable<Planted['parts']['send']> {
  return (operation) => async (intent, call) => {
    try {
      return await operation(intent, call);
    } catch (error) {
      if (matches(error)) throw new CardDeclinedError('payment failed', { cause: error });
      throw error;
    }
  };
}

const getThenSet = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  async claim(request) {
    const before = await store.read(request.key);
    const answer = await store.claim(request);
    return before === null ? { ...answer, owned: true } : answer;
  },
});

const claimIgnored = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  async claim(request) {
    const answer = await store.claim(request);
    return answer.record.state === 'IN_FLIGHT' ? { ...answer, owned: true } : answer;
  },
});

const failsOpen = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  async claim(request) {
    try {
      return await store.claim(request);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return { owned: true, nowMs: 0, record: unclaimed(request) };
    }
  },
});

function unclaimed({
  key,
  fingerprint,
  request,
  attemptId,
  leaseMs,
}: Parameters<IdempotencyStore['claim']>[0]) {
  return {
    key,
    fingerprint,
    request,
    attemptId,
    state: 'IN_FLIGHT' as const,
    token: 0,
    epoch: 0,
    generation: 0,
    leaseUntilMs: leaseMs,
    sendableUntilMs: 0,
    keyUsedFromMs: 0,
    unresolved: false,
  };
}

function timeoutMeansDeclined(retry: ChargeLayer): ChargeLayer {
  const wrap: (next: Operation<ChargeIntent, ChargeResult>) => Operation<ChargeIntent, ChargeResult> = (
    next,
  ) => {
    const retried = retry(next);
    return async (request, call) => {
      try {
        return await retried(request, call);
      } catch (error) {
        if (error instanceof GatewayTimeoutError)
          throw new CardDeclinedError('payment timed out', { cause: error });
        throw error;
      }
    };
  };
  return Object.assign(wrap, { kind: 'retry' as const });
}

const planted: readonly Planted[] = [
  {
    id: 'get-then-set-claim',
    class: 'idempotency',
    mistake:
      'the claim is a read followed by a write, and whoever read nothing believes that it owns the slot',
    exposure: everywhere({ breaks: 'S17', requests: 2, faults: 0 }),
    parts: { options: (options) => withStore(options, getThenSet) },
  },
  {
    id: 'claim-result-ignored',
    class: 'idempotency',
    mistake: 'nobody looks at whether the claim was granted',
    exposure: everywhere({ breaks: 'S17', requests: 1, faults: 1 }),
    parts: { options: (options) => withStore(options, claimIgnored) },
  },
  {
    id: 'slot-deleted-on-any-throw',
    class: 'idempotency',
    mistake: 'whatever is thrown clears the slot, an unknown outcome included',
    exposure: everywhere({ breaks: 'S8', requests: 1, faults: 1 }),
    parts: { options: (options) => ({ ...options, onUnknown: 'clear' }) },
  },
  {
    id: '5xx-cached-as-final',
    class: 'idempotency',
    mistake: 'a 500 is stored as the final failure of the payment',
    exposure: everywhere({ breaks: 'S13', requests: 1, faults: 1 }),
    parts: { send: decliningOn((error) => error instanceof GatewayServerError) },
  },
  {
    id: 'timeout-told-as-declined',
    class: 'idempotency',
    mistake: 'a time-out is stored and told as a decline',
    exposure: everywhere({ breaks: 'S13', requests: 1, faults: 1 }),
    parts: { layers: ({ retry }) => ({ retry: timeoutMeansDeclined(retry) }) },
  },
  {
    id: 'rate-limit-cached-as-final',
    class: 'idempotency',
    mistake: 'a 429 is stored as the final failure of the payment',
    exposure: everywhere({ breaks: 'S8', requests: 1, faults: 1 }),
    parts: { send: decliningOn((error) => error instanceof RateLimitedError) },
  },
  {
    id: 'lock-uses-the-result-ttl',
    class: 'idempotency',
    mistake: 'the lock of a running request lives as long as a stored result',
    exposure: everywhere({ breaks: 'L1', requests: 1, faults: 1 }),
    parts: { options: (options) => ({ ...options, leaseMs: options.ttlMs ?? 86_400_000 }) },
  },
  {
    id: 'nobody-sweeps',
    class: 'idempotency',
    mistake: 'an abandoned claim is never reclaimed in the background',
    exposure: everywhere({ breaks: 'L2', requests: 1, faults: 1 }),
    parts: { options: (options) => withStore(options, (store) => ({ ...store, list: async () => [] })) },
  },
  {
    id: 'ttl-in-seconds',
    class: 'idempotency',
    mistake: 'the time to live is given in seconds where milliseconds are expected',
    exposure: everywhere({ breaks: 'S1', requests: 1, faults: 0 }),
    parts: { options: (options) => ({ ...options, ttlMs: (options.ttlMs ?? 86_400_000) / 1000 }) },
  },
  {
    id: 'store-fails-open',
    class: 'idempotency',
    mistake: 'when the store cannot be reached the payment is taken without a claim',
    exposure: everywhere({ breaks: 'S17', requests: 1, faults: 1 }),
    parts: { options: (options) => withStore(options, failsOpen) },
  },
  {
    id: 'lease-without-fence',
    class: 'idempotency',
    mistake: 'a stalled owner sends although its lease has run out',
    exposure: everywhere({ breaks: 'S17', requests: 1, faults: 1 }),
    parts: { send: (operation) => (intent, call) => operation(intent, { ...call, fence: () => {} }) },
  },
  {
    id: 'fresh-gateway-key-per-attempt',
    class: 'idempotency',
    mistake: 'every attempt gets a gateway key of its own',
    exposure: on(['stripe', 'mango'], { breaks: 'S1', requests: 1, faults: 1 }),
    parts: {
      send:
        (operation, { runtime }) =>
        (intent, call) =>
          operation(intent, { ...call, idempotencyKey: runtime.id('request') }),
    },
  },
  {
    id: 'absent-lookup-believed-at-once',
    class: 'idempotency',
    mistake: 'a look-up that finds nothing is taken for proof, without waiting for the horizon',
    exposure: on(['checkout', 'none'], { breaks: 'S13', requests: 1, faults: 1 }),
    parts: {
      options: (options) =>
        withCapabilities(options, (capabilities) => ({ ...capabilities, maxEffectDelayMs: 0 })),
    },
  },
  {
    id: 'horizon-counted-from-the-claim',
    class: 'idempotency',
    mistake: 'the wait for a late effect begins at the claim and not at the last send',
    exposure: on(['checkout', 'none'], { breaks: 'S8', requests: 1, faults: 2 }),
    parts: {
      options: (options) =>
        withStore(options, (store) => ({
          ...store,
          suspend: (write) => store.suspend({ ...write, sent: false }),
        })),
    },
  },
  {
    id: 'stale-lookup-believed',
    class: 'idempotency',
    mistake: 'a look-up is believed before it can know of the change, and a new gateway key is used',
    exposure: on(['stripe'], { breaks: 'S1', requests: 1, faults: 2 }),
    parts: {
      options: (options) =>
        withCapabilities(options, (capabilities) => ({
          ...capabilities,
          lookup: { ...capabilities.lookup, consistentAfterMs: 0 },
        })),
    },
  },
  {
    id: 'authorised-told-as-paid',
    class: 'idempotency',
    mistake: 'the money is only reserved, and the client is told that it has paid',
    exposure: everywhere({ breaks: 'S13', requests: 1, faults: 0 }),
    parts: {
      gateway: ({ gateway }) => ({
        ...gateway,
        authorize: (request, options) => gateway.authorize({ ...request, capture: 'manual' }, options),
      }),
    },
  },
  {
    id: 'three-d-secure-cached-as-declined',
    class: 'idempotency',
    mistake: 'a payment that waits for 3-D Secure is stored as declined',
    exposure: everywhere({ breaks: 'S13', requests: 1, faults: 1 }),
    parts: { send: decliningOn((error) => error instanceof AuthenticationRequiredError) },
  },
];

/** Planted bugs about claims, outcomes and leases. */
export const idempotencyMutants: readonly Mutant[] = planted.map(plant);
