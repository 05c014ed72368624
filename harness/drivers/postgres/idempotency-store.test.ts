// Convinces by two things, both against a real server. Whatever is called one after another is answered as the table answers it,
// over generated sequences of calls. And of calls at once, each on a connection of its own, exactly one gets what only one may have.

import { constantFrom, integer, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { IdempotencyStore } from '../../../src/idempotency/store.ts';
import { idempotencyTable } from '../../../src/stores/idempotency-table.ts';
import { postgresIdempotencyStore } from '../../../src/stores/postgres/idempotency-store.ts';
import { agree } from './parity.ts';
import { countedPool, postgresLane } from './testing.ts';

const server = await postgresLane();

const key = constantFrom('a', 'ключ \u0000 \ud800 "\\u0000"');
const token = integer({ min: 1, max: 4 });
const ms = constantFrom(0, 5, 10, 0.5);
const calls = oneof(
  {
    weight: 3,
    arbitrary: call('claim', {
      key,
      fingerprint: constantFrom('f', 'g'),
      request: constantFrom('{}', '"ü"'),
      attemptId: constantFrom('x', 'y', 'z'),
      leaseMs: ms,
    }),
  },
  call('complete', { key, token, result: constantFrom('null', '{"b":1.0, "a":"\\u0000"}'), ttlMs: ms }),
  call('fail', { key, token, ttlMs: ms, failure: constantFrom(failure('no'), failure('\u0000\ud800')) }),
  call('release', { key, token }),
  call('renew', { key, token, leaseMs: ms }),
  call('suspend', {
    key,
    token,
    state: constantFrom('UNKNOWN', 'PENDING'),
    sent: constantFrom(true, false),
    sealed: constantFrom(true, false),
  }),
  call('suspend', {
    key,
    token,
    state: constantFrom('PENDING'),
    sent: constantFrom(true),
    sealed: constantFrom(true),
    gatewayId: constantFrom('gw_1'),
  }),
  call('advance', { key, token }),
  record({ afterMs: ms, method: constantFrom('read'), argument: key }),
  call('list', { limit: integer({ min: 0, max: 3 }) }),
);

function call(method: string, members: Parameters<typeof record>[0]) {
  return record({ afterMs: ms, method: constantFrom(method), argument: record(members) });
}

function failure(message: string) {
  return {
    name: 'CardDeclinedError',
    code: 'card_declined',
    message,
    retriable: false,
    effect: 'final',
    local: true,
  };
}

server.suite('the idempotency store in Postgres', () => {
  const claim = { key: 'k', fingerprint: 'f', request: '{}', leaseMs: 60_000 };
  test('answers every sequence of calls as the table does', async () => {
    await agree({ table: idempotencyTable, store: postgresIdempotencyStore, calls, maxLength: 40 }, server);
  });

  test('gives a new key to exactly one of many who ask at once', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const store = postgresIdempotencyStore({ pool, schema });
    for (let round = 0; round < 20; round++) {
      const answers = await claims(store, { ...claim, key: `k${round}` });
      expect(answers.filter(({ owned }) => owned)).toHaveLength(1);
      const owner = answers.find(({ owned }) => owned)?.record.attemptId;
      for (const { record } of answers) expect(record).toMatchObject({ token: 1, attemptId: owner });
    }
  });

  test('gives what has to be taken over to exactly one of many, under the next token', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const store = postgresIdempotencyStore({ pool, schema });
    await store.claim({ ...claim, attemptId: 'first' });
    for (let round = 1; round <= 20; round++) {
      await store.suspend({ key: 'k', token: round, state: 'UNKNOWN', sent: true, sealed: false });
      const answers = await claims(store, claim);
      expect(answers.filter(({ owned }) => owned)).toHaveLength(1);
      for (const { record } of answers) expect(record.token).toBe(round + 1);
    }
  });

  test('takes over nothing that was renewed while the taker waited for it', async () => {
    const { pool, schema } = await server.fresh();
    const store = postgresIdempotencyStore({ pool, schema });
    await store.claim({ ...claim, attemptId: 'first', leaseMs: 1 });
    const held = await pool.connect();
    await held.query('BEGIN');
    await held.query(`SELECT ${schema}.idempotency_renew(NULL, 'k', 1, 60000)`);
    const taking = store.claim({ ...claim, attemptId: 'second' });
    await server.waiting({ pool, schema });
    await held.query('COMMIT');
    held.release();
    expect(await taking).toMatchObject({ owned: false, record: { attemptId: 'first', token: 1 } });
  });

  test('reads the clock after it has waited, and not when its transaction began', async () => {
    const { pool, schema } = await server.fresh();
    const store = postgresIdempotencyStore({ pool, schema });
    await store.claim({ ...claim, attemptId: 'first' });
    const held = await pool.connect();
    await held.query('BEGIN');
    await held.query(`SELECT key FROM ${schema}.idempotency_records FOR UPDATE`);
    const renewing = store.renew({ key: 'k', token: 1, leaseMs: 60_000 });
    await server.waiting({ pool, schema });
    const { rows } = await held.query(
      'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
    );
    await held.query('COMMIT');
    held.release();
    expect((await renewing).nowMs).toBeGreaterThanOrEqual(rows[0]?.now);
  });

  test('needs one round trip for each operation', async () => {
    const { pool, schema } = await server.fresh();
    const counted = countedPool(pool);
    const store = postgresIdempotencyStore({ pool: counted, schema });
    await store.claim({ ...claim, attemptId: 'x' });
    await store.renew({ key: 'k', token: 1, leaseMs: 5 });
    await store.complete({ key: 'k', token: 1, result: 'null', ttlMs: 5 });
    await store.claim({ ...claim, attemptId: 'y' });
    await store.list({ limit: 1 });
    await store.read('k');
    expect(counted.count()).toBe(6);
  });
});

function claims(store: IdempotencyStore, claim: Omit<Parameters<IdempotencyStore['claim']>[0], 'attemptId'>) {
  return Promise.all(
    Array.from({ length: 16 }, (_, n) => store.claim({ ...claim, attemptId: `attempt ${n}` })),
  );
}
