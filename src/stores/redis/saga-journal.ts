// The saga journal in Redis: each operation is one script, so it is atomic and one round trip.

import type {
  SagaClaimAnswer,
  SagaJournal,
  SagaName,
  SagaQuery,
  SagaRecord,
  SagaWrite,
  SagaWriteAnswer,
} from '../../saga/journal.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { fieldsIn, flagIn, listIn, nullable, numberIn, recordReader } from './reply.ts';
import { sagaScripts as scripts } from './saga-scripts.ts';
import { sortKey } from './sort-key.ts';

/**
 * A `SagaJournal` in Redis 7.0 or later. What it forgets has to be undone by hand, so it needs the server that
 * `redisIdempotencyStore` asks for: everything on disk before it is acknowledged, and no eviction.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisSagaJournal(options: RedisStoreOptions): SagaJournal {
  const run = storeRunner('saga', options);
  return {
    async open({ attemptId, leaseMs, fingerprint, progress, ...name }) {
      const asked = [fingerprint, progress, attemptId, leaseMs];
      return claimIn(await run(scripts.open, ...named(name), ...asked));
    },
    claim: async ({ attemptId, leaseMs, why, ...name }) =>
      claimIn(await run(scripts.claim, ...named(name), attemptId, leaseMs, why)),
    save: async ({ leaseMs, ...write }) =>
      answerIn(await run(scripts.save, ...named(write), ...written(write), leaseMs)),
    leave: async ({ dueInMs, ...write }) =>
      answerIn(await run(scripts.leave, ...named(write), ...written(write), dueInMs ?? '')),
    renew: async ({ token, leaseMs, ...name }) =>
      answerIn(await run(scripts.renew, ...named(name), token, leaseMs)),
    read: async (name) => nullable(await run(scripts.read, ...named(name)), recordIn),
    async list({ sagas, queue, limit }) {
      const names = new Set(sagas);
      const set = queue === 'recovery' ? 'due' : 'repair';
      return merged(listIn(await run(scripts.list, set, limit, ...names)), queue).slice(0, limit);
    },
    prune: async ({ saga, olderThanMs, limit }) =>
      numberIn(await run(scripts.prune, saga, olderThanMs, limit)),
  };
}

const recordIn = recordReader<SagaRecord>({
  saga: 'text',
  id: 'text',
  state: 'text',
  fingerprint: 'text',
  progress: 'text',
  token: 'number',
  version: 'number',
  attemptId: 'text',
  startedAtMs: 'number',
  dueAtMs: 'number',
});

function named({ saga, id }: SagaName): readonly [string, string, string] {
  return [saga, id, sortKey(id)];
}

function written({ token, version, state, progress }: SagaWrite) {
  return [token, version, state, progress] as const;
}

function claimIn(reply: unknown): SagaClaimAnswer {
  const { written: owned, ...answer } = answerIn(reply);
  return { owned, ...answer } as SagaClaimAnswer;
}

function answerIn(reply: unknown): SagaWriteAnswer {
  const [yes, now, found] = listIn(reply);
  const nowMs = numberIn(now);
  if (flagIn(yes)) return { written: true, record: recordIn(found), nowMs };
  return { written: false, record: nullable(found, recordIn), nowMs };
}

/** The rows of several definitions in one order: by time, then by id, then as they were begun. */
function merged(replies: readonly unknown[], queue: SagaQuery['queue']): readonly SagaRecord[] {
  const rows = replies.map((reply) => {
    const record = recordIn(reply);
    const atMs = queue === 'repair' ? record.startedAtMs : (record.dueAtMs ?? 0);
    return { record, atMs, seq: Number(fieldsIn(reply).get('seq')) };
  });
  rows.sort((a, b) => a.atMs - b.atMs || byText(a.record.id, b.record.id) || a.seq - b.seq);
  return rows.map(({ record }) => record);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
