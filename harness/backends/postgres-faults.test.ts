// How this convinces: a pool that is connected as the stores are counts in a table, before, under and after each fault of a
// real pair of servers. The codes are the server's own, what failed was not committed, and nobody else was struck.

import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ArmedPostgres, armedPostgres } from './armed-postgres.ts';
import type { ArmedConnection } from './arming.ts';
import type { LocalServer } from './local-server.ts';
import { type PostgresFaultKind, type PostgresFaults, postgresFaults } from './postgres-faults.ts';
import { startPostgres } from './postgres-server.ts';
import type { Ongoing } from './server-fault.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { openLocalServers } from './testing.ts';

const { suite } = await openLocalServers('postgres');

suite('a Postgres server', () => {
  let servers: LocalServer[] = [];
  let proxy: TcpProxy;
  let armed: ArmedPostgres;
  let faults: PostgresFaults;
  let arm: (connection: ArmedConnection) => Promise<Ongoing | undefined> = async () => undefined;
  const ongoing: Ongoing[] = [];

  beforeAll(async () => {
    const settings = { max_connections: '16', wal_retrieve_retry_interval: '100ms' };
    const primary = await startPostgres({ settings });
    servers = [primary];
    const replica = await startPostgres({ settings, replicaOf: primary });
    servers.push(replica);
    proxy = await startTcpProxy({ server: { host: '127.0.0.1', port: primary.port }, protocol: 'postgres' });
    faults = await postgresFaults({ primary, replica, proxyPort: proxy.port });
    armed = armedPostgres({ url: primary.url, port: proxy.port, arm: (connection) => arm(connection) });
    await armed.query({ text: 'CREATE SCHEMA stores' });
    await armed.query({ text: 'CREATE TABLE stores.counts (id text PRIMARY KEY, n int NOT NULL)' });
    await faults.snare('stores');
  });
  afterAll(async () => {
    armed.close();
    await faults.close();
    await proxy.close();
    for (const server of servers.reverse()) await server.stop();
  });
  afterEach(async () => {
    arm = async () => undefined;
    for (const fault of ongoing.splice(0)) await fault.end();
  });

  const statement = (id: string) => ({
    text: 'INSERT INTO stores.counts VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = counts.n + 1 RETURNING n',
    values: [id],
  });
  const count = async (id: string): Promise<unknown> => {
    try {
      return (await armed.query(statement(id))).rows[0]?.['n'];
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : String(error);
    }
  };
  const begin = async (kind: PostgresFaultKind, on?: ArmedConnection): Promise<Ongoing> => {
    const fault = await faults.begin(kind, on);
    ongoing.push(fault);
    return fault;
  };
  const end = async (fault: Ongoing): Promise<void> => {
    ongoing.splice(ongoing.indexOf(fault), 1);
    await fault.end();
  };
  /** Begins a fault on the connection of the next statement alone. */
  const strikeNext = (kind: PostgresFaultKind): void => {
    arm = async (connection) => {
      arm = async () => undefined;
      return begin(kind, connection);
    };
  };

  it.each<[PostgresFaultKind, string]>([
    ['postgres-serialization', '40001'],
    ['postgres-deadlock', '40P01'],
    ['postgres-lock-timeout', '55P03'],
    ['postgres-terminated', '57P01'],
    ['postgres-disk-full', '53100'],
  ])(
    'under %s answers %s to one that writes, commits nothing of it, and lets others pass',
    async (kind, code) => {
      expect(await count(kind)).toBe(1);
      strikeNext(kind);
      const [struck, others] = await Promise.all([
        count(kind),
        // Their connections are taken while the struck one is in use.
        Promise.all(['a', 'b'].map((id) => count(`${kind} ${id}`))),
      ]);
      expect([struck, others]).toEqual([code, [1, 1]]);
      for (const fault of ongoing.splice(0)) await fault.end();
      expect(await count(kind)).toBe(2);
    },
  );

  it.each<PostgresFaultKind>(['postgres-deadlock', 'postgres-lock-timeout'])(
    'ends %s that nobody ran into',
    async (kind) => {
      await end(await begin(kind));
      expect(await count(`${kind} unmet`)).toBe(1);
    },
  );

  it('strikes whoever writes when no connection is named, and no look-up', async () => {
    expect(await count('anybody')).toBe(1);
    const fault = await begin('postgres-disk-full');
    expect([await count('anybody'), await count('anybody')]).toEqual(['53100', '53100']);
    const { rows } = await armed.query({ text: `SELECT n FROM stores.counts WHERE id = 'anybody'` });
    expect(rows).toEqual([{ n: 1 }]);
    await end(fault);
    expect(await count('anybody')).toBe(2);
  });

  it('raises what two transactions get that cannot be serialised', async () => {
    const url = servers[0]?.url ?? '';
    const [one, other] = [new Client(url), new Client(url)];
    await Promise.all([one.connect(), other.connect()]);
    await count('conflict');
    await one.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await one.query('SELECT FROM stores.counts');
    await other.query(statement('conflict'));
    const genuine = await one.query(statement('conflict')).catch((error: Error) => error);
    await Promise.all([one.end(), other.end()]);
    strikeNext('postgres-serialization');
    const raised = await armed.query(statement('conflict')).catch((error: Error) => error);
    const seen = (error: unknown) => {
      const { name, message, code, severity } = error as Error & { code: string; severity: string };
      return { name, message, code, severity };
    };
    expect(seen(raised)).toEqual(seen(genuine));
  });

  it('has no slot left for a new connection, and has some again afterwards', async () => {
    expect(await count('slots')).toBe(1);
    strikeNext('postgres-slots');
    expect(await count('slots')).toBe('53300');
    for (const fault of ongoing.splice(0)) await fault.end();
    expect(await count('slots')).toBe(2);
  });

  it('that is shut down at once keeps what it committed, lets nobody in meanwhile, and comes back', async () => {
    expect(await count('shutdown')).toBe(1);
    const fault = await begin('postgres-shutdown');
    const seen = new Set<unknown>([await count('shutdown'), await count('shutdown')]);
    let isBack = false;
    const back = end(fault).then(() => {
      isBack = true;
    });
    while (!isBack) {
      const told = await count('meanwhile');
      if (typeof told === 'string') seen.add(told);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await back;
    const network = ['ECONNRESET', 'EPIPE', 'Error: Connection terminated unexpectedly'];
    expect([
      ...network,
      '57P03',
      'Error: Client has encountered a connection error and is not queryable',
    ]).toEqual(expect.arrayContaining([...seen]));
    expect(await count('shutdown')).toBe(2);
    // What snares need has survived too.
    strikeNext('postgres-lock-timeout');
    expect(await count('shutdown')).toBe('55P03');
  });

  it('whose replica lags shows there what was true, and catches up', async () => {
    const replica = new Client(servers[1]?.url ?? '');
    await replica.connect();
    const there = async (): Promise<unknown> =>
      (await replica.query(`SELECT n FROM stores.counts WHERE id = 'lag'`)).rows[0]?.n;
    expect(await count('lag')).toBe(1);
    const fault = await begin('postgres-replica-lag');
    expect([await count('lag'), await there()]).toEqual([2, 1]);
    await end(fault);
    expect(await there()).toBe(2);
    await replica.end();
  });
});
