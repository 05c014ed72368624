// Mistakes planted in the drivers for Postgres: in a function that the migrations installed, or on the way to it.

import type { PostgresPool, PostgresQueryable, PostgresResult } from '../../src/postgres.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { PostgresPlant } from './testing-postgres.ts';

// Long enough for the others to arrive where a lock would have kept them away.
const pause = 'PERFORM pg_sleep(0.01);';

/** Mistakes in the drivers for Postgres. */
export const postgresBugs: readonly PlantedBug<PostgresPlant>[] = [
  {
    bug: 'takes the row that ON CONFLICT returned for one that it inserted',
    kind: 'idempotency-store',
    clause: 'claim: of many at once exactly one gets a free slot',
    plant: edited(
      'idempotency_claim',
      'DO NOTHING RETURNING',
      'DO UPDATE SET request = excluded.request RETURNING',
    ),
  },
  {
    bug: 'looks whether a lease is over without locking the row',
    kind: 'idempotency-store',
    clause: 'claim: of many at once exactly one takes over, with the next token',
    plant: edited('idempotency_claim', 'WHERE key = p_key FOR UPDATE;', `WHERE key = p_key; ${pause}`),
  },
  {
    bug: 'completes without looking at the token',
    kind: 'idempotency-store',
    clause: 'fencing: complete is refused under a token that was taken over, and shows what stands there',
    plant: edited('idempotency_complete', 'AND r.token = p_token', ''),
  },
  {
    bug: 'answers before its COMMIT was heard of',
    kind: 'idempotency-store',
    clause: 'visibility: what one connection was told, every other one sees at once',
    plant: { between: committingLater },
  },
  {
    bug: 'reads from a replica that is one write behind',
    kind: 'idempotency-store',
    clause: 'visibility: what one connection was told, every other one sees at once',
    plant: { between: readingBehind() },
  },
  {
    bug: 'looks whether a saga is due without locking the row',
    kind: 'saga-journal',
    clause: 'claim: of many at once exactly one recovers a saga that is due',
    plant: edited('saga_claim', 'AND id = p_id FOR UPDATE;', `AND id = p_id; ${pause}`),
  },
  {
    bug: 'refuses a write that comes again because its reply was lost',
    kind: 'saga-journal',
    clause: 'write: each is taken once, in order, and extends the lease',
    plant: edited('saga_save', "'written', repeated OR following", "'written', following"),
  },
  {
    bug: 'lets several look for a due event at once',
    kind: 'inbox-store',
    clause: 'claim: of many at once each gets another event, under a token of its own',
    plant: edited('inbox_take', 'inbox_counters FOR UPDATE;', `inbox_counters; ${pause}`),
  },
  {
    bug: 'does not look whether its object was moved',
    kind: 'inbox-store',
    clause: 'finish: changes nothing when it is applied twice, or the object has moved since',
    plant: edited('inbox_finish', 'IF p_after_revision IS NOT NULL AND NOT FOUND THEN', 'IF false THEN'),
  },
  {
    bug: 'applies effects of a claim that was taken over',
    kind: 'inbox-store',
    clause: 'fencing: nothing is written under a token that was taken over',
    plant: edited('inbox_finish', "r.state <> 'CLAIMED' OR r.token <> p_token", "r.state <> 'CLAIMED'"),
  },
  {
    bug: 'never lets a mark expire',
    kind: 'delivery-marks',
    clause: 'expiry: a mark lasts for its time, and asking again does not prolong it',
    plant: edited('marks_mark', 'WHERE old.expires_at_ms <= now_ms', 'WHERE false'),
  },
  {
    bug: 'prolongs a mark that is asked for again',
    kind: 'delivery-marks',
    clause: 'expiry: a mark lasts for its time, and asking again does not prolong it',
    plant: edited('marks_mark', 'WHERE old.expires_at_ms <= now_ms', 'WHERE true'),
  },
];

/** Replaces a part of an installed function. */
function edited(routine: string, find: string, put: string): PostgresPlant {
  return { edit: { routine, find, put } };
}

/** Runs each statement in a transaction whose COMMIT is sent after the answer was given. */
function committingLater(pool: PostgresPool): PostgresQueryable {
  return {
    async query(query) {
      const connection = await pool.connect();
      try {
        await connection.query({ text: 'BEGIN' });
        const result = await connection.query(query);
        setTimeout(() => void connection.query({ text: 'COMMIT' }).then(() => connection.release()), 5);
        return result;
      } catch (error) {
        connection.release(true);
        throw error;
      }
    },
  };
}

/** Answers reads of a record with what it was before the last write to it. */
function readingBehind(): (pool: PostgresPool) => PostgresQueryable {
  const replica = new Map<unknown, PostgresResult>();
  return (pool) => ({
    async query(query) {
      const [nowMs, key] = query.values ?? [];
      if (query.text.includes('idempotency_read')) return replica.get(key) ?? pool.query(query);
      const text = query.text.replace(/idempotency_\w+\(.*\)/, 'idempotency_read($1, $2)');
      replica.set(key, await pool.query({ text, values: [nowMs, key] }));
      return pool.query(query);
    },
  });
}
