// A real server for the tests beside the drivers: the one that is named, or a cluster of its own from the machine's binaries.

import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, getuid } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { afterAll } from 'vitest';
import { connectPostgres, type PostgresConnectOptions } from './connect-postgres.ts';
import { migratePostgres } from './migrate.ts';
import type { PostgresQueryable } from './pool.ts';

/** A server that tests may do anything to, in schemas of their own. */
export interface TestPostgres {
  readonly url: string;
  /** A pool that is ended after the file's tests; at `url` or another URL of the same server. */
  connect(options?: PostgresConnectOptions, otherUrl?: string): Promise<Pool>;
  /** The name of a schema that no other test knows, not yet made. */
  name(): Promise<string>;
  /** A pool with a schema of its own that no other test knows, migrated. */
  fresh(options?: PostgresConnectOptions): Promise<{ readonly pool: Pool; readonly schema: string }>;
  /** Resolves when `count` statements about one schema wait for a lock. */
  waiting(asked: { readonly pool: Pool; readonly schema: string; readonly count?: number }): Promise<void>;
}

/** A pool that counts what is sent through it. */
export function countedPool(pool: PostgresQueryable): PostgresQueryable & { count(): number } {
  let count = 0;
  return {
    query(query) {
      count += 1;
      return pool.query(query);
    },
    count: () => count,
  };
}

/** The server, or null where there is none; then the tests skip, unless PAYSTORM_REQUIRE_REAL=1. */
export async function testPostgres(): Promise<TestPostgres | null> {
  const bin = binaries();
  const url = env['PAYSTORM_POSTGRES_URL'] ?? (bin === undefined ? undefined : await start(bin));
  if (url === undefined) {
    if (env['PAYSTORM_REQUIRE_REAL'] !== '1') return null;
    throw new Error(
      'no Postgres: set PAYSTORM_POSTGRES_URL, or install one (Debian: apt-get install postgresql)',
    );
  }
  const pools: Pool[] = [];
  const schemas: string[] = [];
  afterAll(async () => {
    for (const schema of schemas) await pools[0]?.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    // A pool waits for what a failed test still holds.
    await Promise.race([Promise.all(pools.map((pool) => pool.end())), sleep(2_000)]);
  });
  const connect: TestPostgres['connect'] = async (options, otherUrl = url) => {
    // A machine that runs other things as well must not fail a test that is about something else.
    const patient = {
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
      statement_timeout: 9_000,
      lock_timeout: 9_000,
    };
    const pool = await connectPostgres(otherUrl, { ...patient, ...options });
    pools.push(pool);
    return pool;
  };
  const name = async (): Promise<string> => {
    const pool = pools[0] ?? (await connect());
    // A name for each transaction, of which the server counts every one.
    const { rows } = await pool.query(`SELECT 'test_' || pg_current_xact_id() AS name`);
    schemas.push(rows[0]?.name);
    return rows[0]?.name;
  };
  return {
    url,
    connect,
    name,
    async fresh(options) {
      const [pool, schema] = [await connect(options), await name()];
      await migratePostgres({ pool, schema });
      return { pool, schema };
    },
    async waiting({ pool, schema, count = 1 }) {
      const text = `SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query LIKE $1`;
      for (;;) {
        const { rows } = await pool.query({ text, values: [`%${schema}.%`] });
        if (rows[0]?.waiting >= count) return;
        await sleep(2);
      }
    },
  };
}

function binaries(): string | undefined {
  return globSync('/usr/lib/postgresql/*/bin')
    .filter((bin) => existsSync(join(bin, 'initdb')))
    .at(-1);
}

/** A new cluster that ends, and whose folder goes, with this process, however that ends. */
async function start(bin: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'paystorm-postgres-'));
  // The server refuses to run as root.
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres']));
  const user = getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : {};
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  execFileSync(join(bin, 'initdb'), initdb, { ...user, cwd: folder, stdio: 'ignore' });
  const port = await freePort();
  const settings = ['-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const server = [join(bin, 'postgres'), '-D', data, '-k', folder, ...settings];
  // The pipe closes when this process ends.
  const script = `"$@" & cat > /dev/null; kill -INT $!; wait $!; rm -rf ${folder}`;
  const guard = spawn('sh', ['-c', script, 'sh', ...server], {
    ...user,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  const ended = new Promise((resolve) => guard.once('exit', resolve));
  afterAll(async () => {
    guard.ref();
    guard.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  for (let tries = 0; tries < 200 && !isUp(bin, port, folder); tries++) await sleep(50);
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

function isUp(bin: string, port: number, cwd: string): boolean {
  try {
    execFileSync(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)], { cwd });
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
