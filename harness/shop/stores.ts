// The durable stores of a shop: tables that outlive every process, reached by each process through the boundary, every
// operation one crossing that is applied atomically.

import type { VelocityStore } from '../../src/fraud/velocity-store.ts';
import type { VerdictLog } from '../../src/fraud/verdict-log.ts';
import type { LedgerStore, PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { OutboxStore } from '../../src/ledger/outbox-store.ts';
import type { TicketStore } from '../../src/reconciliation/ticket-store.ts';
import type { SagaJournal, SagaName, SagaRecord } from '../../src/saga/journal.ts';
import { inboxTable } from '../../src/stores/inbox-table.ts';
import { ledgerTable } from '../../src/stores/ledger-table.ts';
import { sagaTable } from '../../src/stores/saga-table.ts';
import { ticketTable } from '../../src/stores/ticket-table.ts';
import { velocityTable } from '../../src/stores/velocity-table.ts';
import { verdictTable } from '../../src/stores/verdict-table.ts';
import type { InboxRecord, InboxState, InboxStore } from '../../src/webhooks/inbox-store.ts';
import { type Site, sites } from '../history/sites.ts';
import type { ShopEnv } from '../targets/shop-env.ts';
import type { Boundary } from '../world/boundary.ts';
import { plainCopy } from '../world/plain-copy.ts';
import { storeFailures } from '../world/simulated-store.ts';

/** The stores of a run. */
export interface ShopStores {
  /** A process's connections to all of them. */
  connect(boundary: Boundary): ConnectedStores;
  /** Every saga that was ever begun, in the order in which they were. */
  sagas(): readonly SagaRecord[];
  /** Every entry of the ledger, in its order. */
  entries(): readonly PostedEntry[];
  /** Every event that the inbox still knows, in the order in which they came in. */
  inbox(): readonly InboxRecord[];
  /** How many events of the outbox are neither delivered nor given up. */
  untold(): number;
}

/** The stores as a process has them. */
export type ConnectedStores = Pick<
  ShopEnv,
  'sagas' | 'inbox' | 'ledger' | 'outbox' | 'velocity' | 'verdicts' | 'tickets'
>;

/** Empty stores, all of them on the one clock `nowMs`, milliseconds. */
export function shopStores(nowMs: () => number): ShopStores {
  const journal = sagaTable(nowMs);
  const begun = new Map<string, SagaName>();
  const sagas: Table<SagaJournal> = {
    ...journal,
    open(opening) {
      const { saga, id } = opening;
      begun.set(JSON.stringify([saga, id]), { saga, id });
      return journal.open(opening);
    },
  };
  const inbox = inboxTable(nowMs);
  const books = ledgerTable(nowMs);
  const untold = new Set<string>();
  const ledger: typeof books = {
    ...books,
    commit(units) {
      const answer = books.commit(units);
      if (answer.committed)
        for (const { newEvents } of answer.outcomes) newEvents.map((id) => untold.add(id));
      return answer;
    },
    settle(asked) {
      const isSettled = books.settle(asked);
      if (isSettled && asked.outcome.kind !== 'failed') untold.delete(asked.id);
      return isSettled;
    },
  };
  const velocity = velocityTable(nowMs);
  const verdicts = verdictTable(nowMs);
  const tickets = ticketTable(nowMs);
  return {
    connect: ({ cross }) => ({
      sagas: connected<SagaJournal>('saga', sagas, cross),
      inbox: connected<InboxStore>('inbox', inbox, cross),
      ledger: connected<LedgerStore>('ledger', ledger, cross),
      outbox: connected<OutboxStore>('outbox', ledger, cross),
      velocity: connected<VelocityStore>('velocity', velocity, cross),
      verdicts: connected<VerdictLog>('verdicts', verdicts, cross),
      tickets: connected<TicketStore>('tickets', tickets, cross),
    }),
    sagas: () => [...begun.values()].flatMap((name) => journal.read(name) ?? []),
    entries: () => ledger.entries({ after: 0, limit: Number.MAX_SAFE_INTEGER }),
    inbox: () =>
      inboxStates
        .flatMap((state) => inbox.list({ state, limit: Number.MAX_SAFE_INTEGER }))
        .sort((a, b) => a.receivedAtMs - b.receivedAtMs),
    untold: () => untold.size,
  };
}

const inboxStates: readonly InboxState[] = ['READY', 'PARKED', 'CLAIMED', 'DONE', 'DEAD'];

/** What a store does when it is alone: its operations, synchronously. */
type Table<Store> = {
  readonly [Name in keyof Store]: Store[Name] extends (asked: infer Asked) => Promise<infer Reply>
    ? (asked: Asked) => Reply
    : never;
};

type Family = 'saga' | 'inbox' | 'ledger' | 'outbox' | 'velocity' | 'verdicts' | 'tickets';

/** Sites and their operations by the store that they belong to: what stands before the point, and what behind it. */
const operations = Map.groupBy(sites.map(operationAt), ({ family }) => family);

function operationAt(site: Site) {
  const [family, name = ''] = site.split('.');
  return { site, family, name, fail: storeFailures[site] };
}

type Operation = (asked: unknown) => unknown;

function connected<Store extends object>(
  family: Family,
  table: Table<Store>,
  cross: Boundary['cross'],
): Store {
  const store: Record<string, (asked: unknown) => Promise<unknown>> = {};
  const applied = table as Readonly<Record<string, Operation>>;
  for (const { site, name, fail } of operations.get(family) ?? []) {
    const apply = applied[name];
    if (apply === undefined) continue;
    // Named first: V8 allocates a function that is assigned to a member as if it lived for ever, and with it all that
    // it reaches, here the whole world, stays until the next full collection.
    const operation = (asked: unknown): Promise<unknown> => {
      const request = plainCopy(asked);
      return cross({ site, request, apply: () => apply(request), handed: plainCopy, fail });
    };
    store[name] = operation;
  }
  return store as Store;
}
