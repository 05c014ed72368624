// The books in Postgres: the tables and the functions that mean what `ledgerTable` means.
//
// A commit holds the row of counters until it is committed, and takes its places there. Postgres gives a lock to the next one only
// after what was committed can be seen, so places become visible in their order, and none is left out.

const tables = `
CREATE TABLE {schema}.ledger_counters (issued bigint NOT NULL);
INSERT INTO {schema}.ledger_counters VALUES (0);

CREATE TABLE {schema}.ledger_effects (effect text COLLATE "C" PRIMARY KEY);

CREATE TABLE {schema}.ledger_entries (
  sequence bigint PRIMARY KEY,
  key text COLLATE "C" NOT NULL UNIQUE,
  fingerprint text NOT NULL,
  kind text NOT NULL,
  merchant_reference text COLLATE "C",
  gateway_id text,
  operation text,
  occurred_at_ms float8 NOT NULL,
  posted_at_ms float8 NOT NULL
);

CREATE INDEX ledger_entries_of_payment ON {schema}.ledger_entries (merchant_reference);

CREATE TABLE {schema}.ledger_postings (
  sequence bigint NOT NULL REFERENCES {schema}.ledger_entries,
  line bigint NOT NULL,
  account text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  amount_minor bigint NOT NULL,
  PRIMARY KEY (sequence, line)
);

-- Written with each commit, so that the totals of years of books are read at once.
CREATE TABLE {schema}.ledger_totals (
  account text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  total_minor numeric NOT NULL,
  PRIMARY KEY (account, currency)
);
`;

const commit = `
CREATE FUNCTION {schema}.ledger_post(p_entry json, p_sequence bigint, p_now_ms float8)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO {schema}.ledger_entries VALUES (
    p_sequence, p_entry->>'key', p_entry->>'fingerprint', p_entry->>'kind',
    p_entry->'payment'->>'merchantReference', p_entry->'payment'->>'gatewayId', p_entry->>'operation',
    (p_entry->>'occurredAtMs')::float8, p_now_ms);
  INSERT INTO {schema}.ledger_postings
  SELECT p_sequence, line, posting->>'account', posting->>'currency', (posting->>'amountMinor')::bigint
  FROM json_array_elements(p_entry->'postings') WITH ORDINALITY postings (posting, line);
$$;

CREATE FUNCTION {schema}.ledger_commit(p_now_ms float8, p_units text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before bigint;
  last bigint;
  now_ms float8;
  unit json;
  written json;
  known text;
  applied boolean;
  new_entries text[];
  new_events text[];
  outcomes json[] := '{}';
  conflict json;
BEGIN
  SELECT issued INTO STRICT before FROM {schema}.ledger_counters FOR UPDATE;
  now_ms := {schema}.clock_ms(p_now_ms);
  last := before;
  BEGIN
    FOR unit IN SELECT json_array_elements(p_units::json) LOOP
      INSERT INTO {schema}.ledger_effects VALUES (unit->>'effect') ON CONFLICT (effect) DO NOTHING;
      applied := FOUND;
      new_entries := '{}';
      new_events := '{}';
      FOR written IN SELECT json_array_elements(unit->'entries') LOOP
        SELECT fingerprint INTO known FROM {schema}.ledger_entries WHERE key = written->>'key';
        IF NOT FOUND AND applied THEN
          last := last + 1;
          PERFORM {schema}.ledger_post(written, last, now_ms);
          new_entries := new_entries || (written->>'key');
        ELSIF NOT FOUND OR known <> written->>'fingerprint' THEN
          conflict := json_build_object('kind', 'entry', 'name', written->>'key');
          RAISE SQLSTATE 'PS002';
        END IF;
      END LOOP;
      FOR written IN SELECT json_array_elements(unit->'events') WHERE applied LOOP
        SELECT fingerprint INTO known FROM {schema}.outbox_events WHERE id = written->>'id';
        IF NOT FOUND THEN
          INSERT INTO {schema}.outbox_events (id, type, aggregate, payload, fingerprint) VALUES (
            written->>'id', written->>'type', written->>'aggregate', written->>'payload', written->>'fingerprint');
          new_events := new_events || (written->>'id');
        ELSIF known <> written->>'fingerprint' THEN
          conflict := json_build_object('kind', 'event', 'name', written->>'id');
          RAISE SQLSTATE 'PS002';
        END IF;
      END LOOP;
      outcomes := outcomes || json_build_object(
        'effect', unit->>'effect', 'applied', applied, 'newEntries', new_entries, 'newEvents', new_events);
    END LOOP;
  EXCEPTION WHEN SQLSTATE 'PS002' THEN
    -- What was written since the inner BEGIN is undone.
    RETURN json_build_object('committed', false, 'conflict', conflict);
  END;
  INSERT INTO {schema}.ledger_totals AS totals
  SELECT account, currency, sum(amount_minor) FROM {schema}.ledger_postings
  WHERE sequence > before AND sequence <= last GROUP BY account, currency
  ON CONFLICT (account, currency) DO UPDATE SET total_minor = totals.total_minor + excluded.total_minor;
  UPDATE {schema}.ledger_counters SET issued = last WHERE issued <> last;
  RETURN json_build_object('committed', true, 'outcomes', outcomes);
END $$;
`;

const reads = `
CREATE FUNCTION {schema}.ledger_entries(p_now_ms float8, p_after bigint, p_limit bigint)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.clock_ms(p_now_ms);
  RETURN (
    SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
      'key', e.key, 'kind', e.kind,
      'payment', CASE WHEN e.merchant_reference IS NOT NULL THEN json_build_object(
        'merchantReference', e.merchant_reference, 'gatewayId', e.gateway_id) END,
      'operation', e.operation, 'occurredAtMs', e.occurred_at_ms,
      'postings', (
        SELECT coalesce(json_agg(json_build_object(
          'account', account, 'currency', currency, 'amountMinor', amount_minor) ORDER BY line), '[]')
        FROM {schema}.ledger_postings p WHERE p.sequence = e.sequence
      ),
      'fingerprint', e.fingerprint, 'sequence', e.sequence, 'postedAtMs', e.posted_at_ms
    )) ORDER BY e.sequence), '[]')
    FROM (
      SELECT * FROM {schema}.ledger_entries WHERE sequence > p_after ORDER BY sequence LIMIT p_limit
    ) e
  );
END $$;

CREATE FUNCTION {schema}.ledger_totals(p_now_ms float8, p_merchant_reference text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.clock_ms(p_now_ms);
  RETURN (
    SELECT coalesce(json_agg(json_build_object('account', account, 'currency', currency, 'totalMinor', total::text)
      ORDER BY account || E'\\n' || currency), '[]')
    FROM (
      SELECT account, currency, total_minor AS total FROM {schema}.ledger_totals WHERE p_merchant_reference IS NULL
      UNION ALL
      SELECT account, currency, sum(amount_minor) FROM {schema}.ledger_entries e
      JOIN {schema}.ledger_postings p ON p.sequence = e.sequence
      WHERE e.merchant_reference = p_merchant_reference GROUP BY account, currency
    ) totals
  );
END $$;
`;

/** What the books need; the outbox has to be there before. */
export const ledgerSql: string = [tables, commit, reads].join('');
