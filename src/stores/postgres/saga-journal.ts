// The saga journal in Postgres.

import type {
  SagaClaimAnswer,
  SagaJournal,
  SagaRecord,
  SagaWrite,
  SagaWriteAnswer,
} from '../../saga/journal.ts';
import { type PostgresStoreOptions, postgresCalls } from './call.ts';
import { encodeJson } from './text.ts';

/**
 * A `SagaJournal` in Postgres, for any number of processes. Each operation is one statement at READ COMMITTED; time is the
 * server's. What is acknowledged survives as the server's `synchronous_commit` says; see docs/stores.md.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresSagaJournal(options: PostgresStoreOptions): SagaJournal {
  const call = postgresCalls('postgres saga journal', options);
  const write = async (
    name: 'saga_save' | 'saga_leave',
    { saga, id, token, version, state, progress }: SagaWrite,
    spanMs: number | undefined,
  ) => (await call(name, saga, id, token, version, state, progress, spanMs)) as SagaWriteAnswer;
  return {
    open: async ({ saga, id, attemptId, leaseMs, fingerprint, progress }) =>
      (await call('saga_open', saga, id, attemptId, leaseMs, fingerprint, progress)) as SagaClaimAnswer,
    claim: async ({ saga, id, attemptId, leaseMs, why }) =>
      (await call('saga_claim', saga, id, attemptId, leaseMs, why)) as SagaClaimAnswer,
    save: (saved) => write('saga_save', saved, saved.leaseMs),
    leave: (left) => write('saga_leave', left, left.dueInMs),
    renew: async ({ saga, id, token, leaseMs }) =>
      (await call('saga_renew', saga, id, token, leaseMs)) as SagaWriteAnswer,
    read: async ({ saga, id }) => (await call('saga_read', saga, id)) as SagaRecord | null,
    list: async ({ sagas, queue, limit }) =>
      (await call('saga_list', encodeJson(sagas), queue, limit)) as readonly SagaRecord[],
    prune: async ({ saga, olderThanMs, limit }) =>
      (await call('saga_prune', olderThanMs, limit, saga)) as number,
  };
}
