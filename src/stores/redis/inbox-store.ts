// The inbox store in Redis: each operation is one script, so it is atomic and one round trip.

import type {
  FinishWrite,
  InboxClaim,
  InboxRecord,
  InboxStore,
  InboxWriteAnswer,
  ObjectPosition,
} from '../../webhooks/inbox-store.ts';
import { inboxScripts as scripts } from './inbox-scripts.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { flagIn, listIn, nullable, numberIn, recordReader, textIn } from './reply.ts';

/**
 * An `InboxStore` in Redis 7.0 or later. An event that was answered 2xx is nowhere else, so it needs the server that
 * `redisIdempotencyStore` asks for: everything on disk before it is acknowledged, and no eviction. Effects are kept in the same
 * operation that ends their event; books in another database cannot commit with them.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisInboxStore(options: RedisStoreOptions): InboxStore {
  const run = storeRunner('inbox', options);
  return {
    async receive({ id, object, event, claim }) {
      const asked = claim === undefined ? [0] : [1, claim.attemptId, claim.leaseMs];
      const reply = listIn(await run(scripts.receive, id, object, event, ...asked));
      const [first, record, claimed, position] = reply;
      return {
        first: flagIn(first),
        record: recordIn(record),
        claim: flagIn(claimed) ? { position: nullable(position, positionIn) } : null,
      };
    },
    async claim({ attemptId, leaseMs, id }) {
      const one = id === undefined ? [0] : [1, id];
      return nullable(await run(scripts.claim, attemptId, leaseMs, ...one), claimIn);
    },
    finish: async (write) => answerIn(await run(scripts.finish, write.id, write.token, ...finished(write))),
    postpone: async ({ id, token, delayMs, parked, failure }) =>
      answerIn(await run(scripts.postpone, id, token, delayMs, Number(parked), JSON.stringify(failure))),
    bury: async ({ id, token, failure }) =>
      answerIn(await run(scripts.bury, id, token, JSON.stringify(failure))),
    revive: async (id) => flagIn(await run(scripts.revive, id)),
    list: async ({ state, limit }) => listIn(await run(scripts.list, state, limit)).map(recordIn),
    effect: async (key) => nullable(await run(scripts.effect, key), textIn),
    prune: async ({ olderThanMs, limit }) => numberIn(await run(scripts.prune, olderThanMs, limit)),
  };
}

const recordIn = recordReader<InboxRecord>({
  id: 'text',
  object: 'text',
  event: 'text',
  state: 'text',
  token: 'number',
  attemptId: 'text',
  attempts: 'number',
  parks: 'number',
  receivedAtMs: 'number',
  dueAtMs: 'number',
  failure: 'json',
  expiresAtMs: 'number',
});

const positionIn = recordReader<ObjectPosition>({ status: 'text', version: 'number', revision: 'number' });

function finished({ dedupTtlMs, move, effects }: FinishWrite): readonly (string | number)[] {
  const { status, version } = move?.to ?? { status: '' };
  const versioned = version === undefined ? [0, 0] : [1, version];
  const moved = [Number(move !== undefined), move?.afterRevision ?? 0, status, ...versioned];
  return [dedupTtlMs, ...moved, ...effects.flatMap(({ key, payload }) => [key, payload])];
}

function claimIn(reply: unknown): InboxClaim {
  const [record, position] = listIn(reply);
  return { record: recordIn(record), position: nullable(position, positionIn) };
}

function answerIn(reply: unknown): InboxWriteAnswer {
  const [written, why, found] = listIn(reply);
  if (flagIn(written)) return { written: true, record: recordIn(found) };
  return { written: false, why: why === 'moved' ? 'moved' : 'lost', record: nullable(found, recordIn) };
}
