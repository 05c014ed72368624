// Calls of an inbox store for parity: few events of few objects, and claimers who keep using the tokens that they once had.

import fc from 'fast-check';
import { inboxTable } from '../../src/stores/inbox-table.ts';
import type { InboxState, InboxStore } from '../../src/webhooks/inbox-store.ts';
import type { Call } from './explain.ts';
import { failure } from './inbox-acts.ts';
import type { PortModel } from './parity.ts';

const ids = ['b', 'a', 'c'] as const;
const objects = ['p', 'p', 'q'] as const;
const states: readonly InboxState[] = ['READY', 'PARKED', 'CLAIMED', 'DONE', 'DEAD'];
const effectKeys = ['k', 'l'] as const;
// Few values, because what ends at the same time has an order as well.
const ms = fc.constantFrom(1, 20, 20, 20, 50);
const id = fc.constantFrom(...ids);
const held = { id, token: fc.constantFrom(1, 1, 2, 2, 3, 3, 4, 5, 0) };
const asking = { attemptId: fc.constantFrom('x', 'y', 'z', 'u', 'v'), leaseMs: ms };

const calls: fc.Arbitrary<Call<InboxStore>> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('receive' as const),
      with: fc
        .record(
          { which: fc.nat(2), event: fc.constantFrom('{}', '[]'), claim: fc.record(asking) },
          { requiredKeys: ['which', 'event'] },
        )
        .map(({ which, ...arrival }) => ({
          id: ids[which] ?? 'a',
          object: objects[which] ?? 'p',
          ...arrival,
        })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      with: fc.record({ ...asking, id }, { requiredKeys: ['attemptId', 'leaseMs'] }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      with: fc.record(
        {
          ...held,
          effects: fc.array(
            fc.record({ key: fc.constantFrom(...effectKeys), payload: fc.constantFrom('1', '2') }),
            { maxLength: 3 },
          ),
          move: fc.record({
            to: fc.record(
              { status: fc.constantFrom('s', 't'), version: fc.nat(3) },
              { requiredKeys: ['status'] },
            ),
            afterRevision: fc.constantFrom(0, 0, 1, 1, 2),
          }),
          dedupTtlMs: ms,
        },
        { requiredKeys: ['id', 'token', 'effects', 'dedupTtlMs'] },
      ),
    }),
  },
  fc.record({
    do: fc.constant('postpone' as const),
    with: fc.record({ ...held, delayMs: fc.nat(50), parked: fc.boolean(), failure: fc.constant(failure) }),
  }),
  fc.record({
    do: fc.constant('bury' as const),
    with: fc.record({ ...held, failure: fc.constant(failure) }),
  }),
  id.map((asked) => ({ do: 'revive' as const, with: asked })),
  fc.record({
    do: fc.constant('list' as const),
    with: fc.record({ state: fc.constantFrom(...states), limit: fc.nat(4) }),
  }),
  fc.constantFrom(...effectKeys).map((key) => ({ do: 'effect' as const, with: key })),
  fc.record({
    do: fc.constant('prune' as const),
    with: fc.record({ olderThanMs: fc.nat(80), limit: fc.nat(3) }),
  }),
);

/** An inbox store as its table. */
export const inboxModel: PortModel<InboxStore> = {
  table: (nowMs) => inboxTable(nowMs),
  calls,
  looks: [
    ...states.map((state) => ({ do: 'list' as const, with: { state, limit: 9 } })),
    ...effectKeys.map((key) => ({ do: 'effect' as const, with: key })),
    ...['last1', 'last2', 'last3'].map((attemptId) => ({
      do: 'claim' as const,
      with: { attemptId, leaseMs: 1_000 },
    })),
    { do: 'prune', with: { olderThanMs: 0, limit: 9 } },
  ],
};
