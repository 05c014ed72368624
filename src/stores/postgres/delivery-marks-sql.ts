// Marks of deliveries in Postgres, which mean what `deliveryMarksTable` means.

/**
 * What the delivery marks need. Each call also takes away two marks whose time is over, if there are any, so that the table does not
 * grow for ever; whoever asks for their ids again finds them unmarked either way.
 */
export const deliveryMarksSql: string = `
CREATE TABLE {schema}.delivery_marks (id text COLLATE "C" PRIMARY KEY, expires_at_ms float8 NOT NULL);
CREATE INDEX delivery_marks_expired ON {schema}.delivery_marks (expires_at_ms);

CREATE FUNCTION {schema}.marks_mark(p_now_ms float8, p_id text, p_ttl_ms float8) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8 := {schema}.clock_ms(p_now_ms);
  marked boolean;
BEGIN
  INSERT INTO {schema}.delivery_marks AS old VALUES (p_id, now_ms + p_ttl_ms)
  ON CONFLICT (id) DO UPDATE SET expires_at_ms = excluded.expires_at_ms WHERE old.expires_at_ms <= now_ms;
  marked := FOUND;
  WITH over AS MATERIALIZED (
    SELECT id FROM {schema}.delivery_marks WHERE expires_at_ms <= now_ms
    ORDER BY expires_at_ms LIMIT 2 FOR UPDATE SKIP LOCKED
  ) DELETE FROM {schema}.delivery_marks WHERE id IN (SELECT * FROM over);
  RETURN marked;
END $$;
`;
