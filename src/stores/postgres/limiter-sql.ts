// Rate limits in Postgres, which mean what `limiterTable` means. Whoever asks locks the row of the limit first, so that those who
// ask at once are counted one behind the other.

/** What the limiter store needs. An admission is taken away by a later one of its name, once it has left the window. */
export const limiterSql: string = `
CREATE TABLE {schema}.limits (name text COLLATE "C" PRIMARY KEY);
CREATE TABLE {schema}.admissions (
  name text COLLATE "C" NOT NULL,
  call_id text COLLATE "C" NOT NULL,
  at_ms float8 NOT NULL,
  PRIMARY KEY (name, call_id)
);
CREATE INDEX admissions_by_time ON {schema}.admissions (name, at_ms);

CREATE FUNCTION {schema}.limiter_admit(
  p_now_ms float8, p_name text, p_call_id text, p_max_calls float8, p_period_ms float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8;
  blocking float8;
BEGIN
  INSERT INTO {schema}.limits VALUES (p_name) ON CONFLICT DO NOTHING;
  PERFORM 1 FROM {schema}.limits WHERE name = p_name FOR UPDATE;
  now_ms := {schema}.clock_ms(p_now_ms);
  PERFORM 1 FROM {schema}.admissions
    WHERE name = p_name AND call_id = p_call_id AND at_ms > now_ms - p_period_ms;
  IF FOUND THEN RETURN 0; END IF;
  SELECT at_ms INTO blocking FROM {schema}.admissions WHERE name = p_name AND at_ms > now_ms - p_period_ms
    ORDER BY at_ms DESC OFFSET p_max_calls::bigint - 1 LIMIT 1;
  IF FOUND THEN RETURN greatest(1, ceil(blocking + p_period_ms - now_ms)); END IF;
  DELETE FROM {schema}.admissions WHERE name = p_name AND at_ms <= now_ms - p_period_ms;
  INSERT INTO {schema}.admissions VALUES (p_name, p_call_id, now_ms);
  RETURN 0;
END $$;
`;
