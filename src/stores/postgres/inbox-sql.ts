// The webhook inbox in Postgres: the tables and the functions that mean what `inboxTable` means.
//
// Whoever claims holds the row of counters, so one claims at a time: which event has been due for longest, and that no other one
// about its object is held, is true of all events together. Everything else locks the event's row, then the row of its object, then
// its effects, always in this order, and never the counters.

import { alongIndexes } from './plan-sql.ts';
import { pruneSql } from './prune-sql.ts';

const tables = `
CREATE SEQUENCE {schema}.inbox_order;
CREATE TABLE {schema}.inbox_counters (issued bigint NOT NULL);
INSERT INTO {schema}.inbox_counters VALUES (0);

CREATE TABLE {schema}.inbox_events (
  id text COLLATE "C" PRIMARY KEY,
  -- The order in which events came in, and the order among those of equal time: who is revived stands behind all others.
  position bigint NOT NULL DEFAULT nextval('{schema}.inbox_order'),
  line bigint NOT NULL DEFAULT nextval('{schema}.inbox_order'),
  object text COLLATE "C" NOT NULL,
  event text NOT NULL,
  state text NOT NULL DEFAULT 'READY',
  token bigint NOT NULL DEFAULT 0,
  attempt_id text NOT NULL DEFAULT '',
  attempts bigint NOT NULL DEFAULT 0,
  parks bigint NOT NULL DEFAULT 0,
  received_at_ms float8 NOT NULL,
  due_at_ms float8 NOT NULL,
  failure text,
  expires_at_ms float8,
  ended_at_ms float8,
  ended_order bigint
);

-- The others have a condition of their own, which is always true, so that none is taken for a way to what is held of one object.
CREATE INDEX inbox_events_due ON {schema}.inbox_events (due_at_ms, line)
  WHERE state IN ('READY', 'PARKED', 'CLAIMED') AND attempts >= 0;
CREATE INDEX inbox_events_held ON {schema}.inbox_events (object, due_at_ms) WHERE state = 'CLAIMED';
CREATE INDEX inbox_events_claims ON {schema}.inbox_events (attempt_id, state) WHERE token > 0;
CREATE INDEX inbox_events_listed ON {schema}.inbox_events (state, position) WHERE parks >= 0;
CREATE INDEX inbox_events_ended ON {schema}.inbox_events (ended_order) WHERE ended_at_ms IS NOT NULL;

CREATE TABLE {schema}.inbox_objects (
  object text COLLATE "C" PRIMARY KEY,
  status text NOT NULL,
  version float8,
  revision bigint NOT NULL
);

CREATE TABLE {schema}.inbox_effects (
  key text COLLATE "C" PRIMARY KEY,
  payload text NOT NULL,
  ended_at_ms float8 NOT NULL,
  ended_order bigint NOT NULL DEFAULT nextval('{schema}.inbox_order')
);

CREATE INDEX inbox_effects_ended ON {schema}.inbox_effects (ended_order);

CREATE FUNCTION {schema}.inbox_json(r {schema}.inbox_events) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN r.id IS NOT NULL THEN json_strip_nulls(json_build_object(
    'id', r.id, 'object', r.object, 'event', r.event, 'state', r.state, 'token', r.token,
    'attemptId', r.attempt_id, 'attempts', r.attempts, 'parks', r.parks, 'receivedAtMs', r.received_at_ms,
    'dueAtMs', r.due_at_ms, 'failure', r.failure, 'expiresAtMs', r.expires_at_ms)) END
$$;

CREATE FUNCTION {schema}.inbox_claim_json(r {schema}.inbox_events) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN r.id IS NOT NULL THEN json_build_object(
    'record', {schema}.inbox_json(r),
    'position', (
      SELECT json_strip_nulls(json_build_object('status', status, 'version', version, 'revision', revision))
      FROM {schema}.inbox_objects WHERE object = r.object
    )) END
$$;
`;

const claimable = `e.state IN ('READY', 'PARKED', 'CLAIMED') AND e.due_at_ms <= now_ms
      AND NOT EXISTS (
        SELECT FROM {schema}.inbox_events held
        WHERE held.object = e.object AND held.state = 'CLAIMED' AND held.due_at_ms > now_ms)`;

