// Planted bugs of the idempotency class: keys, payloads and replays.

import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import { everywhere, type Mutant, on, type Planted, plant } from './mutant.ts';
import { withStore } from './replace.ts';

const waitsForAnyPayload = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  async claim(request) {
    const answer = await store.claim(request);
    if (answer.owned) return answer;
    return { ...answer, record: { ...answer.record, fingerprint: request.fingerprint } };
  },
});

const flaggedReplay = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  async claim(request) {
    const answer = await store.claim(request);
    const { result } = answer.record;
    if (answer.owned || result === undefined) return answer;
    const { v } = JSON.parse(result) as { readonly v: object };
    return {
      ...answer,
      record: { ...answer.record, result: JSON.stringify({ v: { ...v, replayed: true } }) },
    };
  },
});

const planted: readonly Planted[] = [
  {
    id: 'payload-hash-unchecked',
    class: 'idempotency',
    mistake: 'the payload is not part of the comparison',
    exposure: everywhere({ breaks: 'S6', requests: 2, faults: 0 }),
    parts: { options: (options) => ({ ...options, payload: ({ key }) => key }) },
  },
  {
    id: 'volatile-field-in-hash',
    class: 'idempotency',
    mistake: 'the fingerprint covers the time of the request',
    exposure: everywhere({ breaks: 'S7', requests: 1, faults: 0 }),
    parts: {
      options: (options, { runtime }) => ({
        ...options,
        payload: (intent) => ({ ...intent, at: runtime.wallMs() }),
      }),
    },
  },
  {
    id: 'conflict-unchecked-in-flight',
    class: 'idempotency',
    mistake: 'while the first request runs, a duplicate waits for its result whatever its payload',
    exposure: everywhere({ breaks: 'S6', requests: 2, faults: 0 }),
    parts: {
      options: (options) => ({ ...withStore(options, waitsForAnyPayload), waitMs: 20_000 }),
    },
  },
  {
    id: 'unscoped-key',
    class: 'idempotency',
    mistake: 'the key is looked up without the tenant',
    exposure: everywhere({ breaks: 'S6', requests: 2, faults: 0 }),
    parts: {
      options: (options) => ({
        ...options,
        scope: () => 'all',
        payload: ({ amountMinor, currency }) => ({ amountMinor, currency }),
      }),
    },
  },
  {
    id: 'ambiguous-key-separator',
    class: 'idempotency',
    mistake: 'scope and key are joined by a separator that either may contain',
    exposure: everywhere({ breaks: 'S6', requests: 2, faults: 0 }),
    parts: {
      options: (options) => ({
        ...options,
        scope: () => 'all',
        key: ({ scope, key }) => `${scope}/${key}`,
        payload: ({ amountMinor, currency }) => ({ amountMinor, currency }),
      }),
    },
  },
  {
    id: 'replay-says-so-in-the-body',
    class: 'idempotency',
    mistake: 'a replay carries a flag inside the stored result',
    exposure: everywhere({ breaks: 'S7', requests: 1, faults: 0 }),
    parts: { options: (options) => withStore(options, flaggedReplay) },
  },
  {
    id: 'key-truncated',
    class: 'idempotency',
    mistake: 'the column of the key holds forty characters, and what is longer is cut off',
    exposure: everywhere({ breaks: 'S6', requests: 2, faults: 0 }),
    parts: {
      options: (options) => ({
        ...options,
        key: ({ key }) => key.slice(0, 40),
        payload: ({ amountMinor, currency }) => ({ amountMinor, currency }),
      }),
    },
  },
  {
    id: 'gateway-key-without-tenant',
    class: 'idempotency',
    mistake: 'the gateway is sent the key without the tenant, so that two tenants share one',
    exposure: {
      ...on(['stripe', 'mango'], { breaks: 'L1', requests: 2, faults: 0 }),
      ...on(['checkout'], { breaks: 'S6', requests: 2, faults: 0 }),
    },
    parts: {
      send: (operation) => (intent, call) =>
        operation(
          intent,
          call?.idempotencyKey === undefined
            ? call
            : { ...call, idempotencyKey: call.idempotencyKey.replace(/^[^/]*\//, '') },
        ),
    },
  },
];

/** Planted bugs about keys, payloads and replays. */
export const keyMutants: readonly Mutant[] = planted.map(plant);
