// Convinces by failing for real: each fault is made on a real server, or by a listener that never answers, and what comes out is one
// typed error in bounded time, which names the server's code and nothing of the request.

import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  StoreMisconfiguredError,
  StoreUnavailableError,
  ValidationError,
} from '../../../src/errors/payment-error.ts';
import { connectPostgres } from '../../../src/stores/postgres/connect-postgres.ts';
import { postgresIdempotencyStore } from '../../../src/stores/postgres/idempotency-store.ts';
import { postgresInboxStore } from '../../../src/stores/postgres/inbox-store.ts';
import { postgresLedgerStore } from '../../../src/stores/postgres/ledger-store.ts';
import { checkSchema, migratePostgres } from '../../../src/stores/postgres/migrate.ts';
import { postgresVerdictLog } from '../../../src/stores/postgres/verdict-log.ts';
import { postgresLane } from './testing.ts';

const server = await postgresLane();

server.suite('the way to Postgres', () => {
  const claim = { key: 'secret-key', fingerprint: 'f', request: '{}', attemptId: 'x', leaseMs: 60_000 };
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** Accepts and never says a word. */
  async function silence(): Promise<string> {
    const sockets: Socket[] = [];
    const listener: Server = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    });
    const address = listener.address();
    return `postgres://user:hidden@127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/db`;
  }

  async function failure(work: Promise<unknown>): Promise<Error> {
    const error: unknown = await work.then(
      () => new Error('it succeeded'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify([String(error), error])).not.toMatch(/secret|hidden/);
    return error as Error;
  }

  test('gives up in bounded time on a server that never answers', async () => {
    expect(await failure(connectPostgres(await silence()))).toBeInstanceOf(StoreUnavailableError);
  }, 5_000);

  test('gives up on a server that falls silent, and calls it unknown', async () => {
    const { pool, schema } = await server.fresh();
    const impatient = await server.connect({ query_timeout: 300 });
    const store = postgresIdempotencyStore({ pool: impatient, schema });
    // Longer than the client waits.
    await pool.query(`CREATE OR REPLACE FUNCTION ${schema}.clock_ms(p_now_ms float8) RETURNS float8 LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_sleep(1); RETURN 0; END $$`);
    const error = await failure(store.read(claim.key));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error.message).toMatch(/Query read timeout.*not known/);
  }, 5_000);

  test('says that nobody is there, that the URL is none, and that there is no such database', async () => {
    const refused = await failure(connectPostgres('postgres://user:hidden@127.0.0.1:1/db'));
    expect(refused).toBeInstanceOf(StoreUnavailableError);
    expect(refused.message).toContain('ECONNREFUSED');
    for (const url of ['', 'mysql://user:hidden@localhost/db', 'postgres://a b:hidden@[/']) {
      expect(await failure(connectPostgres(url))).toBeInstanceOf(ValidationError);
    }
    const missing = await failure(connectPostgres(server.url.replace(/[^/]*$/, 'nowhere')));
    expect(missing).toBeInstanceOf(StoreMisconfiguredError);
    expect(missing.message).toMatch(/no such database/);
  });

  test('refuses a database that is read-only or keeps its texts in another encoding', async () => {
    const readOnly = await failure(
      connectPostgres(server.url, { options: '-c default_transaction_read_only=on' }),
    );
    expect(readOnly).not.toBeInstanceOf(StoreMisconfiguredError);
    expect(readOnly.message).toMatch(/read-only/);
    const pool = await server.connect();
    const name = `${server.schema()}_latin`;
    await pool.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    const latin = await failure(connectPostgres(server.url.replace(/[^/]*$/, name)));
    await pool.query(`DROP DATABASE ${name}`);
    expect(latin).toBeInstanceOf(StoreMisconfiguredError);
    expect(latin.message).toMatch(/LATIN1.*UTF8/);
  });

  test('says that the schema has to be made, for a store that is used without it', async () => {
    const pool = await server.connect();
    const store = postgresIdempotencyStore({ pool, schema: 'not_there' });
    const error = await failure(store.claim(claim));
    expect(error).toBeInstanceOf(StoreMisconfiguredError);
    expect(error.message).toMatch(/3F000.*migratePostgres/);
  });

  test('serves a user who may do no more than the document of stores says', async () => {
    const { pool, schema } = await server.fresh();
    const user = `${schema}_user`;
    await pool.query(`CREATE ROLE ${user} LOGIN PASSWORD 'hidden'`);
    const url = new URL(server.url);
    url.username = user;
    url.password = 'hidden';
    const shop = await server.connect({}, url.href);
    const options = { pool: shop, schema };
    const refused = await failure(postgresIdempotencyStore(options).claim(claim));
    expect(refused).toBeInstanceOf(StoreMisconfiguredError);
    expect(refused.message).toMatch(/42501/);
    await pool.query(`GRANT USAGE ON SCHEMA ${schema} TO ${user}`);
    await pool.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${user}`);
    await pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${user}`);
    await checkSchema(options);
    expect(await postgresIdempotencyStore(options).claim(claim)).toMatchObject({ owned: true });
    const inbox = postgresInboxStore(options);
    await inbox.receive({ id: '1', object: 'o', event: '{}', claim: { attemptId: 'x', leaseMs: 60_000 } });
    expect(await inbox.finish({ id: '1', token: 1, effects: [], dedupTtlMs: 0 })).toMatchObject({
      written: true,
    });
    await postgresLedgerStore(options).commit([]);
    await postgresVerdictLog(options).withdraw({ attemptId: 'a', evaluationId: 'e' });
    await pool.query(`DROP OWNED BY ${user}`);
    await pool.query(`DROP ROLE ${user}`);
  });

  test('names the code for what the server refuses', async () => {
    const { pool, schema } = await server.fresh({ lock_timeout: 200 });
    const store = postgresIdempotencyStore({ pool, schema });
    await store.claim(claim);
    const held = await pool.connect();
    await held.query('BEGIN');
    await held.query(`SELECT key FROM ${schema}.idempotency_records FOR UPDATE`);
    const waiting = store.renew({ key: claim.key, token: 1, leaseMs: 5 });
    expect((await failure(waiting)).message).toMatch(/idempotency store.renew failed with 55P03/);
    await held.query('COMMIT');
    held.release();
    for (const code of ['40001', '40P01', '53100', '57P03', '23505', '57014']) {
      await pool.query(`CREATE OR REPLACE FUNCTION ${schema}.clock_ms(p_now_ms float8) RETURNS float8
        LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '${code}', DETAIL = 'secret'; END $$`);
      const error = await failure(store.claim(claim));
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error).not.toBeInstanceOf(StoreMisconfiguredError);
      expect(error.message).toContain(code);
    }
  });

  test('answers from no transaction that cannot see what it waited for, and from none that is read-only', async () => {
    const { schema } = await server.fresh();
    const serial = await server.connect({ options: '-c default_transaction_isolation=serializable' });
    const error = await failure(postgresIdempotencyStore({ pool: serial, schema }).read('k'));
    expect(error.message).toMatch(/PS001.*READ COMMITTED/);
    const pool = await server.connect();
    const reader = await pool.connect();
    await reader.query('BEGIN READ ONLY');
    const refused = await failure(postgresIdempotencyStore({ pool: reader, schema }).claim(claim));
    expect(refused.message).toMatch(/25006/);
    reader.release(true);
  });

  test('outlives connections that the server ends, idle and busy, and uses others then', async () => {
    const { pool, schema } = await server.fresh({ application_name: 'doomed' });
    const store = postgresIdempotencyStore({ pool, schema });
    await store.claim(claim);
    const other = await server.connect();
    const kill = (whose = 'true') => `SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
      WHERE application_name = 'doomed'
      AND ${whose}`;
    await other.query(kill());
    expect(await eventually(() => store.read(claim.key))).toMatchObject({ state: 'IN_FLIGHT' });
    const held = await pool.connect();
    held.on('error', () => {});
    await held.query('BEGIN');
    await held.query(`SELECT key FROM ${schema}.idempotency_records FOR UPDATE`);
    const renewing = failure(store.renew({ key: claim.key, token: 1, leaseMs: 5 }));
    await server.waiting({ pool: other, schema });
    await other.query(kill("wait_event_type = 'Lock'"));
    expect((await renewing).message).toMatch(/57P01/);
    held.release(true);
    expect(await eventually(() => store.read(claim.key))).toMatchObject({ token: 1 });
  });

  test('claims once though the reply is lost and the claim is made again', async () => {
    const { pool, schema } = await server.fresh();
    const store = postgresIdempotencyStore({ pool, schema });
    const deaf = postgresIdempotencyStore({
      schema,
      pool: {
        async query(query) {
          await pool.query(query);
          throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
        },
      },
    });
    const error = await failure(deaf.claim(claim));
    expect(error.message).toMatch(/ECONNRESET.*not known/);
    expect(await store.claim(claim)).toMatchObject({ owned: true, record: { token: 1 } });
  });

  test('says what is wrong with a number, and sends nothing', async () => {
    const pool = { query: () => Promise.reject(new Error('it was sent')) };
    const store = postgresIdempotencyStore({ pool });
    for (const leaseMs of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = await failure(store.claim({ ...claim, leaseMs }));
      expect(error).toBeInstanceOf(ValidationError);
      expect(error.message).toMatch(/finite/);
    }
    expect(() => postgresIdempotencyStore({ pool: {} } as never)).toThrow(ValidationError);
  });

  test('migrates and checks nothing that is not fit', async () => {
    const pool = await server.connect({ options: '-c default_transaction_read_only=on' }).catch(() => null);
    expect(pool).toBeNull();
    const old = {
      connect: () => Promise.reject(new Error('it went on')),
      query: async () => ({
        command: 'SELECT',
        rows: [{ version: '130012', replica: false, readonly: 'off', encoding: 'UTF8' }],
      }),
    };
    for (const run of [migratePostgres, checkSchema]) {
      const error = await failure(run({ pool: old }));
      expect(error).toBeInstanceOf(StoreMisconfiguredError);
      expect(error.message).toMatch(/version 13.*14 or newer/);
    }
  });

  /** A pool learns of a connection's end a moment after the server ended it. */
  async function eventually<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (tries === 20) throw error;
      }
    }
  }
});
