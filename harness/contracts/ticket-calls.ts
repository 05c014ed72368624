// Calls of a store of tickets for parity: few tickets and runs, who keep using the tokens that they once had.

import fc from 'fast-check';
import type { TicketStore } from '../../src/reconciliation/ticket-store.ts';
import { ticketTable } from '../../src/stores/ticket-table.ts';
import type { Call } from './explain.ts';
import type { PortModel } from './parity.ts';

const ids = ['b', 'a', 'A'] as const;
const id = fc.constantFrom(...ids);

const calls: fc.Arbitrary<Call<TicketStore>> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      with: fc.record({
        id,
        type: fc.constantFrom('FEE', 'MISSING_INTERNAL'),
        attemptId: fc.constantFrom('x', 'y', 'z'),
        leaseMs: fc.integer({ min: 1, max: 50 }),
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('leave' as const),
      with: fc.record({
        id,
        token: fc.constantFrom(1, 1, 2, 2, 3, 4, 0),
        state: fc.constantFrom('RETRY' as const, 'OPEN' as const, 'CLOSED' as const),
      }),
    }),
  },
  id.map((asked) => ({ do: 'close' as const, with: asked })),
  fc.record({ do: fc.constant('listOpen' as const), with: fc.record({ limit: fc.nat(4) }) }),
  fc.record({
    do: fc.constant('prune' as const),
    with: fc.record({ olderThanMs: fc.nat(80), limit: fc.nat(3) }),
  }),
);

/** A store of tickets as its table. */
export const ticketModel: PortModel<TicketStore> = {
  table: ticketTable,
  calls,
  looks: [
    { do: 'listOpen', with: { limit: 9 } },
    { do: 'prune', with: { olderThanMs: 0, limit: 1 } },
    ...ids.map((asked) => ({
      do: 'take' as const,
      with: { id: asked, type: 'FEE', attemptId: 'last', leaseMs: 1 },
    })),
  ],
};
