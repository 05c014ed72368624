// The idempotency store in Postgres.

import type { SerialisedError } from '../../errors/serialise.ts';
import type {
  ClaimAnswer,
  IdempotencyRecord,
  IdempotencyStore,
  WriteAnswer,
} from '../../idempotency/store.ts';
import { type Argument, type PostgresStoreOptions, postgresCalls } from './call.ts';

/**
 * An `IdempotencyStore` in Postgres, for any number of processes. Each operation is one statement at READ COMMITTED; time is
 * the server's. What is acknowledged survives as the server's `synchronous_commit` says; see docs/stores.md.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresIdempotencyStore(options: PostgresStoreOptions): IdempotencyStore {
  const call = postgresCalls('postgres idempotency store', options);
  const write = async (name: string, ...args: readonly Argument[]): Promise<WriteAnswer> => {
    const { written, record, nowMs } = (await call(name, ...args)) as Answer;
    return record === null ? { written: false, record, nowMs } : { written, record: recordOf(record), nowMs };
  };
  return {
    async claim({ key, fingerprint, request, attemptId, leaseMs }) {
      const args = [key, fingerprint, request, attemptId, leaseMs] as const;
      const answer = (await call('idempotency_claim', ...args)) as Claimed;
      return { ...answer, record: recordOf(answer.record) };
    },
    complete: ({ key, token, result, ttlMs }) => write('idempotency_complete', key, token, result, ttlMs),
    fail: ({ key, token, failure, ttlMs }) =>
      write('idempotency_fail', key, token, JSON.stringify(failure), ttlMs),
    release: ({ key, token }) => write('idempotency_release', key, token),
    renew: ({ key, token, leaseMs }) => write('idempotency_renew', key, token, leaseMs),
    suspend: ({ key, token, state, sent, sealed, gatewayId }) =>
      write('idempotency_suspend', key, token, state, sent, sealed, gatewayId),
    advance: ({ key, token }) => write('idempotency_advance', key, token),
    async read(key) {
      const record = (await call('idempotency_read', key)) as StoredRecord | null;
      return record && recordOf(record);
    },
    async list({ limit }) {
      const records = (await call('idempotency_list', limit)) as readonly StoredRecord[];
      return records.map(recordOf);
    },
  };
}

/** The failure is kept as the text that it was written as. */
interface StoredRecord extends Omit<IdempotencyRecord, 'failure'> {
  readonly failure?: string;
}

interface Claimed extends Omit<ClaimAnswer, 'record'> {
  readonly record: StoredRecord;
}

interface Answer {
  readonly written: boolean;
  readonly record: StoredRecord | null;
  readonly nowMs: number;
}

function recordOf({ failure, ...record }: StoredRecord): IdempotencyRecord {
  return failure === undefined ? record : { ...record, failure: JSON.parse(failure) as SerialisedError };
}
