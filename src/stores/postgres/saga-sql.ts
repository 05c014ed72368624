// Sagas in Postgres: the table and the functions that mean what `sagaTable` means. Whoever may change a saga locks its row first and
// reads the clock then.

import { pruneSql } from './prune-sql.ts';

const columns = `
CREATE SEQUENCE {schema}.saga_endings;

CREATE TABLE {schema}.sagas (
  saga text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  state text NOT NULL,
  fingerprint text NOT NULL,
  progress text NOT NULL,
  token bigint NOT NULL,
  version bigint NOT NULL,
  attempt_id text,
  started_at_ms float8 NOT NULL,
  due_at_ms float8,
  ended_at_ms float8,
  ended_order bigint,
  PRIMARY KEY (saga, id)
);

CREATE INDEX sagas_due ON {schema}.sagas (due_at_ms, id) WHERE due_at_ms IS NOT NULL;
CREATE INDEX sagas_to_repair ON {schema}.sagas (started_at_ms, id) WHERE state = 'FAILED_COMPENSATION';
CREATE INDEX sagas_ended ON {schema}.sagas (saga, ended_order) WHERE ended_at_ms IS NOT NULL;

CREATE FUNCTION {schema}.saga_json(r {schema}.sagas) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN r.id IS NOT NULL THEN json_strip_nulls(json_build_object(
    'saga', r.saga, 'id', r.id, 'state', r.state, 'fingerprint', r.fingerprint, 'progress', r.progress,
    'token', r.token, 'version', r.version, 'attemptId', r.attempt_id, 'startedAtMs', r.started_at_ms,
    'dueAtMs', r.due_at_ms)) END
$$;
`;

const claim = `
CREATE FUNCTION {schema}.saga_standing(
  r {schema}.sagas, p_attempt_id text, p_why text, p_now_ms float8
) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN r.attempt_id IS NOT NULL AND r.due_at_ms > p_now_ms THEN
      CASE WHEN r.attempt_id = p_attempt_id THEN 'own' ELSE 'foreign' END
    WHEN p_why = 'recovery' THEN CASE WHEN r.due_at_ms <= p_now_ms THEN 'free' ELSE 'foreign' END
    WHEN r.due_at_ms IS NOT NULL THEN 'free'
    WHEN p_why = 'repair' AND r.state = 'FAILED_COMPENSATION' THEN 'free'
    ELSE 'foreign' END
$$;

CREATE FUNCTION {schema}.saga_claim(
  p_now_ms float8, p_saga text, p_id text, p_attempt_id text, p_lease_ms float8, p_why text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.sagas;
  now_ms float8 := {schema}.clock_ms(p_now_ms);
  standing text;
BEGIN
  SELECT * INTO r FROM {schema}.sagas WHERE saga = p_saga AND id = p_id;
  standing := {schema}.saga_standing(r, p_attempt_id, p_why, now_ms);
  IF standing = 'free' THEN
    SELECT * INTO r FROM {schema}.sagas WHERE saga = p_saga AND id = p_id FOR UPDATE;
    now_ms := {schema}.clock_ms(p_now_ms);
    standing := {schema}.saga_standing(r, p_attempt_id, p_why, now_ms);
  END IF;
  IF standing = 'free' THEN
    UPDATE {schema}.sagas SET token = token + 1, attempt_id = p_attempt_id, due_at_ms = now_ms + p_lease_ms
    WHERE saga = p_saga AND id = p_id RETURNING * INTO r;
  END IF;
  RETURN json_build_object(
    'owned', standing <> 'foreign', 'record', {schema}.saga_json(r), 'nowMs', now_ms);
END $$;

CREATE FUNCTION {schema}.saga_open(
  p_now_ms float8, p_saga text, p_id text, p_attempt_id text, p_lease_ms float8, p_fingerprint text, p_progress text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.sagas;
  now_ms float8 := {schema}.clock_ms(p_now_ms);
BEGIN
  LOOP
    SELECT * INTO r FROM {schema}.sagas WHERE saga = p_saga AND id = p_id;
    EXIT WHEN FOUND;
    INSERT INTO {schema}.sagas
      (saga, id, state, fingerprint, progress, token, version, attempt_id, started_at_ms, due_at_ms)
    VALUES (p_saga, p_id, 'RUNNING', p_fingerprint, p_progress, 1, 0, p_attempt_id, now_ms, now_ms + p_lease_ms)
    ON CONFLICT (saga, id) DO NOTHING RETURNING * INTO r;
    IF FOUND THEN
      RETURN json_build_object('owned', true, 'record', {schema}.saga_json(r), 'nowMs', now_ms);
    END IF;
    -- Somebody was quicker, and what that was can be seen by now.
  END LOOP;
  IF r.fingerprint = p_fingerprint THEN
    RETURN {schema}.saga_claim(p_now_ms, p_saga, p_id, p_attempt_id, p_lease_ms, 'opening');
  END IF;
  RETURN json_build_object(
    'owned', false, 'record', {schema}.saga_json(r), 'nowMs', {schema}.clock_ms(p_now_ms));
END $$;
`;

