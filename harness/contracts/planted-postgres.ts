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
      ['IF NOT FOUND THEN', `IF NOT FOUND THEN ${pause}`],
      ['DO NOTHING RETURNING', 'DO UPDATE SET request = excluded.request RETURNING'],
    ),
  },
  {
    bug: 'looks whether a lease is over without locking the row',
    kind: 'idempotency-store',
    clause: 'claim: of many at once exactly one takes over, with the next token',
    plant: edited('idempotency_claim', ['WHERE key = p_key FOR UPDATE;', `WHERE key = p_key; ${pause}`]),
  },
  {
    bug: 'completes without looking at the token',
    kind: 'idempotency-store',
    clause: 'fencing: complete is refused under a token that was taken over, and shows what stands there',
    plant: edited('idempotency_complete', ['AND r.token = p_token', '']),
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
    plant: edited('saga_claim', ['AND id = p_id FOR UPDATE;', `AND id = p_id; ${pause}`]),
  },
  {
    bug: 'refuses a write that comes again because its reply was lost',
    kind: 'saga-journal',
    clause: 'write: each is taken once, in order, and extends the lease',
    plant: edited('saga_save', ["'written', repeated OR following", "'written', following"]),
  },
  {
    bug: 'lets several look for a due event at once',
    kind: 'inbox-store',
    clause: 'claim: of many at once each gets another event, under a token of its own',
    plant: edited('inbox_take', ['inbox_counters FOR UPDATE;', `inbox_counters; ${pause}`]),
  },
  {
    bug: 'does not look whether its object was moved',
    kind: 'inbox-store',
    clause: 'finish: changes nothing when it is applied twice, or the object has moved since',
    plant: edited('inbox_finish', ['IF p_after_revision IS NOT NULL AND NOT FOUND THEN', 'IF false THEN']),
  },
  {
    bug: 'applies effects of a claim that was taken over',
    kind: 'inbox-store',
    clause: 'fencing: nothing is written under a token that was taken over',
    plant: edited('inbox_finish', ["r.state <> 'CLAIMED' OR r.token <> p_token", "r.state <> 'CLAIMED'"]),
  },
  {
    bug: 'never lets a mark expire',
    kind: 'delivery-marks',
    clause: 'expiry: a mark lasts for its time, and asking again does not prolong it',
    plant: edited('marks_mark', ['WHERE old.expires_at_ms <= now_ms', 'WHERE false']),
  },
  {
    bug: 'prolongs a mark that is asked for again',
    kind: 'delivery-marks',
    clause: 'expiry: a mark lasts for its time, and asking again does not prolong it',
    plant: edited('marks_mark', ['WHERE old.expires_at_ms <= now_ms', 'WHERE true']),
  },
  {
    bug: 'books the units before the one that is refused',
    kind: 'ledger-store',
    clause: 'commit: is refused as a whole by what stands otherwise, and names it',
    plant: edited('ledger_commit', [
      "RAISE SQLSTATE 'PS002';",
      "RETURN json_build_object('committed', false, 'conflict', conflict);",
    ]),
  },
  {
    bug: 'takes places from a sequence, and commits in another order',
    kind: 'ledger-store',
    clause: 'entries: a reader that follows the places while many commit misses none',
    plant: edited(
      'ledger_commit',
      [
        'SELECT issued INTO STRICT before FROM',
        "before := 100 * nextval('{schema}.outbox_endings'); PERFORM FROM",
      ],
      ['ledger_counters FOR UPDATE;', 'ledger_counters; PERFORM pg_sleep(0.02 * random());'],
      ['WHERE issued <> last;', 'WHERE false;'],
    ),
  },
  {
    bug: 'lets several relays look for due events at once',
    kind: 'ledger-store',
    clause: 'outbox: of many claimers at once each aggregate’s first event goes to one',
    plant: edited(
      'outbox_claim',
      ['outbox_counters FOR UPDATE;', 'outbox_counters;'],
      ['EXIT WHEN due = locked;', `${pause} EXIT;`],
    ),
  },
  {
    bug: 'settles an event whatever the token',
    kind: 'ledger-store',
    clause: 'fencing: nothing is taken from an owner whose claim is over: dead',
    plant: edited('outbox_settle', ['OR r.token <> p_token', '']),
  },
  {
    bug: 'adds up what is counted without holding the key',
    kind: 'velocity-store',
    clause: 'reserve: of many at once never more than the cap is admitted, and as much as fits',
    plant: edited(
      'velocity_reserve',
      ['PERFORM pg_advisory_xact_lock', 'PERFORM '],
      ['IF own.confirmed', `${pause} IF own.confirmed`],
    ),
  },
  {
    bug: 'gives back what was confirmed',
    kind: 'velocity-store',
    clause: 'release: gives back at once, but nothing that is confirmed',
    plant: edited('velocity_release', ['IF own.confirmed THEN RETURN NULL; END IF;', '']),
  },
  {
    bug: 'looks whether a ticket is free without locking the row',
    kind: 'ticket-store',
    clause: 'take: of many at once exactly one holds the ticket, when it is new and when its lease is over',
    plant: edited('ticket_take', ['WHERE id = p_id FOR UPDATE;', `WHERE id = p_id; ${pause}`]),
  },
  {
    bug: 'answers before its COMMIT was heard of',
    kind: 'ticket-store',
    clause: 'parity: calls one after the other are answered as by the table',
    plant: { between: committingLater },
  },
  {
    bug: 'does not know its own take again',
    kind: 'ticket-store',
    clause: 'take: gives a new ticket, and the same again when the reply was lost',
    plant: edited('ticket_take', [
      "taken := r.state = 'WORKING' AND r.attempt_id = p_attempt_id;",
      'taken := false;',
    ]),
  },
  {
    bug: 'reads a payment’s verdicts without locking the row, and writes over others',
    kind: 'verdict-log',
    clause: 'keep: of many at once one stands, and each is told so',
    plant: edited('verdict_hold', ['FOR UPDATE;', `; ${pause}`]),
  },
  {
    bug: 'lets a verdict fall while others rely on it',
    kind: 'verdict-log',
    clause: 'withdraw: a verdict stands until nobody relies on it',
    plant: edited('verdict_withdraw', ['cardinality(r.relying) > 0', 'false']),
  },
  {
    bug: 'counts who is under way without locking the limit',
    kind: 'limiter-store',
    clause: 'admit: of many at once never too many, and as many as fit',
    plant: edited(
      'limiter_admit',
      ['WHERE name = p_name FOR UPDATE;', 'WHERE name = p_name;'],
      ['  DELETE FROM', `${pause} DELETE FROM`],
    ),
  },
  {
    bug: 'reads a breaker without locking the row, and writes over others',
    kind: 'breaker-store',
    clause: 'enter: of many at once as many as there are probes',
    plant: edited('breaker_locked', ['FOR UPDATE;', `; ${pause}`]),
  },
];

/** Replaces parts of an installed function. */
function edited(routine: string, ...parts: readonly (readonly [find: string, put: string])[]): PostgresPlant {
  return { edit: { routine, parts } };
}

/** Runs each statement in a transaction whose COMMIT is sent after the answer was given. */
function committingLater(pool: PostgresPool): PostgresQueryable {
  return {
    async query(query) {
      const connection = await pool.connect();
      try {
        await connection.query({ text: 'BEGIN' });
        const result = await connection.query(query);
        setTimeout(() => void connection.query({ text: 'COMMIT' }).then(() => connection.release()), 10);
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
