// The idempotency store in Redis: each operation is one script, so it is atomic and one round trip.

import type {
  ClaimAnswer,
  IdempotencyRecord,
  IdempotencyStore,
  WriteAnswer,
} from '../../idempotency/store.ts';
import { idempotencyScripts as scripts } from './idempotency-scripts.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { fieldsIn, flagIn, listIn, nullable, numberIn, recordReader } from './reply.ts';

/**
 * An `IdempotencyStore` in Redis 7.0 or later.
 *
 * A claim protects a payment only while the server keeps it: run with `appendonly yes`, `appendfsync always` (`everysec` may
 * lose the last second) and `maxmemory-policy noeviction`. Replication is asynchronous, and `WAIT` is no guarantee either: a
 * failover may lose acknowledged claims, after which only the gateway's own deduplication by key protects. Records carry no
 * TTL, because the counters in them must never be forgotten.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisIdempotencyStore(options: RedisStoreOptions): IdempotencyStore {
  const run = storeRunner('idempotency', options);
  return {
    async claim({ key, fingerprint, request, attemptId, leaseMs }) {
      const reply = await run(scripts.claim, key, fingerprint, request, attemptId, leaseMs);
      const [owned, nowMs, record] = listIn(reply);
      return { owned: flagIn(owned), record: recordIn(record), nowMs: numberIn(nowMs) } satisfies ClaimAnswer;
    },
    complete: async ({ key, token, result, ttlMs }) =>
      answerIn(await run(scripts.complete, key, token, result, ttlMs)),
    fail: async ({ key, token, failure, ttlMs }) =>
      answerIn(await run(scripts.fail, key, token, JSON.stringify(failure), ttlMs)),
    release: async ({ key, token }) => answerIn(await run(scripts.release, key, token)),
    renew: async ({ key, token, leaseMs }) => answerIn(await run(scripts.renew, key, token, leaseMs)),
    async suspend({ key, token, state, sent, sealed, gatewayId }) {
      const marks = [Number(sent), Number(sealed), Number(gatewayId !== undefined)];
      return answerIn(await run(scripts.suspend, key, token, state, ...marks, gatewayId ?? ''));
    },
    advance: async ({ key, token }) => answerIn(await run(scripts.advance, key, token)),
    async read(key) {
      const reply = listIn(await run(scripts.read, key));
      return reply.length === 0 ? null : recordIn(reply);
    },
    async list({ limit }) {
      const rows = listIn(await run(scripts.list, limit)).map((reply) => ({
        record: recordIn(reply),
        // The order in which keys came first, which decides among equal leases.
        seq: Number(fieldsIn(reply).get('seq')),
      }));
      rows.sort((a, b) => a.record.leaseUntilMs - b.record.leaseUntilMs || a.seq - b.seq);
      return rows.slice(0, limit).map(({ record }) => record);
    },
  };
}

const recordIn = recordReader<IdempotencyRecord>({
  key: 'text',
  state: 'text',
  fingerprint: 'text',
  request: 'text',
  token: 'number',
  attemptId: 'text',
  epoch: 'number',
  generation: 'number',
  leaseUntilMs: 'number',
  sendableUntilMs: 'number',
  keyUsedFromMs: 'number',
  unresolved: 'flag',
  sealedAtMs: 'number',
  gatewayId: 'text',
  result: 'text',
  failure: 'json',
  expiresAtMs: 'number',
});

function answerIn(reply: unknown): WriteAnswer {
  const [written, now, found] = listIn(reply);
  const nowMs = numberIn(now);
  if (flagIn(written)) return { written: true, record: recordIn(found), nowMs };
  return { written: false, record: nullable(found, recordIn), nowMs };
}
