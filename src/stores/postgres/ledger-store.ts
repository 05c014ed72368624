// The books and their outbox in Postgres.

import type { AccountTotal, CommitAnswer, LedgerStore, PostedEntry } from '../../ledger/ledger-store.ts';
import type { ClaimedEvent, DeadLetter, DeliveryOutcome, OutboxStore } from '../../ledger/outbox-store.ts';
import { type PostgresStoreOptions, postgresCalls } from './call.ts';
import { encodeJson } from './text.ts';

/**
 * A `LedgerStore` with its `OutboxStore` in Postgres, for any number of processes. Each operation is one statement at READ
 * COMMITTED; time is the server's. Commits wait for each other, because their places have to become visible in order: let a
 * `batchWriter` commit many units at once rather than many processes one each.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresLedgerStore(options: PostgresStoreOptions): LedgerStore & OutboxStore {
  const call = postgresCalls('postgres ledger store', options);
  return {
    commit: async (units) => (await call('ledger_commit', encodeJson(units))) as CommitAnswer,
    entries: async ({ after, limit }) =>
      (await call('ledger_entries', after, limit)) as readonly PostedEntry[],
    totals: async ({ merchantReference }) =>
      (await call('ledger_totals', merchantReference)) as readonly AccountTotal[],
    claim: async ({ limit, leaseMs }) =>
      (await call('outbox_claim', limit, leaseMs)) as readonly ClaimedEvent[],
    settle: async ({ id, token, outcome }) =>
      (await call('outbox_settle', id, token, ...outcomeArguments(outcome))) as boolean,
    deadLetters: async ({ limit }) => (await call('outbox_dead_letters', limit)) as readonly DeadLetter[],
    requeue: async (id) => (await call('outbox_requeue', id)) as boolean,
    prune: async ({ olderThanMs, limit }) => (await call('outbox_prune', olderThanMs, limit)) as number,
  };
}

function outcomeArguments(outcome: DeliveryOutcome) {
  const delayMs = outcome.kind === 'failed' ? outcome.delayMs : undefined;
  const reason = outcome.kind === 'dead' ? outcome.reason : undefined;
  return [outcome.kind, delayMs, reason] as const;
}