const claim = `
CREATE FUNCTION {schema}.inbox_take(
  p_now_ms float8, p_attempt_id text, p_lease_ms float8, p_id text
) RETURNS {schema}.inbox_events LANGUAGE plpgsql ${alongIndexes} AS $$
DECLARE
  r {schema}.inbox_events;
  last bigint;
  now_ms float8;
BEGIN
  SELECT issued INTO STRICT last FROM {schema}.inbox_counters FOR UPDATE;
  LOOP
    now_ms := {schema}.clock_ms(p_now_ms);
    SELECT * INTO r FROM {schema}.inbox_events
    WHERE state = 'CLAIMED' AND token > 0 AND attempt_id = p_attempt_id AND due_at_ms > now_ms LIMIT 1;
    IF FOUND THEN RETURN r; END IF;
    IF p_id IS NULL THEN
      SELECT * INTO r FROM {schema}.inbox_events e WHERE e.attempts >= 0 AND ${claimable}
      ORDER BY e.due_at_ms, e.line LIMIT 1;
    ELSE
      SELECT * INTO r FROM {schema}.inbox_events e WHERE e.id = p_id AND ${claimable};
    END IF;
    IF NOT FOUND THEN RETURN NULL; END IF;
    -- Whoever had it under a lease that is over may be ending it at this moment.
    UPDATE {schema}.inbox_events SET state = 'CLAIMED', token = last + 1, attempt_id = p_attempt_id,
      attempts = attempts + 1, due_at_ms = now_ms + p_lease_ms
    WHERE id = r.id AND state IN ('READY', 'PARKED', 'CLAIMED') AND due_at_ms <= now_ms RETURNING * INTO r;
    IF FOUND THEN
      UPDATE {schema}.inbox_counters SET issued = last + 1;
      RETURN r;
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION {schema}.inbox_claim(p_now_ms float8, p_attempt_id text, p_lease_ms float8, p_id text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  taken {schema}.inbox_events := {schema}.inbox_take(p_now_ms, p_attempt_id, p_lease_ms, p_id);
BEGIN
  -- A statement of its own, which sees where the object stands after the wait.
  RETURN {schema}.inbox_claim_json(taken);
END $$;

CREATE FUNCTION {schema}.inbox_receive(
  p_now_ms float8, p_id text, p_object text, p_event text, p_attempt_id text, p_lease_ms float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.inbox_events;
  taken {schema}.inbox_events;
  claim json;
  first boolean := false;
  now_ms float8;
BEGIN
  LOOP
    now_ms := {schema}.clock_ms(p_now_ms);
    SELECT * INTO r FROM {schema}.inbox_events WHERE id = p_id;
    EXIT WHEN FOUND AND (r.expires_at_ms IS NULL OR r.expires_at_ms > now_ms);
    -- What is new stands behind all others, under an id that had expired as well.
    DELETE FROM {schema}.inbox_events WHERE id = p_id AND expires_at_ms <= now_ms;
    INSERT INTO {schema}.inbox_events (id, object, event, received_at_ms, due_at_ms)
    VALUES (p_id, p_object, p_event, now_ms, now_ms) ON CONFLICT (id) DO NOTHING RETURNING * INTO r;
    first := FOUND;
    EXIT WHEN first;
  END LOOP;
  IF p_attempt_id IS NOT NULL THEN
    taken := {schema}.inbox_take(p_now_ms, p_attempt_id, p_lease_ms, p_id);
    claim := {schema}.inbox_claim_json(taken);
  END IF;
  RETURN json_build_object('first', first, 'record', coalesce(claim->'record', {schema}.inbox_json(r)), 'claim',
    CASE WHEN claim IS NOT NULL THEN json_build_object('position', claim->'position') END);
END $$;
`;

const finish = `
CREATE FUNCTION {schema}.inbox_finish(
  p_now_ms float8, p_id text, p_token bigint, p_effects text, p_ttl_ms float8,
  p_status text, p_version float8, p_after_revision bigint
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.inbox_events;
  applied text[];
  now_ms float8;
BEGIN
  SELECT * INTO r FROM {schema}.inbox_events WHERE id = p_id FOR UPDATE;
  IF NOT FOUND OR r.state <> 'CLAIMED' OR r.token <> p_token THEN
    RETURN json_build_object('written', false, 'why', 'lost', 'record', {schema}.inbox_json(r));
  END IF;
  IF p_after_revision = 0 THEN
    INSERT INTO {schema}.inbox_objects VALUES (r.object, p_status, p_version, 1) ON CONFLICT (object) DO NOTHING;
  ELSIF p_after_revision IS NOT NULL THEN
    UPDATE {schema}.inbox_objects SET status = p_status, version = p_version, revision = revision + 1
    WHERE object = r.object AND revision = p_after_revision;
  END IF;
  IF p_after_revision IS NOT NULL AND NOT FOUND THEN
    RETURN json_build_object('written', false, 'why', 'moved', 'record', {schema}.inbox_json(r));
  END IF;
  -- Two events may announce the same changes in different orders; their locks are taken in one.
  PERFORM pg_advisory_xact_lock(lock) FROM (
    SELECT DISTINCT hashtextextended('{schema} effect ' || (effect->>'key'), 0) AS lock
    FROM json_array_elements(p_effects::json) effect ORDER BY lock
  ) locks;
  now_ms := {schema}.clock_ms(p_now_ms);
  WITH added AS (
    INSERT INTO {schema}.inbox_effects (key, payload, ended_at_ms)
    SELECT effect->>'key', effect->>'payload', now_ms FROM json_array_elements(p_effects::json) effect
    ON CONFLICT (key) DO NOTHING RETURNING key
  ) SELECT array_agg(key) INTO applied FROM added;
  UPDATE {schema}.inbox_events SET state = 'DONE', expires_at_ms = now_ms + p_ttl_ms,
    ended_at_ms = now_ms, ended_order = nextval('{schema}.inbox_order')
  WHERE id = p_id RETURNING * INTO r;
  RETURN json_build_object('written', true, 'record', {schema}.inbox_json(r), 'applied', coalesce(applied, '{}'));
END $$;
`;

