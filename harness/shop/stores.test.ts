// Convinces by comparing what is connected with what the tables can do, by a program that spoils everything that it sends
// and everything that it is given, and by a wire that breaks before and after an operation.

import { expect, it } from 'vitest';
import type { EntryWrite } from '../../src/ledger/ledger-store.ts';
import { inboxTable } from '../../src/stores/inbox-table.ts';
import { ledgerTable } from '../../src/stores/ledger-table.ts';
import { sagaTable } from '../../src/stores/saga-table.ts';
import { ticketTable } from '../../src/stores/ticket-table.ts';
import { velocityTable } from '../../src/stores/velocity-table.ts';
import { verdictTable } from '../../src/stores/verdict-table.ts';
import type { Fault } from '../cases/case.ts';
import { actAs, actor } from '../world/actor.ts';
import { oneProcess, recorded } from '../world/one-process.ts';
import { type ConnectedStores, shopStores } from './stores.ts';

const opening = {
  saga: 'checkout',
  id: 'o1',
  attemptId: 'a',
  leaseMs: 1_000,
  fingerprint: 'f',
  progress: '{}',
};
const entry = {
  key: 'e1',
  kind: 'capture',
  postings: [{ account: 'cash', amountMinor: 5, currency: 'USD' }],
  fingerprint: 'f',
} as unknown as EntryWrite;
const arrival = { id: 'evt_1', object: 'payment:ch_1', event: '{}' };

/** What came of `work` over connections of one process, who carries `faults`. */
async function over<Result>(
  work: (stores: ConnectedStores) => Promise<Result>,
  faults: readonly Fault[] = [],
) {
  const rig = oneProcess();
  const stores = shopStores(rig.world.nowMs);
  const connected = stores.connect(rig.environment().boundary);
  const ended = actAs(actor('a', faults), () =>
    work(connected).then(String, (error: Error) => error.message),
  );
  await rig.settle();
  return { stores, ended: await ended, crossings: recorded(rig).crossings };
}

/** Writes nonsense over every member of a plain value, however deep. */
function spoil(value: object | null): void {
  for (const [name, member] of Object.entries(value ?? {})) {
    if (typeof member === 'object' && member !== null) spoil(member);
    else Object.assign(value ?? {}, { [name]: 'spoilt' });
  }
}

it('connects every operation of every store, under a site of its own', () => {
  const clock = (): number => 0;
  const { claim, settle, deadLetters, requeue, prune, ...ledger } = ledgerTable(clock);
  const tables = {
    sagas: sagaTable(clock),
    inbox: inboxTable(clock),
    ledger,
    outbox: { claim, settle, deadLetters, requeue, prune },
    velocity: velocityTable(clock),
    verdicts: verdictTable(clock),
    tickets: ticketTable(clock),
  };
  const connected = shopStores(clock).connect(oneProcess().environment().boundary);
  const names = (stores: object): unknown =>
    Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, Object.keys(store).sort()]));
  expect(names(connected)).toEqual(names(tables));
});

it('keeps apart what is changed afterwards on either side', async () => {
  const { stores, crossings } = await over(async ({ sagas, inbox, ledger }) => {
    const asked = { ...opening };
    const opened = sagas.open(asked);
    spoil(asked);
    spoil(await opened);
    const unit = { effect: 'captured', entries: [{ ...entry, postings: [...entry.postings] }], events: [] };
    const committed = ledger.commit([unit]);
    spoil(unit);
    spoil(await committed);
    spoil(await inbox.receive(arrival));
    spoil([...(await ledger.entries({ after: 0, limit: 9 }))]);
    spoil(await sagas.read(opening));
  });
  expect(crossings.map(({ site }) => site)).toEqual([
    'saga.open',
    'ledger.commit',
    'inbox.receive',
    'ledger.entries',
    'saga.read',
  ]);
  expect(stores.sagas()).toMatchObject([{ saga: 'checkout', id: 'o1', state: 'RUNNING' }]);
  expect(stores.entries()).toMatchObject([{ key: 'e1', sequence: 1, postings: [{ account: 'cash' }] }]);
  expect(stores.inbox()).toMatchObject([{ id: 'evt_1', state: 'READY' }]);
  expect(JSON.stringify([crossings, stores.entries()])).not.toContain('spoilt');
});

it.each([
  ['refused', 0, 'connection refused'],
  ['response-lost', 1, 'connection reset'],
] as const)('is told of a broken wire as stores tell it: %s', async (kind, kept, message) => {
  const { stores, ended } = await over(
    ({ inbox }) => inbox.receive(arrival),
    [{ site: 'inbox.receive', nth: 1, kind }],
  );
  expect(ended).toContain(`inbox.receive: ${message}`);
  expect(stores.inbox()).toHaveLength(kept);
});

it('lists sagas and events whatever became of them', async () => {
  const { stores } = await over(async ({ sagas, inbox }) => {
    await sagas.open(opening);
    await sagas.open({ ...opening, id: 'o2' });
    await sagas.open({ ...opening, attemptId: 'b' });
    await sagas.leave({
      saga: 'checkout',
      id: 'o1',
      token: 1,
      version: 2,
      state: 'COMPLETED',
      progress: '{}',
    });
    for (const id of ['evt_1', 'evt_2', 'evt_3']) await inbox.receive({ ...arrival, id, object: id });
    const failure = { code: 'error', message: '' };
    await inbox.claim({ attemptId: 'x', leaseMs: 1_000, id: 'evt_1' });
    await inbox.bury({ id: 'evt_1', token: 1, failure });
    await inbox.claim({ attemptId: 'y', leaseMs: 1_000, id: 'evt_2' });
    await inbox.finish({ id: 'evt_2', token: 2, effects: [], dedupTtlMs: 1_000 });
  });
  expect(stores.sagas().map(({ id }) => id)).toEqual(['o1', 'o2']);
  expect(stores.inbox().map(({ id, state }) => `${id} ${state}`)).toEqual([
    'evt_1 DEAD',
    'evt_2 DONE',
    'evt_3 READY',
  ]);
});
