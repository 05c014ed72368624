// Planted bugs of the idempotency class: what is made of an answer, and what the client is told.

import {
  CardDeclinedError,
  GatewayBusyError,
  IdempotencyInProgressError,
  NetworkError,
  StoreUnavailableError,
} from '../../src/errors/payment-error.ts';
import { scopedKey } from '../../src/idempotency/slot.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { TargetEnv } from '../targets/target.ts';
import { everywhere, type Mutant, on, type Planted, plant } from './mutant.ts';
import { around, failingWith, withFind, withStore } from './replace.ts';

const declinesReleased = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  fail: ({ key, token }) => store.release({ key, token }),
});

const failuresTakenUp = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  async claim(request) {
    const answer = await store.claim(request);
    return answer.record.state === 'FAILED' ? { ...answer, owned: true } : answer;
  },
});

/** Keys of the records whose result could not be stored, by process. */
const unsaved = new WeakMap<TargetEnv, Set<string>>();

function unsavedBy(env: TargetEnv): Set<string> {
  const known = unsaved.get(env) ?? new Set<string>();
  unsaved.set(env, known);
  return known;
}

const savingOrFailing: Planted['parts'] = {
  options: (options, env) =>
    withStore(options, (store) => ({
      ...store,
      async complete(write) {
        try {
          return await store.complete(write);
        } catch (error) {
          unsavedBy(env).add(write.key);
          throw error;
        }
      },
    })),
  layers: ({ idempotent }, env) => ({
    idempotent: around(idempotent, (operation) => async (intent, call) => {
      const result = await operation(intent, call);
      if (!unsavedBy(env).delete(scopedKey(intent.scope, intent.key))) return result;
      throw new CardDeclinedError('the payment could not be saved');
    }),
  }),
};

/** A merchant reference that all purchases of a tenant share, made of the one that is theirs alone. */
function tenantOf(merchantReference: string): string {
  return merchantReference.split('/')[0] ?? merchantReference;
}

const planted: readonly Planted[] = [
  {
    id: 'in-progress-told-as-declined',
    class: 'idempotency',
    mistake: 'a duplicate that meets the first request at work is told that the payment failed',
    exposure: everywhere({ breaks: 'S13', requests: 1, faults: 1 }),
    parts: {
      layers: ({ idempotent }) => ({
        idempotent: around(
          idempotent,
          failingWith((error) =>
            error instanceof IdempotencyInProgressError
              ? new CardDeclinedError('the payment failed', { cause: error })
              : error,
          ),
        ),
      }),
    },
  },
  {
    id: 'unsaved-result-told-as-failure',
    class: 'idempotency',
    mistake: 'when the result cannot be stored the client is told that the payment failed',
    exposure: everywhere({ breaks: 'S13', requests: 1, faults: 1 }),
    parts: savingOrFailing,
  },
  {
    id: 'store-outage-told-as-declined',
    class: 'idempotency',
    mistake: 'when the store cannot be asked the client is told that the payment failed',
    exposure: everywhere({ breaks: 'S13', requests: 1, faults: 1 }),
    parts: {
      layers: ({ idempotent }) => ({
        idempotent: around(
          idempotent,
          failingWith((error) =>
            error instanceof StoreUnavailableError
              ? new CardDeclinedError('the payment failed', { cause: error })
              : error,
          ),
        ),
      }),
    },
  },
  {
    id: 'decline-not-stored',
    class: 'idempotency',
    mistake: 'a declined payment frees its key, so that the next request with it is sent again',
    exposure: everywhere({ breaks: 'S8', requests: 1, faults: 1 }),
    parts: { options: (options) => withStore(options, declinesReleased) },
  },
  {
    id: 'failed-payment-tried-again',
    class: 'idempotency',
    mistake: 'a record that says failed is taken for an invitation to try again under the same key',
    exposure: everywhere({ breaks: 'S5', requests: 1, faults: 1 }),
    parts: { options: (options) => withStore(options, failuresTakenUp) },
  },
  {
    id: 'merchant-reference-not-unique',
    class: 'idempotency',
    mistake:
      'all purchases of a tenant share one merchant reference, and a look-up finds the payment of another',
    exposure: everywhere({ breaks: 'S6', requests: 2, faults: 1 }),
    parts: {
      send: (operation) => (intent, call) =>
        operation(
          intent,
          call?.merchantReference === undefined
            ? call
            : { ...call, merchantReference: tenantOf(call.merchantReference) },
        ),
      options: (options) =>
        withFind(options, (find, request) =>
          find(
            request.by === 'key'
              ? request
              : { ...request, merchantReference: tenantOf(request.merchantReference) },
          ),
        ),
    },
  },
  {
    id: 'failed-look-up-read-as-absent',
    class: 'idempotency',
    mistake: 'a look-up that fails counts as one that found nothing',
    exposure: on(['checkout', 'none'], { breaks: 'S13', requests: 1, faults: 2 }),
    parts: {
      options: (options) =>
        withFind(options, async (find, request) => {
          try {
            return await find(request);
          } catch {
            return { kind: 'absent' };
          }
        }),
    },
  },
  {
    id: 'reset-taken-for-refused',
    class: 'idempotency',
    mistake: 'a connection that broke after the request was sent counts as one that was never made',
    exposure: everywhere({ breaks: 'S8', requests: 1, faults: 1 }),
    parts: {
      send: failingWith((error) =>
        error instanceof NetworkError ? new NetworkError(error.message, { effect: 'none' }) : error,
      ),
    },
  },
  {
    id: 'conflict-of-the-gateway-taken-for-failed',
    class: 'idempotency',
    mistake: 'a 409, by which the gateway says that it is at work on the payment, counts as a failure of it',
    exposure: everywhere({ breaks: 'S8', requests: 1, faults: 1 }),
    parts: {
      send: failingWith((error) =>
        error instanceof GatewayBusyError
          ? new CardDeclinedError('the payment failed', { cause: error })
          : error,
      ),
    },
  },
  {
    id: 'every-answer-seals',
    class: 'idempotency',
    mistake: 'whatever the gateway answered, its key counts as spent, and the next attempt gets a fresh one',
    exposure: on(['stripe', 'mango'], { breaks: 'S1', requests: 1, faults: 1 }),
    parts: {
      options: (options) =>
        withStore(options, (store) => ({
          ...store,
          suspend: (write) => store.suspend({ ...write, sealed: true }),
        })),
    },
  },
];

/** Planted bugs about answers. */
export const answerMutants: readonly Mutant[] = planted.map(plant);
