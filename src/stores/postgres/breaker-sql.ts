// Circuit breakers in Postgres, which mean what `breakerTable` means. A call that finds its breaker closed takes no lock and writes
// nothing; every other one locks the breaker's row first.

const common = `
CREATE TABLE {schema}.breakers (
  name text COLLATE "C" PRIMARY KEY,
  state text NOT NULL DEFAULT 'closed',
  generation bigint NOT NULL DEFAULT 0,
  opened_at_ms float8 NOT NULL DEFAULT 0,
  -- Calls and when they failed, or were let through as probes; oldest first.
  failures jsonb NOT NULL DEFAULT '[]',
  probes jsonb NOT NULL DEFAULT '[]',
  successes bigint NOT NULL DEFAULT 0
);

CREATE FUNCTION {schema}.breaker_become(b {schema}.breakers, p_state text, p_opened_at_ms float8)
RETURNS {schema}.breakers LANGUAGE sql IMMUTABLE AS $$
  SELECT b.name, p_state, b.generation + 1, p_opened_at_ms, '[]'::jsonb, '[]'::jsonb, 0::bigint
$$;

-- The row as it stands, locked.
CREATE FUNCTION {schema}.breaker_locked(p_name text) RETURNS {schema}.breakers LANGUAGE plpgsql AS $$
DECLARE
  b {schema}.breakers;
BEGIN
  INSERT INTO {schema}.breakers (name) VALUES (p_name) ON CONFLICT DO NOTHING;
  SELECT * INTO STRICT b FROM {schema}.breakers WHERE name = p_name FOR UPDATE;
  RETURN b;
END $$;

-- A probe that never ended counts as failed when its time is over.
CREATE FUNCTION {schema}.breaker_caught_up(b {schema}.breakers, p_now_ms float8, p_recovery_ms float8)
RETURNS {schema}.breakers LANGUAGE sql STABLE AS $$
  SELECT (CASE WHEN p_now_ms - (b.probes -> 0 ->> 'atMs')::float8 >= p_recovery_ms
    THEN {schema}.breaker_become(b, 'open', (b.probes -> 0 ->> 'atMs')::float8 + p_recovery_ms) ELSE b END).*
$$;

CREATE FUNCTION {schema}.breaker_keep(b {schema}.breakers, p_admitted boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  UPDATE {schema}.breakers SET (state, generation, opened_at_ms, failures, probes, successes)
    = (b.state, b.generation, b.opened_at_ms, b.failures, b.probes, b.successes) WHERE name = b.name;
  RETURN json_strip_nulls(json_build_object('admitted', p_admitted, 'state', b.state, 'generation', b.generation));
END $$;
`;

const entering = `
CREATE FUNCTION {schema}.breaker_enter(
  p_now_ms float8, p_name text, p_call_id text, p_recovery_ms float8, p_most float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  b {schema}.breakers;
  now_ms float8 := {schema}.clock_ms(p_now_ms);
BEGIN
  SELECT * INTO b FROM {schema}.breakers WHERE name = p_name;
  IF NOT FOUND OR b.state = 'closed' THEN
    RETURN json_build_object('admitted', true, 'state', 'closed', 'generation', coalesce(b.generation, 0));
  END IF;
  b := {schema}.breaker_locked(p_name);
  now_ms := {schema}.clock_ms(p_now_ms);
  b := {schema}.breaker_caught_up(b, now_ms, p_recovery_ms);
  IF b.state = 'closed' THEN RETURN {schema}.breaker_keep(b, true); END IF;
  IF b.state = 'open' THEN
    IF now_ms - b.opened_at_ms < p_recovery_ms THEN RETURN {schema}.breaker_keep(b, false); END IF;
    b := {schema}.breaker_become(b, 'half-open', 0);
  END IF;
  IF b.probes @> jsonb_build_array(jsonb_build_object('callId', p_call_id)) THEN
    RETURN {schema}.breaker_keep(b, true);
  END IF;
  IF jsonb_array_length(b.probes) + b.successes >= p_most THEN RETURN {schema}.breaker_keep(b, false); END IF;
  b.probes := b.probes || jsonb_build_object('callId', p_call_id, 'atMs', now_ms);
  RETURN {schema}.breaker_keep(b, true);
END $$;
`;

const leaving = `
CREATE FUNCTION {schema}.breaker_leave(
  p_now_ms float8, p_name text, p_call_id text, p_threshold float8, p_window_ms float8, p_recovery_ms float8, p_most float8,
  p_generation float8, p_verdict text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  b {schema}.breakers := {schema}.breaker_locked(p_name);
  now_ms float8 := {schema}.clock_ms(p_now_ms);
  own jsonb := jsonb_build_object('callId', p_call_id, 'atMs', now_ms);
  named jsonb := jsonb_build_array(jsonb_build_object('callId', p_call_id));
BEGIN
  b := {schema}.breaker_caught_up(b, now_ms, p_recovery_ms);
  IF b.generation <> p_generation THEN RETURN {schema}.breaker_keep(b, NULL); END IF;
  IF b.state = 'closed' THEN
    IF p_verdict <> 'failure' OR b.failures @> named THEN RETURN {schema}.breaker_keep(b, NULL); END IF;
    b.failures := (SELECT coalesce(jsonb_agg(one ORDER BY place), '[]') FROM jsonb_array_elements(b.failures)
      WITH ORDINALITY AS listed (one, place) WHERE (one ->> 'atMs')::float8 > now_ms - p_window_ms) || own;
    IF jsonb_array_length(b.failures) >= p_threshold THEN b := {schema}.breaker_become(b, 'open', now_ms); END IF;
    RETURN {schema}.breaker_keep(b, NULL);
  END IF;
  IF NOT b.probes @> named THEN RETURN {schema}.breaker_keep(b, NULL); END IF;
  b.probes := (SELECT coalesce(jsonb_agg(one ORDER BY place), '[]') FROM jsonb_array_elements(b.probes)
    WITH ORDINALITY AS listed (one, place) WHERE one ->> 'callId' <> p_call_id);
  IF p_verdict = 'failure' THEN
    b := {schema}.breaker_become(b, 'open', now_ms);
    RETURN {schema}.breaker_keep(b, NULL);
  END IF;
  IF p_verdict = 'success' THEN b.successes := b.successes + 1; END IF;
  IF b.successes >= p_most THEN b := {schema}.breaker_become(b, 'closed', 0); END IF;
  RETURN {schema}.breaker_keep(b, NULL);
END $$;
`;

/** What the breaker store needs. */
export const breakerSql: string = common + entering + leaving;
