// Convinces against a real server: every generated sequence of calls is answered as the table answers it, and a ticket that is free is
// taken by exactly one of many at once.

import { type Arbitrary, constantFrom, integer, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import { postgresTicketStore } from '../../../src/stores/postgres/ticket-store.ts';
import { ticketTable } from '../../../src/stores/ticket-table.ts';
import { agree } from './parity.ts';
import { postgresLane } from './testing.ts';

const server = await postgresLane();

const ms = constantFrom(0, 5, 10, 0.5);
const id = constantFrom('1', '2', '3\u0000');
const calls = oneof(
  call(
    'take',
    record({ id, type: constantFrom('FEE', 'DUPLICATE'), attemptId: constantFrom('x', 'y'), leaseMs: ms }),
  ),
  call(
    'leave',
    record({ id, token: integer({ min: 1, max: 3 }), state: constantFrom('RETRY', 'OPEN', 'CLOSED') }),
  ),
  call('close', id),
  call('listOpen', record({ limit: integer({ min: 0, max: 3 }) })),
  call('prune', record({ olderThanMs: ms, limit: integer({ min: 0, max: 2 }) })),
);

function call<T>(method: string, argument: Arbitrary<T>) {
  return record({ afterMs: ms, method: constantFrom(method), argument });
}

server.suite('the store of tickets in Postgres', () => {
  test('answers every sequence of calls as the table does', async () => {
    await agree({ table: ticketTable, store: postgresTicketStore, calls, maxLength: 50 }, server);
  });

  test('gives a ticket that is new, or up for a retry, to exactly one of many at once', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const store = postgresTicketStore({ pool, schema });
    for (let round = 1; round <= 20; round++) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, n) =>
          store.take({ id: '1', type: 'FEE', attemptId: `${round}.${n}`, leaseMs: 60_000 }),
        ),
      );
      expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
      for (const { ticket } of answers) expect(ticket.token).toBe(round);
      expect(await store.leave({ id: '1', token: round, state: 'RETRY' })).toBe(true);
    }
  });

  test('looks again at what it waited for', async () => {
    const { pool, schema } = await server.fresh();
    const store = postgresTicketStore({ pool, schema });
    const asked = { id: '1', type: 'FEE', leaseMs: 60_000 };
    await store.take({ ...asked, attemptId: 'x' });
    await store.leave({ id: '1', token: 1, state: 'RETRY' });
    const held = await pool.connect();
    await held.query('BEGIN');
    await postgresTicketStore({ pool: held, schema }).take({ ...asked, attemptId: 'y' });
    const taking = store.take({ ...asked, attemptId: 'z' });
    await server.waiting({ pool, schema });
    await held.query('COMMIT');
    held.release();
    expect(await taking).toMatchObject({ taken: false, ticket: { token: 2, attemptId: 'y' } });
  });
});
