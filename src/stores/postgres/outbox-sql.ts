// The outbox in Postgres: the table and the functions that mean what `outboxTable` means. Whoever claims holds the one row of
// `outbox_counters`, so that no two who lock the rows of many events can wait for each other; everything else locks the row of one event.

import { alongIndexes } from './plan-sql.ts';
import { pruneSql } from './prune-sql.ts';

const table = `
CREATE SEQUENCE {schema}.outbox_endings;
CREATE TABLE {schema}.outbox_counters (issued bigint NOT NULL);
INSERT INTO {schema}.outbox_counters VALUES (0);

CREATE TABLE {schema}.outbox_events (
  id text COLLATE "C" PRIMARY KEY,
  -- Taken under the lock of the books, so this is the order of commits.
  position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  type text NOT NULL,
  aggregate text COLLATE "C" NOT NULL,
  payload text NOT NULL,
  fingerprint text NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  token bigint NOT NULL DEFAULT 0,
  attempts bigint NOT NULL DEFAULT 0,
  due_at_ms float8 NOT NULL DEFAULT 0,
  reason text,
  died_at_ms float8,
  ended_at_ms float8,
  ended_order bigint
);

-- With a condition of its own, so that nobody takes it for the way to the events of one aggregate.
CREATE INDEX outbox_events_pending ON {schema}.outbox_events (position) WHERE state = 'pending' AND attempts >= 0;
CREATE INDEX outbox_events_waiting ON {schema}.outbox_events (aggregate, position) WHERE state = 'pending';
CREATE INDEX outbox_events_dead ON {schema}.outbox_events (position) WHERE state = 'dead';
CREATE INDEX outbox_events_ended ON {schema}.outbox_events (ended_order) WHERE ended_at_ms IS NOT NULL;

CREATE FUNCTION {schema}.outbox_json(r {schema}.outbox_events) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', r.id, 'type', r.type, 'aggregate', r.aggregate, 'payload', r.payload, 'fingerprint', r.fingerprint)
$$;
`;

const claim = `
CREATE FUNCTION {schema}.outbox_claim(p_now_ms float8, p_limit bigint, p_lease_ms float8)
RETURNS text LANGUAGE plpgsql ${alongIndexes} AS $$
DECLARE
  due text[];
  locked text[];
  now_ms float8;
BEGIN
  PERFORM FROM {schema}.outbox_counters FOR UPDATE;
  LOOP
    now_ms := {schema}.clock_ms(p_now_ms);
    due := ARRAY(
      SELECT e.id FROM {schema}.outbox_events e
      WHERE e.state = 'pending' AND e.attempts >= 0 AND e.due_at_ms <= now_ms AND NOT EXISTS (
        SELECT FROM {schema}.outbox_events older
        WHERE older.aggregate = e.aggregate AND older.state = 'pending' AND older.position < e.position)
      ORDER BY e.position LIMIT p_limit);
    -- Claimed is what is still due once its rows can't change any more.
    EXIT WHEN due = locked;
    locked := ARRAY(
      SELECT id FROM {schema}.outbox_events WHERE id = ANY (due) ORDER BY position FOR UPDATE);
  END LOOP;
  UPDATE {schema}.outbox_events SET token = token + 1, attempts = attempts + 1, due_at_ms = now_ms + p_lease_ms
  WHERE id = ANY (due);
  RETURN (
    SELECT coalesce(json_agg(json_build_object(
      'event', {schema}.outbox_json(e), 'token', e.token, 'attempts', e.attempts, 'hasNext', EXISTS (
        SELECT FROM {schema}.outbox_events younger
        WHERE younger.aggregate = e.aggregate AND younger.state = 'pending' AND younger.position > e.position)
    ) ORDER BY e.position), '[]')
    FROM {schema}.outbox_events e WHERE e.id = ANY (due)
  );
END $$;
`;

const rest = `
CREATE FUNCTION {schema}.outbox_settle(
  p_now_ms float8, p_id text, p_token bigint, p_kind text, p_delay_ms float8, p_reason text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8;
  r {schema}.outbox_events;
BEGIN
  SELECT * INTO r FROM {schema}.outbox_events WHERE id = p_id FOR UPDATE;
  now_ms := {schema}.clock_ms(p_now_ms);
  IF NOT FOUND OR r.token <> p_token OR r.state <> 'pending' THEN RETURN false; END IF;
  IF p_kind = 'delivered' THEN
    UPDATE {schema}.outbox_events SET state = 'delivered',
      ended_at_ms = now_ms, ended_order = nextval('{schema}.outbox_endings') WHERE id = p_id;
  ELSIF p_kind = 'failed' THEN
    -- The claim is over: a late word from its owner must not decide anything any more.
    UPDATE {schema}.outbox_events SET token = token + 1, due_at_ms = now_ms + p_delay_ms WHERE id = p_id;
  ELSE
    UPDATE {schema}.outbox_events SET state = 'dead', reason = p_reason, died_at_ms = now_ms WHERE id = p_id;
  END IF;
  RETURN true;
END $$;

CREATE FUNCTION {schema}.outbox_dead_letters(p_now_ms float8, p_limit bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.clock_ms(p_now_ms);
  RETURN (
    SELECT coalesce(json_agg(json_build_object('event', {schema}.outbox_json(e), 'attempts', e.attempts,
      'reason', e.reason, 'diedAtMs', e.died_at_ms) ORDER BY e.position), '[]')
    FROM (SELECT * FROM {schema}.outbox_events WHERE state = 'dead' ORDER BY position LIMIT p_limit) e
  );
END $$;

CREATE FUNCTION {schema}.outbox_requeue(p_now_ms float8, p_id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8;
BEGIN
  PERFORM FROM {schema}.outbox_events WHERE id = p_id AND state = 'dead' FOR UPDATE;
  now_ms := {schema}.clock_ms(p_now_ms);
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE {schema}.outbox_events SET state = 'pending', attempts = 0, due_at_ms = now_ms, reason = NULL,
    died_at_ms = NULL WHERE id = p_id;
  RETURN true;
END $$;
`;

/** What the outbox needs. */
export const outboxSql: string = [
  table,
  claim,
  rest,
  pruneSql({ store: 'outbox', table: 'outbox_events', key: 'id' }),
].join('');
