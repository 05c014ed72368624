// What every function asks first: what time it is, and whether it may answer at all.

/**
 * `clock_ms`: milliseconds since 1970 by the server, or those that the caller sends. The server's clock is read when it is asked
 * and not when the transaction began, so that who waited for a lock does not judge a lease by a time long past. Functions lock a
 * row and look again, which is sound only where each statement sees what was committed before it; and a replica's rows are old.
 */
export const clockSql: string = `
CREATE FUNCTION {schema}.clock_ms(p_now_ms float8) RETURNS float8 LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'a replica answers for no store' USING ERRCODE = '25006';
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'a store needs the isolation level READ COMMITTED' USING ERRCODE = 'PS001';
  END IF;
  RETURN coalesce(p_now_ms, floor(extract(epoch FROM clock_timestamp()) * 1000));
END $$;
`;
