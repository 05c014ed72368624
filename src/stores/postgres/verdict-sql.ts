// The log of verdicts in Postgres: the table and the functions that mean what `verdictTable` means.

import { pruneSql } from './prune-sql.ts';

const verdicts = `
CREATE SEQUENCE {schema}.verdict_endings;

CREATE TABLE {schema}.verdicts (
  attempt_id text COLLATE "C" PRIMARY KEY,
  -- Every verdict as JSON, and beside each the evaluation that it is of.
  verdicts text[] NOT NULL DEFAULT '{}',
  evaluations text[] NOT NULL DEFAULT '{}',
  standing text,
  relying text[] NOT NULL DEFAULT '{}',
  withdrawn text[] NOT NULL DEFAULT '{}',
  -- When the last word was spoken.
  ended_at_ms float8,
  ended_order bigint
);

CREATE INDEX verdicts_ended ON {schema}.verdicts (ended_order) WHERE ended_at_ms IS NOT NULL;

CREATE FUNCTION {schema}.verdict_hold(p_attempt_id text) RETURNS {schema}.verdicts LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.verdicts;
BEGIN
  LOOP
    INSERT INTO {schema}.verdicts (attempt_id) VALUES (p_attempt_id) ON CONFLICT (attempt_id) DO NOTHING;
    SELECT * INTO r FROM {schema}.verdicts WHERE attempt_id = p_attempt_id FOR UPDATE;
    -- What was there may have been pruned meanwhile.
    IF FOUND THEN RETURN r; END IF;
  END LOOP;
END $$;

CREATE FUNCTION {schema}.verdict_keep(
  p_now_ms float8, p_attempt_id text, p_evaluation_id text, p_undecided boolean, p_verdict text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.verdicts := {schema}.verdict_hold(p_attempt_id);
BEGIN
  IF p_evaluation_id <> ALL (r.evaluations) THEN
    r.verdicts := r.verdicts || p_verdict;
    r.evaluations := r.evaluations || p_evaluation_id;
  END IF;
  IF NOT p_undecided AND p_evaluation_id <> ALL (r.withdrawn) THEN
    r.standing := coalesce(r.standing, p_verdict);
    IF p_evaluation_id <> ALL (r.relying) THEN r.relying := r.relying || p_evaluation_id; END IF;
  END IF;
  UPDATE {schema}.verdicts SET verdicts = r.verdicts, evaluations = r.evaluations, standing = r.standing,
    relying = r.relying, ended_at_ms = {schema}.clock_ms(p_now_ms),
    ended_order = nextval('{schema}.verdict_endings')
  WHERE attempt_id = p_attempt_id;
  RETURN to_json(r.standing);
END $$;

CREATE FUNCTION {schema}.verdict_withdraw(p_now_ms float8, p_attempt_id text, p_evaluation_id text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.verdicts := {schema}.verdict_hold(p_attempt_id);
BEGIN
  r.relying := array_remove(r.relying, p_evaluation_id);
  UPDATE {schema}.verdicts SET relying = r.relying,
    standing = CASE WHEN cardinality(r.relying) > 0 THEN standing END,
    withdrawn = array_remove(withdrawn, p_evaluation_id) || p_evaluation_id,
    ended_at_ms = {schema}.clock_ms(p_now_ms), ended_order = nextval('{schema}.verdict_endings')
  WHERE attempt_id = p_attempt_id;
  RETURN NULL;
END $$;

CREATE FUNCTION {schema}.verdict_read(p_now_ms float8, p_attempt_id text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.clock_ms(p_now_ms);
  RETURN (
    SELECT json_build_object('standing', standing, 'verdicts', verdicts)
    FROM {schema}.verdicts WHERE attempt_id = p_attempt_id
  );
END $$;
`;

/** What the log of verdicts needs. */
export const verdictSql: string =
  verdicts + pruneSql({ store: 'verdict', table: 'verdicts', key: 'attempt_id' });
