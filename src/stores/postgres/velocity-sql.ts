// Velocity counts in Postgres, which mean what `velocityTable` means. Every operation holds its key while it counts, for what is
// counted together are many rows.

/** Locks the key, reads the clock, and forgets what is over: of this key all, of others two, so that no key keeps rows for ever. */
const begin = `
  PERFORM pg_advisory_xact_lock(hashtextextended('{schema} velocity ' || p_key, 0));
  now_ms := {schema}.clock_ms(p_now_ms);
  DELETE FROM {schema}.velocity_entries WHERE key = p_key AND until_ms <= now_ms;
  WITH over AS MATERIALIZED (
    SELECT key, attempt_id FROM {schema}.velocity_entries WHERE until_ms <= now_ms
    ORDER BY until_ms LIMIT 2 FOR UPDATE SKIP LOCKED
  ) DELETE FROM {schema}.velocity_entries WHERE (key, attempt_id) IN (SELECT * FROM over);
  SELECT * INTO own FROM {schema}.velocity_entries WHERE key = p_key AND attempt_id = p_attempt_id;
`;

/** What the velocity store needs. */
export const velocitySql: string = `
CREATE TABLE {schema}.velocity_entries (
  key text COLLATE "C" NOT NULL,
  attempt_id text COLLATE "C" NOT NULL,
  amount bigint NOT NULL,
  confirmed boolean NOT NULL,
  -- Evaluations that may have led to a payment, and those that were released.
  holders text[] NOT NULL,
  released text[] NOT NULL,
  until_ms float8 NOT NULL,
  PRIMARY KEY (key, attempt_id)
);

CREATE INDEX velocity_entries_over ON {schema}.velocity_entries (until_ms);

CREATE FUNCTION {schema}.velocity_put(
  p_own {schema}.velocity_entries
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO {schema}.velocity_entries SELECT p_own.*
  ON CONFLICT (key, attempt_id) DO UPDATE SET amount = excluded.amount, confirmed = excluded.confirmed,
    holders = excluded.holders, released = excluded.released, until_ms = excluded.until_ms
$$;

CREATE FUNCTION {schema}.velocity_counts(r {schema}.velocity_entries) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN r.confirmed OR cardinality(r.holders) > 0 THEN r.amount ELSE 0 END
$$;

CREATE FUNCTION {schema}.velocity_reserve(
  p_now_ms float8, p_key text, p_attempt_id text, p_evaluation_id text, p_amount bigint, p_cap bigint,
  p_window_ms float8, p_hold_ms float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8;
  own {schema}.velocity_entries;
  others numeric;
  amount bigint;
BEGIN
  ${begin}
  SELECT coalesce(sum({schema}.velocity_counts(e)), 0) INTO others FROM {schema}.velocity_entries e
  WHERE key = p_key AND attempt_id <> p_attempt_id;
  IF own.confirmed THEN RETURN json_build_object('admitted', true, 'used', others + own.amount); END IF;
  amount := greatest({schema}.velocity_counts(own), p_amount);
  IF p_evaluation_id = ANY (own.released) OR others + amount > p_cap THEN
    RETURN json_build_object('admitted', false, 'used', others + {schema}.velocity_counts(own));
  END IF;
  PERFORM {schema}.velocity_put(ROW (
    p_key, p_attempt_id, amount, false,
    CASE WHEN p_evaluation_id = ANY (own.holders) THEN own.holders
      ELSE coalesce(own.holders, '{}') || p_evaluation_id END,
    coalesce(own.released, '{}'), greatest(own.until_ms, now_ms + p_window_ms + p_hold_ms)));
  RETURN json_build_object('admitted', true, 'used', others + amount);
END $$;

CREATE FUNCTION {schema}.velocity_confirm(
  p_now_ms float8, p_key text, p_attempt_id text, p_amount bigint, p_window_ms float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8;
  own {schema}.velocity_entries;
BEGIN
  ${begin}
  IF own.confirmed THEN RETURN NULL; END IF;
  PERFORM {schema}.velocity_put(
    ROW (p_key, p_attempt_id, p_amount, true, '{}'::text[], '{}'::text[], now_ms + p_window_ms));
  RETURN NULL;
END $$;

CREATE FUNCTION {schema}.velocity_release(
  p_now_ms float8, p_key text, p_attempt_id text, p_evaluation_id text, p_window_ms float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8;
  own {schema}.velocity_entries;
  leaving text[];
BEGIN
  ${begin}
  IF own.confirmed THEN RETURN NULL; END IF;
  leaving := CASE WHEN p_evaluation_id IS NULL THEN coalesce(own.holders, '{}') ELSE ARRAY[p_evaluation_id] END;
  PERFORM {schema}.velocity_put(ROW (
    p_key, p_attempt_id, coalesce(own.amount, 0), false,
    ARRAY(SELECT id FROM unnest(own.holders) id WHERE id <> ALL (leaving)),
    ARRAY(SELECT unnest(own.released) UNION SELECT unnest(leaving)),
    greatest(own.until_ms, now_ms + p_window_ms)));
  RETURN NULL;
END $$;
`;
