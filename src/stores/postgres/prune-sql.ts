// Forgetting what has ended, alike for every table that has the columns `ended_at_ms` and `ended_order`.

import { alongIndexes } from './plan-sql.ts';

/** What is forgotten. */
export interface Pruned {
  /** Name of the function before `_prune`. */
  readonly store: string;
  readonly table: string;
  /** Columns of the primary key. */
  readonly key: string;
  /** Parameters after the three that every such function has. */
  readonly parameters?: string;
  /** Keeps some of them; may use the parameters, and the clock as `now_ms`. */
  readonly condition?: string;
}

/**
 * The function that deletes what ended first. Rows that somebody holds are left for the next time, so that it waits for nobody and
 * nobody's order of locks can cross with it.
 */
export const pruneSql = ({ store, table, key, parameters = '', condition = 'true' }: Pruned): string => `
CREATE FUNCTION {schema}.${store}_prune(p_now_ms float8, p_older_than_ms float8, p_limit bigint${parameters})
RETURNS text LANGUAGE plpgsql ${alongIndexes} AS $$
DECLARE
  now_ms float8 := {schema}.clock_ms(p_now_ms);
  pruned bigint;
BEGIN
  -- Materialised, or a plan may look for them once per row and take more than the limit.
  WITH over AS MATERIALIZED (
    SELECT ${key} FROM {schema}.${table}
    WHERE ended_at_ms <= now_ms - p_older_than_ms AND ${condition}
    ORDER BY ended_order LIMIT p_limit FOR UPDATE SKIP LOCKED
  ) DELETE FROM {schema}.${table} WHERE (${key}) IN (SELECT * FROM over);
  GET DIAGNOSTICS pruned = ROW_COUNT;
  RETURN pruned;
END $$;
`;
