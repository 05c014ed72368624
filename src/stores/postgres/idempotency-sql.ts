// Idempotency records in Postgres: the table and the functions that mean what `idempotencyTable` means. Whoever may change a record
// locks its row first and reads the clock then; an answer that changes nothing takes no lock, and so writes nothing to disk.

const columns = `
CREATE TABLE {schema}.idempotency_records (
  key text COLLATE "C" PRIMARY KEY,
  -- The order in which keys came, for those of equal lease.
  position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  state text NOT NULL,
  fingerprint text NOT NULL,
  request text NOT NULL,
  token bigint NOT NULL,
  attempt_id text NOT NULL,
  epoch bigint NOT NULL,
  generation bigint NOT NULL,
  lease_until_ms float8 NOT NULL,
  sendable_until_ms float8 NOT NULL,
  key_used_from_ms float8 NOT NULL,
  unresolved boolean NOT NULL,
  sealed_at_ms float8,
  gateway_id text,
  result text,
  failure text,
  expires_at_ms float8
);

CREATE INDEX idempotency_unfinished ON {schema}.idempotency_records (lease_until_ms, position)
  WHERE state IN ('IN_FLIGHT', 'UNKNOWN', 'PENDING');

CREATE FUNCTION {schema}.idempotency_json(r {schema}.idempotency_records) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN r.key IS NOT NULL THEN json_strip_nulls(json_build_object(
    'key', r.key, 'state', r.state, 'fingerprint', r.fingerprint, 'request', r.request, 'token', r.token,
    'attemptId', r.attempt_id, 'epoch', r.epoch, 'generation', r.generation, 'leaseUntilMs', r.lease_until_ms,
    'sendableUntilMs', r.sendable_until_ms, 'keyUsedFromMs', r.key_used_from_ms, 'unresolved', r.unresolved,
    'sealedAtMs', r.sealed_at_ms, 'gatewayId', r.gateway_id, 'result', r.result, 'failure', r.failure,
    'expiresAtMs', r.expires_at_ms)) END
$$;
`;

const claim = `
CREATE FUNCTION {schema}.idempotency_standing(
  r {schema}.idempotency_records, p_fingerprint text, p_attempt_id text, p_now_ms float8
) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN r.state = 'RELEASED' THEN 'released'
    WHEN r.expires_at_ms <= p_now_ms THEN 'expired'
    WHEN r.fingerprint <> p_fingerprint THEN 'foreign'
    WHEN r.state = 'IN_FLIGHT' AND r.attempt_id = p_attempt_id THEN 'own'
    WHEN r.state IN ('UNKNOWN', 'PENDING') OR r.state = 'IN_FLIGHT' AND r.lease_until_ms <= p_now_ms THEN 'undecided'
    ELSE 'foreign' END
$$;

CREATE FUNCTION {schema}.idempotency_claim(
  p_now_ms float8, p_key text, p_fingerprint text, p_request text, p_attempt_id text, p_lease_ms float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.idempotency_records;
  now_ms float8 := {schema}.clock_ms(p_now_ms);
  standing text;
BEGIN
  SELECT * INTO r FROM {schema}.idempotency_records WHERE key = p_key;
  IF NOT FOUND THEN
    INSERT INTO {schema}.idempotency_records (key, state, fingerprint, request, token, attempt_id, epoch, generation,
      lease_until_ms, sendable_until_ms, key_used_from_ms, unresolved)
    VALUES (p_key, 'IN_FLIGHT', p_fingerprint, p_request, 1, p_attempt_id, 0, 0,
      now_ms + p_lease_ms, now_ms, now_ms, false)
    ON CONFLICT (key) DO NOTHING RETURNING * INTO r;
    standing := CASE WHEN FOUND THEN 'own' END;
  ELSE
    standing := {schema}.idempotency_standing(r, p_fingerprint, p_attempt_id, now_ms);
  END IF;
  -- Somebody was quicker with the first claim, or there is something to take: what stands there now decides.
  IF standing IS NULL OR standing IN ('released', 'expired', 'undecided') THEN
    SELECT * INTO STRICT r FROM {schema}.idempotency_records WHERE key = p_key FOR UPDATE;
    now_ms := {schema}.clock_ms(p_now_ms);
    standing := {schema}.idempotency_standing(r, p_fingerprint, p_attempt_id, now_ms);
  END IF;
  IF standing IN ('released', 'expired') THEN
    UPDATE {schema}.idempotency_records SET
      state = 'IN_FLIGHT', fingerprint = p_fingerprint, request = p_request, token = token + 1,
      attempt_id = p_attempt_id,
      epoch = CASE standing WHEN 'expired' THEN epoch + 1 ELSE epoch END,
      generation = CASE standing WHEN 'expired' THEN 0 ELSE generation END,
      key_used_from_ms = CASE standing WHEN 'expired' THEN now_ms ELSE key_used_from_ms END,
      lease_until_ms = now_ms + p_lease_ms, sendable_until_ms = now_ms, unresolved = false,
      sealed_at_ms = NULL, gateway_id = NULL, result = NULL, failure = NULL, expires_at_ms = NULL
    WHERE key = p_key RETURNING * INTO r;
  ELSIF standing = 'undecided' THEN
    UPDATE {schema}.idempotency_records SET
      state = 'IN_FLIGHT', token = token + 1, attempt_id = p_attempt_id, lease_until_ms = now_ms + p_lease_ms,
      sendable_until_ms =
        CASE state WHEN 'IN_FLIGHT' THEN greatest(sendable_until_ms, lease_until_ms) ELSE sendable_until_ms END,
      unresolved = true
    WHERE key = p_key RETURNING * INTO r;
  END IF;
  RETURN json_build_object(
    'owned', standing <> 'foreign', 'record', {schema}.idempotency_json(r), 'nowMs', now_ms);
END $$;
`;

