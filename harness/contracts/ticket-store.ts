// What a store of tickets promises: a discrepancy is in one pair of hands at a time, and repaired or told to people once.

import type { Ticket, TicketAnswer, TicketStore } from '../../src/reconciliation/ticket-store.ts';
import { type Contract, epochMs } from './contract.ts';
import { orRefused, same, shows } from './expectation.ts';
import { hostileTexts } from './hostile-text.ts';
import { allAtOnce, names } from './races.ts';

const leaseMs = 1_000;
const all = { olderThanMs: 1_000, limit: 100 };

function take(store: TicketStore, attemptId: string, id = 'i'): Promise<TicketAnswer> {
  return store.take({ id, type: 'MISSING_INTERNAL', attemptId, leaseMs });
}

async function left(store: TicketStore, id: string, state: 'RETRY' | 'OPEN' | 'CLOSED'): Promise<Ticket> {
  const { ticket } = await take(store, 'a', id);
  await store.leave({ id, token: ticket.token, state });
  return { ...ticket, state };
}

const holding: Contract<TicketStore> = {
  'take: gives a new ticket, and the same again when the reply was lost': async ({ store, other, clock }) => {
    const ticket = {
      id: 'i',
      type: 'MISSING_INTERNAL',
      state: 'WORKING',
      token: 1,
      attemptId: 'a',
      leaseUntilMs: epochMs + leaseMs,
      openedAtMs: epochMs,
    };
    same(await take(store, 'a'), { taken: true, ticket });
    clock.nowMs += 500;
    same(await take(other, 'a'), { taken: true, ticket });
    same(await take(other, 'b'), { taken: false, ticket });
    // Its owner is still the same while nobody else has taken it.
    clock.nowMs += 9_000;
    same(await take(other, 'a'), { taken: true, ticket });
  },

  'take: of many at once exactly one holds the ticket, when it is new and when its lease is over': async ({
    connections,
    clock,
  }) => {
    for (let token = 1; token <= 10; token += 1) {
      const answers = await allAtOnce(connections, names(`run${token}-`, 8), (store, id) => take(store, id));
      same(
        answers.filter(({ taken }) => taken).map(({ ticket }) => ticket.token),
        [token],
        'tokens given',
      );
      clock.nowMs += leaseMs;
    }
  },

  'take: is refused until the lease is over, and keeps when the ticket was opened': async ({
    store,
    clock,
  }) => {
    await take(store, 'a');
    clock.nowMs += leaseMs - 1;
    shows(await take(store, 'b'), { taken: false, ticket: { attemptId: 'a', token: 1 } });
    clock.nowMs += 1;
    const ticket = { attemptId: 'b', token: 2, openedAtMs: epochMs, leaseUntilMs: clock.nowMs + leaseMs };
    shows(await take(store, 'b'), { taken: true, ticket });
  },

  'take: gives what is up for a retry, and nothing that people have or had': async ({ store }) => {
    for (const state of ['RETRY', 'OPEN', 'CLOSED'] as const) {
      const ticket = await left(store, state, state);
      const answer = await take(store, 'b', state);
      if (state === 'RETRY')
        shows(answer, { taken: true, ticket: { token: 2, attemptId: 'b', state: 'WORKING' } });
      else same(answer, { taken: false, ticket });
    }
  },

  'fencing: leave is refused under another token, or twice, or where there is nothing': async ({
    store,
    other,
    clock,
  }) => {
    same(await store.leave({ id: 'i', token: 1, state: 'CLOSED' }), false);
    await take(store, 'a');
    clock.nowMs += leaseMs;
    const { ticket } = await take(other, 'b');
    for (const token of [0, 1, 3]) same(await store.leave({ id: 'i', token, state: 'CLOSED' }), false);
    same(await take(store, 'c'), { taken: false, ticket });
    same(await store.leave({ id: 'i', token: 2, state: 'OPEN' }), true);
    same(await store.leave({ id: 'i', token: 2, state: 'CLOSED' }), false);
    same(await store.listOpen({ limit: 9 }), [{ ...ticket, state: 'OPEN' }]);
  },

  'fencing: of many that leave or close at once exactly one is heard': async ({ store, connections }) => {
    for (const id of names('ticket', 8)) {
      const { ticket } = await take(store, 'a', id);
      const states = ['CLOSED', 'OPEN', 'CLOSED', 'OPEN'] as const;
      const heard = await allAtOnce(connections, states, (each, state) =>
        each.leave({ id, token: 1, state }),
      );
      same(heard.filter(Boolean).length, 1, 'how many were heard');
      shows(await take(store, 'b', id), {
        taken: false,
        ticket: { ...ticket, state: states[heard.indexOf(true)] },
      });
    }
    for (const id of names('open', 8)) {
      await left(store, id, 'OPEN');
      const heard = await allAtOnce(connections, names('', 4), (each) => each.close(id));
      same(heard.filter(Boolean).length, 1, 'how many closed it');
    }
  },
};

