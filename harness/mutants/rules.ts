// The rules for re-sending and for fresh gateway keys that look reasonable and are not: each as a variant of the
// reference, with the fewest faults that break it under each profile.

import { GatewayServerError } from '../../src/errors/payment-error.ts';
import type { ChargeResult, GatewayCapabilities } from '../../src/gateway/port.ts';
import type { Resolver } from '../../src/idempotency/options.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { Layer, Operation } from '../../src/resilience/operation.ts';
import { retryAnything } from '../targets/charge-stack.ts';
import { everywhere, type Mutant, on, plant } from './mutant.ts';
import { withCapabilities, withStore } from './replace.ts';

const believesKeysAreSafe = (capabilities: GatewayCapabilities): GatewayCapabilities => ({
  ...capabilities,
  dedup: 'every-answer',
});

/** Row 1: the same key is sent again on any retriable error, and never another one. */
const sameKeyAlways: Mutant = plant({
  id: 'same-key-on-any-error',
  class: 'rule',
  mistake: 'any retriable error is retried under the same key, for ever',
  exposure: {
    ...on(['stripe', 'mango'], { breaks: 'L1', requests: 1, faults: 1 }),
    ...on(['checkout', 'none'], { breaks: 'S1', requests: 1, faults: 1 }),
  },
  parts: {
    retry: retryAnything,
    options: (options) =>
      withCapabilities(withStore(options, forgetsSeals), (capabilities) => ({
        ...believesKeysAreSafe(capabilities),
        lookup: { ...capabilities.lookup, by: ['reference'] },
      })),
  },
});

const forgetsSeals = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  suspend: (write) => store.suspend({ ...write, sealed: false }),
});

/** Row 2: a 5xx of any kind is taken for the gateway's last word on the key. */
const newKeyAfterAny5xx: Mutant = plant({
  id: 'new-key-after-any-5xx',
  class: 'rule',
  mistake: 'after any 5xx and an absent look-up a new gateway key is used',
  exposure: everywhere({ breaks: 'S1', requests: 1, faults: 1 }),
  parts: {
    send: (operation) => async (intent, call) => {
      try {
        return await operation(intent, call);
      } catch (error) {
        if (error instanceof GatewayServerError)
          throw new GatewayServerError(error.message, { sealed: true });
        throw error;
      }
    },
    options: (options) =>
      withCapabilities(options, (capabilities) => ({
        ...believesKeysAreSafe(capabilities),
        lookup: { ...capabilities.lookup, consistentAfterMs: 0 },
      })),
  },
});

/** Row 3: seals are respected, but the last error speaks for all attempts, and a refused write is not looked at. */
const lastErrorDecides: Mutant = plant({
  id: 'last-error-decides',
  class: 'rule',
  mistake: 'a new key when sealed, but the last error decides what is done with the slot',
  exposure: {
    ...on(['stripe'], { breaks: 'S18', requests: 1, faults: 2 }),
    ...on(['mango'], { breaks: 'S13', requests: 1, faults: 1 }),
    ...on(['checkout', 'none'], { breaks: 'S1', requests: 1, faults: 1 }),
  },
  parts: {
    options: (options) => {
      const believing = withCapabilities(withStore(options, startsOverWhenReleased), believesKeysAreSafe);
      return { ...believing, resolve: readsSealsOnly(believing.resolve) };
    },
    layers: ({ retry }) => ({ retry: throwingTheLast(retry) }),
  },
});

/** A retry whose last failure speaks for all of them, whatever the earlier ones left open. */
function throwingTheLast<Request, Result>(retry: Layer<Request, Result>): Layer<Request, Result> {
  const wrap =
    (next: Operation<Request, Result>): Operation<Request, Result> =>
    async (request, call) => {
      let last: unknown;
      const noting: Operation<Request, Result> = async (...args) => {
        try {
          return await next(...args);
        } catch (error) {
          last = error;
          throw error;
        }
      };
      try {
        return await retry(noting)(request, call);
      } catch {
        throw last;
      }
    };
  return Object.assign(wrap, { kind: 'retry' as const });
}

/** Takes every stored answer to a key for a mere seal, a decline included. */
function readsSealsOnly(resolve: Resolver<ChargeResult>): Resolver<ChargeResult> {
  return {
    ...resolve,
    async find(request) {
      const found = await resolve.find(request);
      if (found.kind !== 'answered' || request.by === 'reference') return found;
      return { kind: 'answered', error: new GatewayServerError('answered', { sealed: true }) };
    },
  };
}

const startsOverWhenReleased = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  async claim(request) {
    const answer = await store.claim(request);
    if (!answer.owned || answer.record.unresolved) return answer;
    return { ...answer, record: { ...answer.record, generation: 0 } };
  },
  complete: async (write) => ignoreRefusal(await store.complete(write)),
  fail: async (write) => ignoreRefusal(await store.fail(write)),
});

function ignoreRefusal(answer: Awaited<ReturnType<IdempotencyStore['complete']>>): typeof answer {
  return answer.written || answer.record === null
    ? answer
    : { ...answer, written: true, record: answer.record };
}

/** The rows of the table of rules, in its order. */
export const ruleMutants: readonly Mutant[] = [sameKeyAlways, newKeyAfterAny5xx, lastErrorDecides];
