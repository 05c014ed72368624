// Calls of a saga journal for parity: few sagas and drivers, who keep using the tokens and versions that they once had.

import fc from 'fast-check';
import type { SagaJournal } from '../../src/saga/journal.ts';
import { sagaTable } from '../../src/stores/saga-table.ts';
import type { Call } from './explain.ts';
import type { PortModel } from './parity.ts';

const sagas = ['checkout', 'refund'] as const;
const ids = ['b', 'a', 'A'] as const;
const name = { saga: fc.constantFrom(...sagas, 'checkout'), id: fc.constantFrom(...ids) };
// Few values, because what ends at the same time has an order as well.
const ms = fc.constantFrom(1, 20, 20, 20, 50);
const attemptId = fc.constantFrom('x', 'y', 'z');
const token = fc.constantFrom(1, 1, 1, 2, 2, 3, 4, 0);
const state = fc.constantFrom('RUNNING', 'COMPENSATING', 'COMPLETED', 'COMPENSATED', 'FAILED_COMPENSATION');
const writing = {
  ...name,
  token,
  version: fc.constantFrom(1, 1, 2, 2, 3, 4, 0),
  state,
  progress: fc.constantFrom('{}', '[1]'),
};

const calls: fc.Arbitrary<Call<SagaJournal>> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      with: fc.record({
        ...name,
        attemptId,
        leaseMs: ms,
        fingerprint: fc.constantFrom('f', 'f', 'f', 'g'),
        progress: fc.constant('{}'),
      }),
    }),
  },
  fc.record({
    do: fc.constant('claim' as const),
    with: fc.record({ ...name, attemptId, leaseMs: ms, why: fc.constantFrom('recovery', 'repair') }),
  }),
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('save' as const), with: fc.record({ ...writing, leaseMs: ms }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('leave' as const),
      with: fc.record(
        { ...writing, dueInMs: fc.nat(50) },
        { requiredKeys: ['saga', 'id', 'token', 'version', 'state', 'progress'] },
      ),
    }),
  },
  fc.record({ do: fc.constant('renew' as const), with: fc.record({ ...name, token, leaseMs: ms }) }),
  fc.record({ do: fc.constant('read' as const), with: fc.record(name) }),
  fc.record({
    do: fc.constant('list' as const),
    with: fc.record({
      sagas: fc.subarray([...sagas]),
      queue: fc.constantFrom('recovery', 'repair'),
      limit: fc.nat(4),
    }),
  }),
  fc.record({
    do: fc.constant('prune' as const),
    with: fc.record({ saga: fc.constantFrom(...sagas), olderThanMs: fc.nat(80), limit: fc.nat(3) }),
  }),
);

/** A saga journal as its table. */
export const sagaModel: PortModel<SagaJournal> = {
  table: sagaTable,
  calls,
  looks: [
    ...sagas.flatMap((saga) => ids.map((id) => ({ do: 'read' as const, with: { saga, id } }))),
    { do: 'list', with: { sagas, queue: 'recovery', limit: 9 } },
    { do: 'list', with: { sagas, queue: 'repair', limit: 9 } },
    { do: 'prune', with: { saga: 'checkout', olderThanMs: 0, limit: 9 } },
  ],
};
