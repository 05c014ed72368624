// Calls of an idempotency store for parity: few slots and few owners, who keep using the tokens that they once had.

import fc from 'fast-check';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import { idempotencyTable } from '../../src/stores/idempotency-table.ts';
import type { Call } from './explain.ts';
import { failure } from './idempotency-claims.ts';
import type { PortModel } from './parity.ts';

const keys = ['shop/a', 'shop/b', 'shop/c'] as const;
const key = fc.constantFrom(...keys);
// Few values, because what ends at the same time has an order as well.
const ms = fc.constantFrom(1, 20, 20, 20, 50);
const owned = { key, token: fc.constantFrom(1, 1, 1, 2, 2, 3, 4, 5, 0) };

const calls: fc.Arbitrary<Call<IdempotencyStore>> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      with: fc.record({
        key,
        fingerprint: fc.constantFrom('f', 'f', 'f', 'g'),
        request: fc.constantFrom('{}', '[]'),
        attemptId: fc.constantFrom('x', 'y', 'z'),
        leaseMs: ms,
      }),
    }),
  },
  fc.record({
    do: fc.constant('complete' as const),
    with: fc.record({ ...owned, result: fc.constantFrom('{}', '{"v":1}'), ttlMs: ms }),
  }),
  fc.record({
    do: fc.constant('fail' as const),
    with: fc.record({ ...owned, failure: fc.constant(failure), ttlMs: ms }),
  }),
  fc.record({ do: fc.constant('release' as const), with: fc.record(owned) }),
  fc.record({ do: fc.constant('renew' as const), with: fc.record({ ...owned, leaseMs: ms }) }),
  fc.record({
    do: fc.constant('suspend' as const),
    with: fc.record(
      {
        ...owned,
        state: fc.constantFrom('UNKNOWN' as const, 'PENDING' as const),
        sent: fc.boolean(),
        sealed: fc.boolean(),
        gatewayId: fc.constantFrom('p', 'q'),
      },
      { requiredKeys: ['key', 'token', 'state', 'sent', 'sealed'] },
    ),
  }),
  fc.record({ do: fc.constant('advance' as const), with: fc.record(owned) }),
  fc.record({ do: fc.constant('list' as const), with: fc.record({ limit: fc.nat(4) }) }),
  key.map((asked) => ({ do: 'read' as const, with: asked })),
);

/** An idempotency store as its table. */
export const idempotencyModel: PortModel<IdempotencyStore> = {
  table: idempotencyTable,
  calls,
  looks: [...keys.map((asked) => ({ do: 'read' as const, with: asked })), { do: 'list', with: { limit: 9 } }],
};
