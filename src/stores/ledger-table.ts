// The sequential meaning of a ledger's store: what each operation does when it is alone. The memory store is this
// table behind promises; every driver must agree with it.

import type {
  AccountTotal,
  CommitAnswer,
  EntryWrite,
  LedgerStore,
  PostedEntry,
  UnitOutcome,
  UnitWrite,
} from '../ledger/ledger-store.ts';
import { type OutboxTable, outboxTable } from './outbox-table.ts';

/** The operations of ledger and outbox, synchronously. */
export type LedgerTable = {
  readonly [Name in keyof LedgerStore]: (
    ...args: Parameters<LedgerStore[Name]>
  ) => Awaited<ReturnType<LedgerStore[Name]>>;
} & Omit<OutboxTable, 'append' | 'find'>;

type Conflict = Extract<CommitAnswer, { committed: false }>['conflict'];

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function ledgerTable(nowMs: () => number): LedgerTable {
  const effects = new Set<string>();
  const entries = new Map<string, PostedEntry>();
  const { append, find, ...outbox } = outboxTable(nowMs);

  return {
    ...outbox,
    commit(units) {
      const conflict = conflictOf(units, { effects, entry: (key) => entries.get(key), event: find });
      if (conflict !== undefined) return { committed: false, conflict };
      const postedAtMs = nowMs();
      const outcomes = units.map(({ effect, ...unit }): UnitOutcome => {
        if (effects.has(effect)) return { effect, applied: false, newEntries: [], newEvents: [] };
        effects.add(effect);
        const newEntries: string[] = [];
        for (const entry of unit.entries) {
          if (entries.has(entry.key)) continue;
          entries.set(entry.key, { ...entry, sequence: entries.size + 1, postedAtMs });
          newEntries.push(entry.key);
        }
        const newEvents: string[] = [];
        for (const event of unit.events) {
          if (find(event.id) !== undefined) continue;
          append(event);
          newEvents.push(event.id);
        }
        return { effect, applied: true, newEntries, newEvents };
      });
      return { committed: true, outcomes };
    },
    // A place is a position, because nothing is ever taken out.
    entries: ({ after, limit }) => [...entries.values()].slice(after, after + limit),
    totals: ({ merchantReference }) => totalsOf(entries.values(), merchantReference),
  };
}

interface Standing {
  readonly effects: ReadonlySet<string>;
  readonly entry: (key: string) => { readonly fingerprint: string } | undefined;
  readonly event: (id: string) => { readonly fingerprint: string } | undefined;
}

/** Goes through the units as a commit would and finds the first thing that stands, or would stand by then, otherwise. */
function conflictOf(units: readonly UnitWrite[], standing: Standing): Conflict | undefined {
  const effects = new Set<string>();
  const prints = { entry: new Map<string, string>(), event: new Map<string, string>() };
  const differs = (kind: Conflict['kind'], name: string, fingerprint: string): boolean => {
    const there = standing[kind](name)?.fingerprint ?? prints[kind].get(name);
    if (there === undefined) prints[kind].set(name, fingerprint);
    return there !== undefined && there !== fingerprint;
  };
  for (const unit of units) {
    const repeated = standing.effects.has(unit.effect) || effects.has(unit.effect);
    effects.add(unit.effect);
    for (const { key, fingerprint } of unit.entries) {
      const missing = repeated && standing.entry(key) === undefined && !prints.entry.has(key);
      if (missing || differs('entry', key, fingerprint)) return { kind: 'entry', name: key };
    }
    if (repeated) continue;
    for (const { id, fingerprint } of unit.events) {
      if (differs('event', id, fingerprint)) return { kind: 'event', name: id };
    }
  }
  return undefined;
}

function totalsOf(entries: Iterable<EntryWrite>, merchantReference: string | undefined): AccountTotal[] {
  const totals = new Map<string, { readonly account: string; readonly currency: string; total: bigint }>();
  for (const { payment, postings } of entries) {
    if (merchantReference !== undefined && payment?.merchantReference !== merchantReference) continue;
    for (const { account, currency, amountMinor } of postings) {
      // No name holds a line break.
      const name = `${account}\n${currency}`;
      const row = totals.get(name) ?? { account, currency, total: 0n };
      row.total += BigInt(amountMinor);
      totals.set(name, row);
    }
  }
  return [...totals.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { account, currency, total }]) => ({ account, currency, totalMinor: String(total) }));
}