/** A write of progress; `changes` is what else it sets, with the clock in `now_ms`. */
const write = (name: string, parameter: string, changes: string): string => `
CREATE FUNCTION {schema}.saga_${name}(
  p_now_ms float8, p_saga text, p_id text, p_token bigint, p_version bigint, p_state text, p_progress text,
  ${parameter}
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.sagas;
  now_ms float8;
  repeated boolean;
  following boolean;
BEGIN
  SELECT * INTO r FROM {schema}.sagas WHERE saga = p_saga AND id = p_id FOR UPDATE;
  now_ms := {schema}.clock_ms(p_now_ms);
  repeated := FOUND AND r.token = p_token AND r.version = p_version;
  following := FOUND AND r.token = p_token AND r.version = p_version - 1 AND r.attempt_id IS NOT NULL;
  IF following THEN
    UPDATE {schema}.sagas SET version = p_version, state = p_state, progress = p_progress, ${changes}
    WHERE saga = p_saga AND id = p_id RETURNING * INTO r;
  END IF;
  RETURN json_build_object(
    'written', repeated OR following, 'record', {schema}.saga_json(r), 'nowMs', now_ms);
END $$;
`;

const hasEnded = `p_state IN ('COMPLETED', 'COMPENSATED') AND p_due_in_ms IS NULL`;

const writes = [
  write('save', 'p_lease_ms float8', 'due_at_ms = now_ms + p_lease_ms'),
  write(
    'leave',
    'p_due_in_ms float8',
    `attempt_id = NULL, due_at_ms = now_ms + p_due_in_ms,
      ended_at_ms = CASE WHEN ${hasEnded} THEN now_ms END,
      ended_order = CASE WHEN ${hasEnded} THEN nextval('{schema}.saga_endings') END`,
  ),
];

const renew = `
CREATE FUNCTION {schema}.saga_renew(
  p_now_ms float8, p_saga text, p_id text, p_token bigint, p_lease_ms float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.sagas;
  now_ms float8;
  written boolean;
BEGIN
  SELECT * INTO r FROM {schema}.sagas WHERE saga = p_saga AND id = p_id FOR UPDATE;
  now_ms := {schema}.clock_ms(p_now_ms);
  written := FOUND AND r.token = p_token AND r.attempt_id IS NOT NULL;
  IF written THEN
    UPDATE {schema}.sagas SET due_at_ms = now_ms + p_lease_ms WHERE saga = p_saga AND id = p_id RETURNING * INTO r;
  END IF;
  RETURN json_build_object('written', written, 'record', {schema}.saga_json(r), 'nowMs', now_ms);
END $$;
`;

const reads = `
CREATE FUNCTION {schema}.saga_read(p_now_ms float8, p_saga text, p_id text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.clock_ms(p_now_ms);
  RETURN (SELECT {schema}.saga_json(r) FROM {schema}.sagas r WHERE saga = p_saga AND id = p_id);
END $$;

CREATE FUNCTION {schema}.saga_list(p_now_ms float8, p_sagas text, p_queue text, p_limit bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8 := {schema}.clock_ms(p_now_ms);
  names text[] := ARRAY(SELECT json_array_elements_text(p_sagas::json));
BEGIN
  IF p_queue = 'repair' THEN
    RETURN (
      SELECT coalesce(json_agg({schema}.saga_json(r) ORDER BY r.started_at_ms, r.id, r.position), '[]')
      FROM (
        SELECT * FROM {schema}.sagas WHERE state = 'FAILED_COMPENSATION' AND saga = ANY (names)
        ORDER BY started_at_ms, id, position LIMIT p_limit
      ) r
    );
  END IF;
  RETURN (
    SELECT coalesce(json_agg({schema}.saga_json(r) ORDER BY r.due_at_ms, r.id, r.position), '[]')
    FROM (
      SELECT * FROM {schema}.sagas WHERE due_at_ms <= now_ms AND saga = ANY (names)
      ORDER BY due_at_ms, id, position LIMIT p_limit
    ) r
  );
END $$;
`;

const prune = pruneSql({
  store: 'saga',
  table: 'sagas',
  key: 'saga, id',
  parameters: ', p_saga text',
  condition: 'saga = p_saga',
});

/** What the saga journal needs. */
export const sagaSql: string = [columns, claim, ...writes, renew, reads, prune].join('');