/** A write that only the owner may make; `changes` is what it sets, with the clock in `now_ms`. */
const write = (name: string, parameters: string, changes: string): string => `
CREATE FUNCTION {schema}.idempotency_${name}(p_now_ms float8, p_key text, p_token bigint${parameters})
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r {schema}.idempotency_records;
  now_ms float8;
  written boolean;
BEGIN
  SELECT * INTO r FROM {schema}.idempotency_records WHERE key = p_key FOR UPDATE;
  now_ms := {schema}.clock_ms(p_now_ms);
  written := FOUND AND r.token = p_token AND r.state = 'IN_FLIGHT';
  IF written THEN
    UPDATE {schema}.idempotency_records SET ${changes} WHERE key = p_key RETURNING * INTO r;
  END IF;
  RETURN json_build_object('written', written, 'record', {schema}.idempotency_json(r), 'nowMs', now_ms);
END $$;
`;

const writes = [
  write(
    'complete',
    ', p_result text, p_ttl_ms float8',
    `state = 'COMPLETED', result = p_result, expires_at_ms = now_ms + p_ttl_ms, unresolved = false`,
  ),
  write(
    'fail',
    ', p_failure text, p_ttl_ms float8',
    `state = 'FAILED', failure = p_failure, expires_at_ms = now_ms + p_ttl_ms, unresolved = false`,
  ),
  write('release', '', `state = 'RELEASED', unresolved = false`),
  write('renew', ', p_lease_ms float8', 'lease_until_ms = now_ms + p_lease_ms'),
  write(
    'suspend',
    ', p_state text, p_sent boolean, p_sealed boolean, p_gateway_id text',
    `state = p_state, unresolved = true,
      sendable_until_ms = CASE WHEN p_sent THEN now_ms ELSE sendable_until_ms END,
      sealed_at_ms = CASE WHEN p_sealed THEN coalesce(sealed_at_ms, now_ms) ELSE sealed_at_ms END,
      gateway_id = coalesce(p_gateway_id, gateway_id)`,
  ),
  write(
    'advance',
    '',
    'generation = generation + 1, key_used_from_ms = now_ms, unresolved = false, sealed_at_ms = NULL',
  ),
];

const reads = `
CREATE FUNCTION {schema}.idempotency_read(p_now_ms float8, p_key text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.clock_ms(p_now_ms);
  RETURN (SELECT {schema}.idempotency_json(r) FROM {schema}.idempotency_records r WHERE key = p_key);
END $$;

CREATE FUNCTION {schema}.idempotency_list(p_now_ms float8, p_limit bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  now_ms float8 := {schema}.clock_ms(p_now_ms);
BEGIN
  RETURN (
    SELECT coalesce(json_agg({schema}.idempotency_json(r) ORDER BY r.lease_until_ms, r.position), '[]')
    FROM (
      SELECT * FROM {schema}.idempotency_records
      WHERE state IN ('IN_FLIGHT', 'UNKNOWN', 'PENDING') AND (state <> 'IN_FLIGHT' OR lease_until_ms <= now_ms)
      ORDER BY lease_until_ms, position LIMIT p_limit
    ) r
  );
END $$;
`;

/** What the idempotency store needs. */
export const idempotencySql: string = [columns, claim, ...writes, reads].join('');
