// The sequential meaning of an outbox: what each operation does when it is alone.

import type { EventWrite } from '../ledger/ledger-store.ts';
import type { DeadLetter, OutboxStore } from '../ledger/outbox-store.ts';
import { endings } from './endings.ts';

/** The same operations, synchronously, and the two that a commit needs. */
export type OutboxTable = {
  readonly [Name in keyof OutboxStore]: (
    ...args: Parameters<OutboxStore[Name]>
  ) => Awaited<ReturnType<OutboxStore[Name]>>;
} & {
  /** Adds an event behind all others. Its id must be free. */
  append(event: EventWrite): void;
  /** The event as it was committed, delivered or not. */
  find(id: string): EventWrite | undefined;
};

type State = { readonly kind: 'pending' } | { readonly kind: 'delivered' } | Dead;

interface Dead {
  readonly kind: 'dead';
  readonly reason: string;
  readonly diedAtMs: number;
}

interface Row {
  readonly event: EventWrite;
  readonly state: State;
  readonly token: number;
  readonly attempts: number;
  /** Not handed out before this: end of a lease, or of a delay after a failure. */
  readonly dueAtMs: number;
}

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function outboxTable(nowMs: () => number): OutboxTable {
  // Rows stay where they were appended, whatever is set in their place, so this is the order of commits.
  const rows = new Map<string, Row>();
  const delivered = endings(nowMs);

  /** Of each aggregate the first event that is still to be delivered, and whether there are others. */
  const heads = (): (readonly [Row, boolean])[] => {
    const byAggregate = new Map<string, readonly [Row, boolean]>();
    for (const row of rows.values()) {
      if (row.state.kind !== 'pending') continue;
      const { aggregate } = row.event;
      const head = byAggregate.get(aggregate);
      byAggregate.set(aggregate, [head?.[0] ?? row, head !== undefined]);
    }
    return [...byAggregate.values()];
  };

  return {
    append: (event) =>
      void rows.set(event.id, { event, state: { kind: 'pending' }, token: 0, attempts: 0, dueAtMs: 0 }),
    find: (id) => rows.get(id)?.event,
    claim({ limit, leaseMs }) {
      const now = nowMs();
      const due = heads().filter(([{ dueAtMs }]) => dueAtMs <= now);
      return due.slice(0, limit).map(([row, hasNext]) => {
        const claimed = {
          ...row,
          token: row.token + 1,
          attempts: row.attempts + 1,
          dueAtMs: now + leaseMs,
        };
        rows.set(row.event.id, claimed);
        return { event: row.event, token: claimed.token, attempts: claimed.attempts, hasNext };
      });
    },
    settle({ id, token, outcome }) {
      const row = rows.get(id);
      if (row === undefined || row.token !== token || row.state.kind !== 'pending') return false;
      const now = nowMs();
      switch (outcome.kind) {
        case 'delivered':
          rows.set(id, { ...row, state: { kind: 'delivered' } });
          delivered.mark(id);
          return true;
        case 'failed':
          // The claim is over: a late word from its owner must not decide anything any more.
          rows.set(id, { ...row, token: token + 1, dueAtMs: now + outcome.delayMs });
          return true;
        case 'dead':
          rows.set(id, { ...row, state: { kind: 'dead', reason: outcome.reason, diedAtMs: now } });
          return true;
      }
    },
    deadLetters({ limit }) {
      return [...rows.values()].flatMap(deadLetterOf).slice(0, limit);
    },
    requeue(id) {
      const row = rows.get(id);
      if (row?.state.kind !== 'dead') return false;
      rows.set(id, { ...row, state: { kind: 'pending' }, attempts: 0, dueAtMs: nowMs() });
      return true;
    },
    prune(request) {
      const taken = delivered.take(request);
      for (const id of taken) rows.delete(id);
      return taken.length;
    },
  };
}

function deadLetterOf({ event, state, attempts }: Row): DeadLetter[] {
  if (state.kind !== 'dead') return [];
  return [{ event, attempts, reason: state.reason, diedAtMs: state.diedAtMs }];
}
