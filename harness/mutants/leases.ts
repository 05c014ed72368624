// Planted bugs of the idempotency class: how long a claim is held, and what whoever takes it over does.

import { LeaseLostError } from '../../src/errors/payment-error.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../../src/idempotency/store.ts';
import type { TargetEnv } from '../targets/target.ts';
import { everywhere, type Mutant, on, type Planted, plant } from './mutant.ts';
import { withCapabilities, withStore } from './replace.ts';

/** When each process believes that its claims end, by record key; its own monotonic clock, milliseconds. */
const believedUntilMs = new WeakMap<TargetEnv, Map<string, number>>();

function beliefsOf(env: TargetEnv): Map<string, number> {
  const known = believedUntilMs.get(env) ?? new Map<string, number>();
  believedUntilMs.set(env, known);
  return known;
}

/** A service that counts its leases from an instant of its own choice. */
function countingLeaseFrom(instant: 'last question' | 'answer'): Planted['parts'] {
  return {
    options: (options, env) =>
      withStore(options, (store) => ({
        ...store,
        async claim(request) {
          const askedMs = env.runtime.monotonicMs();
          const answer = await store.claim(request);
          const fromMs = instant === 'answer' ? env.runtime.monotonicMs() : askedMs;
          if (answer.owned) beliefsOf(env).set(request.key, fromMs + request.leaseMs);
          return answer;
        },
      })),
    send: (operation, env) => (intent, call) => {
      const fence = (): void => {
        const key = call?.idempotencyKey?.replace(/\/charge\/\d+\.\d+$/, '') ?? '';
        try {
          call?.fence?.();
        } catch (error) {
          const untilMs = beliefsOf(env).get(key) ?? Number.NEGATIVE_INFINITY;
          if (!(error instanceof LeaseLostError) || env.runtime.monotonicMs() >= untilMs) throw error;
        }
      };
      return operation(intent, { ...call, fence });
    },
  };
}

const leaseInSeconds = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  claim: (request) => store.claim({ ...request, leaseMs: request.leaseMs / 1000 }),
});

function renewalsBelieved(store: IdempotencyStore): IdempotencyStore {
  const claimed = new Map<string, IdempotencyRecord>();
  return {
    ...store,
    async claim(request) {
      const answer = await store.claim(request);
      claimed.set(request.key, answer.record);
      return answer;
    },
    async renew(write) {
      const record = claimed.get(write.key);
      if (record === undefined) return store.renew(write);
      await store.renew(write).catch(() => undefined);
      return { written: true, record, nowMs: 0 };
    },
  };
}

const takesWithoutLooking = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  async claim(request) {
    const answer = await store.claim(request);
    return answer.owned ? { ...answer, record: { ...answer.record, unresolved: false } } : answer;
  },
});

const planted: readonly Planted[] = [
  {
    id: 'lease-counted-from-the-answer',
    class: 'idempotency',
    mistake:
      'the owner counts its lease from the answer to its claim, which the store began to count earlier',
    exposure: everywhere({ breaks: 'S17', requests: 1, faults: 1 }),
    parts: countingLeaseFrom('answer'),
  },
  {
    id: 'lease-counted-from-the-second-claim',
    class: 'idempotency',
    mistake:
      'when the claim is repeated because its answer was lost, the lease is counted from the repetition',
    exposure: everywhere({ breaks: 'S17', requests: 1, faults: 2 }),
    parts: countingLeaseFrom('last question'),
  },
  {
    id: 'lease-in-seconds',
    class: 'idempotency',
    mistake: 'the store is given the lease in seconds where it expects milliseconds',
    exposure: everywhere({ breaks: 'S17', requests: 1, faults: 1 }),
    parts: { options: (options) => withStore(options, leaseInSeconds) },
  },
  {
    id: 'renewal-answer-ignored',
    class: 'idempotency',
    mistake: 'a renewal counts as granted whatever became of it',
    exposure: everywhere({ breaks: 'S17', requests: 1, faults: 2 }),
    parts: { options: (options) => withStore(options, renewalsBelieved) },
  },
  {
    id: 'taker-sends-without-looking',
    class: 'idempotency',
    mistake: 'who takes an abandoned claim over sends again instead of finding out what was sent before',
    exposure: on(['checkout', 'none'], { breaks: 'S1', requests: 1, faults: 1 }),
    parts: { options: (options) => withStore(options, takesWithoutLooking) },
  },
  {
    id: 'key-retention-ignored',
    class: 'idempotency',
    mistake: 'the gateway is trusted to know a key for ever',
    exposure: on(['stripe', 'mango'], { breaks: 'S1', requests: 1, faults: 1 }),
    parts: {
      options: (options) =>
        withCapabilities(options, (capabilities) => ({
          ...capabilities,
          keyRetentionMs: Number.POSITIVE_INFINITY,
        })),
    },
  },
  {
    id: 'sweep-takes-one',
    class: 'idempotency',
    mistake: 'each sweep takes up one abandoned claim and leaves the others to the next',
    exposure: everywhere({ breaks: 'L2', requests: 3, faults: 1 }),
    parts: {
      options: (options) =>
        withStore(options, (store) => ({ ...store, list: () => store.list({ limit: 1 }) })),
    },
  },
];

/** Planted bugs about leases and takeovers. */
export const leaseMutants: readonly Mutant[] = planted.map(plant);