const keeping: Contract<TicketStore> = {
  'close: ends what is open and nothing else': async ({ store }) => {
    same(await store.close('nothing'), false);
    for (const state of ['RETRY', 'CLOSED', 'OPEN'] as const) await left(store, state, state);
    await take(store, 'a', 'WORKING');
    const closed = await Promise.all(['RETRY', 'CLOSED', 'WORKING', 'OPEN'].map((id) => store.close(id)));
    same(closed, [false, false, false, true]);
    same(await store.listOpen({ limit: 9 }), []);
    shows(await take(store, 'b', 'OPEN'), { taken: false, ticket: { state: 'CLOSED' } });
  },

  'list: what is open, oldest first, then by id, and bounded': async ({ store, clock }) => {
    await left(store, 'z', 'OPEN');
    clock.nowMs += 1;
    for (const id of ['c', 'B', 'a', 'd']) await left(store, id, id === 'd' ? 'CLOSED' : 'OPEN');
    const ids = async (limit: number) => (await store.listOpen({ limit })).map(({ id }) => id);
    same(await ids(9), ['z', 'B', 'a', 'c']);
    same(await ids(3), ['z', 'B', 'a']);
    same(await ids(0), []);
  },

  'prune: forgets what is closed, by whoever closed it, and nothing else': async ({ store, clock }) => {
    for (const id of ['open', 'retry', 'closed', 'by people']) {
      await left(store, id, ({ open: 'OPEN', retry: 'RETRY', closed: 'CLOSED' } as const)[id] ?? 'OPEN');
    }
    await take(store, 'a', 'working');
    clock.nowMs += 500;
    await store.close('by people');
    clock.nowMs += 499;
    same(await store.prune(all), 0);
    clock.nowMs += 1;
    same(await store.prune(all), 1);
    clock.nowMs += 500;
    same(await store.prune({ ...all, limit: 0 }), 0);
    same(await store.prune(all), 1);
    const tokens = ['closed', 'by people', 'open', 'retry', 'working'].map(
      async (id) => (await take(store, 'b', id)).ticket.token,
    );
    same(await Promise.all(tokens), [1, 1, 1, 2, 2], 'the tokens');
  },

  'input: ids that look alike are kept apart, or refused': async ({ store }) => {
    const held: string[] = [];
    for (const id of hostileTexts) {
      const answer = await orRefused(take(store, `by ${held.length}`, id));
      if (answer === null) continue;
      shows(answer, { taken: true, ticket: { id, token: 1, openedAtMs: epochMs } }, JSON.stringify(id));
      held.push(id);
    }
    for (const [index, id] of held.entries()) {
      shows(await take(store, 'other', id), { taken: false, ticket: { id, attemptId: `by ${index}` } });
    }
    same(held.slice(0, 2), ['plain', 'PLAIN'], 'what must be taken');
  },
};

/** The contract of a `TicketStore`. */
export const ticketContract: Contract<TicketStore> = { ...holding, ...keeping };
