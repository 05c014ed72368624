// Calls of a ledger's store for parity: commits full of repetitions and contradictions, and relays that keep using the tokens
// that they once had.

import fc from 'fast-check';
import { ledgerTable } from '../../src/stores/ledger-table.ts';
import type { Call } from './explain.ts';
import { type BooksStore, entry, event } from './ledger-acts.ts';
import type { PortModel } from './parity.ts';

const ids = ['e2', 'e1', 'e3', 'e4'] as const;
const id = fc.constantFrom(...ids);
const print = fc.constantFrom('f', 'f', 'f', 'f', 'g');
const limit = fc.nat(3);

const unit = fc.record({
  effect: fc.constantFrom('u', 'v', 'w', 'x', 'y'),
  entries: fc.array(
    fc.tuple(fc.constantFrom('b', 'a', 'c'), print).map(([key, fingerprint]) => entry(key, fingerprint)),
    { maxLength: 2 },
  ),
  events: fc.array(
    fc.tuple(id, print).map(([each, fingerprint]) => event(each, each > 'e2' ? 'p' : 'q', fingerprint)),
    { maxLength: 2 },
  ),
});

const calls: fc.Arbitrary<Call<BooksStore>> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(unit, { maxLength: 3 }).map((units) => ({ do: 'commit' as const, with: units })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      with: fc.record({ limit, leaseMs: fc.integer({ min: 1, max: 60 }) }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      with: fc.record({
        id,
        token: fc.constantFrom(1, 1, 1, 2, 2, 3, 0),
        outcome: fc.oneof(
          fc.constant({ kind: 'delivered' as const }),
          fc.record({ kind: fc.constant('failed' as const), delayMs: fc.nat(50) }),
          fc.record({ kind: fc.constant('dead' as const), reason: fc.constantFrom('poison', 'refused') }),
        ),
      }),
    }),
  },
  fc.record({ do: fc.constant('entries' as const), with: fc.record({ after: fc.nat(4), limit }) }),
  fc.record({
    do: fc.constant('totals' as const),
    with: fc.record({ merchantReference: fc.constantFrom('m-a', 'm-z') }, { requiredKeys: [] }),
  }),
  fc.record({ do: fc.constant('deadLetters' as const), with: fc.record({ limit }) }),
  id.map((each) => ({ do: 'requeue' as const, with: each })),
  fc.record({ do: fc.constant('prune' as const), with: fc.record({ olderThanMs: fc.nat(80), limit }) }),
);

/** A ledger's store as its table. */
export const ledgerModel: PortModel<BooksStore> = {
  table: ledgerTable,
  calls,
  looks: [
    { do: 'entries', with: { after: 0, limit: 99 } },
    { do: 'totals', with: {} },
    { do: 'deadLetters', with: { limit: 9 } },
    { do: 'claim', with: { limit: 9, leaseMs: 1 } },
    { do: 'prune', with: { olderThanMs: 0, limit: 9 } },
  ],
};
