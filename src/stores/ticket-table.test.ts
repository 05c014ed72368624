// Convinces by random operations of several holders on one ticket, each compared with what stood there before. What each
// operation does is in the contract of the port.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ticket } from '../reconciliation/ticket-store.ts';
import { ticketTable } from './ticket-table.ts';

const id = 'missing_internal:1';
const take = (attemptId: string, leaseMs = 100) => ({ id, type: 'MISSING_INTERNAL', attemptId, leaseMs });

const step = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(150) }),
  fc.record({ do: fc.constant('take' as const), attempt: fc.constantFrom('x', 'y', 'z') }),
  fc.record({
    do: fc.constant('leave' as const),
    token: fc.nat(4),
    state: fc.constantFrom('RETRY' as const, 'OPEN' as const, 'CLOSED' as const),
  }),
  fc.record({ do: fc.constant('close' as const) }),
);

describe('a store of tickets', () => {
  it('gives a ticket to one holder at a time, and to none once people have it or it is closed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const clock = { nowMs: 0 };
        const table = ticketTable(() => clock.nowMs);
        let before: Ticket | undefined;
        for (const move of steps) {
          if (move.do === 'wait') clock.nowMs += move.ms;
          else if (move.do === 'take') {
            const { taken, ticket } = table.take(take(move.attempt));
            const isOwn = before?.state === 'WORKING' && before.attemptId === move.attempt;
            const isFree =
              before === undefined ||
              before.state === 'RETRY' ||
              (before.state === 'WORKING' && before.leaseUntilMs <= clock.nowMs);
            expect(taken).toBe(isOwn || isFree);
            if (taken && !isOwn) expect(ticket.token).toBe((before?.token ?? 0) + 1);
            else expect(ticket).toEqual(before);
            before = ticket;
          } else if (move.do === 'leave') {
            const left = table.leave({ id, token: move.token, state: move.state });
            expect(left).toBe(before?.state === 'WORKING' && before.token === move.token);
            if (left && before !== undefined) before = { ...before, state: move.state };
          } else {
            const closed = table.close(id);
            expect(closed).toBe(before?.state === 'OPEN');
            if (closed && before !== undefined) before = { ...before, state: 'CLOSED' };
          }
          const open = before?.state === 'OPEN' ? [before] : [];
          expect(table.listOpen({ limit: 9 })).toEqual(open);
          // A ticket is a value: what was answered earlier must not have changed.
          before = table.listOpen({ limit: 9 })[0] ?? before;
        }
      }),
      { numRuns: 500 },
    );
  });
});
