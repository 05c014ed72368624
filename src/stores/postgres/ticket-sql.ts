// Tickets in Postgres: the table and the functions that mean what `ticketTable` means.

import { pruneSql } from './prune-sql.ts';

const tickets = `
CREATE SEQUENCE {schema}.ticket_endings;

CREATE TABLE {schema}.tickets (
  id text COLLATE "C" PRIMARY KEY,
  type text NOT NULL,
  state text NOT NULL,
  token bigint NOT NULL,
  attempt_id text NOT NULL,
  lease_until_ms float8 NOT NULL,
  opened_at_ms float8 NOT NULL,
  ended_at_ms float8,
  ended_order bigint
);

CREATE INDEX tickets_open ON {schema}.tickets (opened_at_ms, id) WHERE state = 'OPEN';
CREATE INDEX tickets_ended ON {schema}.tickets (ended_order) WHERE ended_at_ms IS NOT NULL;

CREATE FUNCTION {schema}.ticket_json(r {schema}.tickets) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', r.id, 'type', r.type, 'state', r.state, 'token', r.token,
    'attemptId', r.attempt_id, 'leaseUntilMs', r.lease_until_ms, 'openedAtMs', r.opened_at_ms)
$$;

CREATE FUNCTION {schema}.ticket_take(
  p_now_ms float8, p_id text, p_type text, p_attempt_id text, p_lease_ms float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.tickets;
  now_ms float8;
  taken boolean;
BEGIN
  LOOP
    now_ms := {schema}.clock_ms(p_now_ms);
    INSERT INTO {schema}.tickets (id, type, state, token, attempt_id, lease_until_ms, opened_at_ms)
    VALUES (p_id, p_type, 'WORKING', 1, p_attempt_id, now_ms + p_lease_ms, now_ms)
    ON CONFLICT (id) DO NOTHING RETURNING * INTO r;
    IF FOUND THEN RETURN json_build_object('taken', true, 'ticket', {schema}.ticket_json(r)); END IF;
    SELECT * INTO r FROM {schema}.tickets WHERE id = p_id FOR UPDATE;
    -- What stood in the way may have been pruned meanwhile.
    EXIT WHEN FOUND;
  END LOOP;
  now_ms := {schema}.clock_ms(p_now_ms);
  taken := r.state = 'WORKING' AND r.attempt_id = p_attempt_id;
  IF NOT taken AND (r.state = 'RETRY' OR r.state = 'WORKING' AND r.lease_until_ms <= now_ms) THEN
    taken := true;
    UPDATE {schema}.tickets SET type = p_type, state = 'WORKING', token = token + 1, attempt_id = p_attempt_id,
      lease_until_ms = now_ms + p_lease_ms
    WHERE id = p_id RETURNING * INTO r;
  END IF;
  RETURN json_build_object('taken', taken, 'ticket', {schema}.ticket_json(r));
END $$;

CREATE FUNCTION {schema}.ticket_move(p_now_ms float8, p_id text, p_state text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8 := {schema}.clock_ms(p_now_ms);
BEGIN
  UPDATE {schema}.tickets SET state = p_state,
    ended_at_ms = CASE p_state WHEN 'CLOSED' THEN now_ms END,
    ended_order = CASE p_state WHEN 'CLOSED' THEN nextval('{schema}.ticket_endings') END
  WHERE id = p_id;
END $$;

CREATE FUNCTION {schema}.ticket_leave(p_now_ms float8, p_id text, p_token bigint, p_state text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.tickets;
BEGIN
  SELECT * INTO r FROM {schema}.tickets WHERE id = p_id FOR UPDATE;
  IF NOT FOUND OR r.state <> 'WORKING' OR r.token <> p_token THEN RETURN false; END IF;
  PERFORM {schema}.ticket_move(p_now_ms, p_id, p_state);
  RETURN true;
END $$;

CREATE FUNCTION {schema}.ticket_close(p_now_ms float8, p_id text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM {schema}.tickets WHERE id = p_id AND state = 'OPEN' FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM {schema}.ticket_move(p_now_ms, p_id, 'CLOSED');
  RETURN true;
END $$;

CREATE FUNCTION {schema}.ticket_list_open(p_now_ms float8, p_limit bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.clock_ms(p_now_ms);
  RETURN (
    SELECT coalesce(json_agg({schema}.ticket_json(r) ORDER BY r.opened_at_ms, r.id), '[]')
    FROM (SELECT * FROM {schema}.tickets WHERE state = 'OPEN' ORDER BY opened_at_ms, id LIMIT p_limit) r
  );
END $$;
`;

/** What the store of tickets needs. */
export const ticketSql: string = tickets + pruneSql({ store: 'ticket', table: 'tickets', key: 'id' });
