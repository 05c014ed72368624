// What the clauses of a ledger's store do to it.

import type {
  CommitAnswer,
  EntryWrite,
  EventWrite,
  LedgerStore,
  UnitWrite,
} from '../../src/ledger/ledger-store.ts';
import type { OutboxStore } from '../../src/ledger/outbox-store.ts';

/** The books and what is to be told of them: committed together, so one store. */
export type BooksStore = LedgerStore & OutboxStore;

/** An entry over two accounts. */
export function entry(key: string, fingerprint = 'f', amountMinor = 5): EntryWrite {
  return {
    key,
    kind: 'capture',
    payment: { merchantReference: `m-${key}`, gatewayId: `ch-${key}` },
    occurredAtMs: 7,
    postings: [
      { account: 'gateway-clearing', amountMinor, currency: 'USD' },
      { account: 'captured', amountMinor: -amountMinor, currency: 'USD' },
    ],
    fingerprint,
  };
}

/** An event of an aggregate. */
export function event(id: string, aggregate = id, fingerprint = 'f'): EventWrite {
  return { id, type: 't', aggregate, payload: '{}', fingerprint };
}

/** A unit that holds what is given. */
export function unit(
  effect: string,
  holds: { readonly entries?: readonly EntryWrite[]; readonly events?: readonly EventWrite[] },
): UnitWrite {
  return { effect, entries: holds.entries ?? [], events: holds.events ?? [] };
}

/** Commits events, each in a unit of its own. */
export function tell(store: BooksStore, ...events: readonly EventWrite[]): Promise<CommitAnswer> {
  return store.commit(events.map((each) => unit(`effect of ${each.id}`, { events: [each] })));
}