/** A write of the claimer that changes the event alone; `changes` is what it sets, with the clock in `now_ms`. */
const write = (name: string, parameters: string, changes: string): string => `
CREATE FUNCTION {schema}.inbox_${name}(p_now_ms float8, p_id text, p_token bigint, ${parameters})
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.inbox_events;
  now_ms float8;
BEGIN
  SELECT * INTO r FROM {schema}.inbox_events WHERE id = p_id FOR UPDATE;
  now_ms := {schema}.clock_ms(p_now_ms);
  IF NOT FOUND OR r.state <> 'CLAIMED' OR r.token <> p_token THEN
    RETURN json_build_object('written', false, 'why', 'lost', 'record', {schema}.inbox_json(r));
  END IF;
  UPDATE {schema}.inbox_events SET ${changes} WHERE id = p_id RETURNING * INTO r;
  RETURN json_build_object('written', true, 'record', {schema}.inbox_json(r));
END $$;
`;

const writes = [
  write(
    'postpone',
    'p_delay_ms float8, p_parked boolean, p_failure text',
    `state = CASE WHEN p_parked THEN 'PARKED' ELSE 'READY' END, parks = parks + p_parked::int,
      due_at_ms = now_ms + p_delay_ms, failure = p_failure`,
  ),
  write('bury', 'p_failure text', `state = 'DEAD', failure = p_failure`),
];

const rest = `
CREATE FUNCTION {schema}.inbox_revive(p_now_ms float8, p_id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8;
BEGIN
  PERFORM FROM {schema}.inbox_events WHERE id = p_id AND state = 'DEAD' FOR UPDATE;
  now_ms := {schema}.clock_ms(p_now_ms);
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE {schema}.inbox_events SET state = 'READY', attempts = 0, parks = 0, due_at_ms = now_ms,
    line = nextval('{schema}.inbox_order')
  WHERE id = p_id;
  RETURN true;
END $$;

CREATE FUNCTION {schema}.inbox_list(p_now_ms float8, p_state text, p_limit bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.clock_ms(p_now_ms);
  RETURN (
    SELECT coalesce(json_agg({schema}.inbox_json(r) ORDER BY r.position), '[]')
    FROM (SELECT * FROM {schema}.inbox_events WHERE state = p_state AND parks >= 0 ORDER BY position LIMIT p_limit) r
  );
END $$;

CREATE FUNCTION {schema}.inbox_effect(p_now_ms float8, p_key text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.clock_ms(p_now_ms);
  RETURN (SELECT to_json(payload) FROM {schema}.inbox_effects WHERE key = p_key);
END $$;
`;

const prune = [
  pruneSql({
    store: 'inbox_events',
    table: 'inbox_events',
    key: 'id',
    condition: 'expires_at_ms <= now_ms',
  }),
  pruneSql({ store: 'inbox_effects', table: 'inbox_effects', key: 'key' }),
  `
CREATE FUNCTION {schema}.inbox_prune(p_now_ms float8, p_older_than_ms float8, p_limit bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  events bigint := {schema}.inbox_events_prune(p_now_ms, p_older_than_ms, p_limit);
BEGIN
  RETURN events + {schema}.inbox_effects_prune(p_now_ms, p_older_than_ms, p_limit - events)::bigint;
END $$;
`,
];

/** What the inbox needs. */
export const inboxSql: string = [tables, claim, finish, ...writes, rest, ...prune].join('');
