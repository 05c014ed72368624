// How this convinces: a statement counts on a real server, and an undisturbed client reads how often it was committed: what
// the armed pool was told and what was done are compared for every act, for single statements and for a COMMIT.

import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ArmedPostgres, armedPostgres } from './armed-postgres.ts';
import type { ProxyAct } from './proxy-act.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { openTestPostgres } from './testing.ts';

const postgres = await openTestPostgres();

postgres.suite('the armed pool of Postgres', () => {
  const schema = postgres.schema();
  let proxy: TcpProxy;
  let plain: Client;
  let armed: ArmedPostgres;
  let next: readonly ProxyAct[] = [];
  let ids = 0;
  const processes: (number | undefined)[] = [];

  beforeAll(async () => {
    const { hostname: host, port } = new URL(postgres.url);
    proxy = await startTcpProxy({ server: { host, port: Number(port) }, protocol: 'postgres' });
    plain = new Client(postgres.url);
    await plain.connect();
    await plain.query(
      `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.counts (id int PRIMARY KEY, n int NOT NULL)`,
    );
    armed = armedPostgres({
      url: postgres.url,
      port: proxy.port,
      async arm({ localPort, processId }) {
        processes.push(processId);
        const acts = next;
        next = [];
        return proxy.arm(localPort, acts);
      },
    });
  });
  afterAll(async () => {
    armed.close();
    await plain.end();
    await proxy.close();
  });

  const counting = (id: number) => ({
    text: `INSERT INTO ${schema}.counts VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = counts.n + 1 RETURNING n`,
    values: [id],
  });
  const single = async (id: number): Promise<unknown> => (await armed.query(counting(id))).rows[0]?.['n'];
  const inTransaction = async (id: number): Promise<unknown> => {
    const connection = await armed.connect();
    let failed = true;
    try {
      await connection.query({ text: 'BEGIN' });
      const { rows } = await connection.query(counting(id));
      await connection.query({ text: 'COMMIT' });
      failed = false;
      return rows[0]?.['n'];
    } finally {
      connection.release(failed);
    }
  };
  const ways = { 'a statement': single, 'a transaction': inTransaction };
  type Way = keyof typeof ways;

  /** What the pool is told of one way of counting under `acts`, what was committed, and how long it took. */
  const under = async (way: Way, ...acts: readonly ProxyAct[]) => {
    ids += 1;
    const id = ids;
    next = acts;
    const fromMs = performance.now();
    const told = await ways[way](id).catch((error: Error & { code?: string }) => error.code ?? error.message);
    const tookMs = performance.now() - fromMs;
    const { rows } = await plain.query(`SELECT n FROM ${schema}.counts WHERE id = $1`, [id]);
    return { told, done: rows[0]?.n ?? 0, tookMs, again: await single(id) };
  };
  const both = Object.keys(ways) as Way[];
  const broken = expect.stringMatching(/ECONNRESET|terminated|EPIPE|not queryable/);

  it.each(both)('answers %s as the server does', async (way) => {
    expect(await under(way)).toMatchObject({ told: 1, done: 1, again: 2 });
  });

  it('uses a connection again, also after an error of the statement, and one for each in flight', async () => {
    processes.length = 0;
    await single(-1);
    await expect(armed.query({ text: 'SELECT 1/0' })).rejects.toMatchObject({ code: '22012' });
    await single(-1);
    expect(new Set(processes).size).toBe(1);
    await Promise.all(Array.from({ length: 4 }, () => armed.query({ text: 'SELECT pg_sleep(0.05)' })));
    expect(new Set(processes.slice(3)).size).toBe(4);
    const { rows } = await armed.query({ text: 'SELECT pg_backend_pid() AS pid' });
    expect(rows[0]?.['pid']).toBe(processes.at(-1));
  });

  it('is refused before a statement is made', async () => {
    expect(await under('a statement', { kind: 'refuse' })).toMatchObject({
      told: 'ECONNREFUSED',
      done: 0,
      again: 1,
    });
  });

  it('commits nothing on a connection that was refused in between', async () => {
    expect(await under('a transaction', { kind: 'refuse' })).toMatchObject({
      told: broken,
      done: 0,
      again: 1,
    });
  });

  it.each(both)('loses %s', async (way) => {
    const seen = await under(way, { kind: 'cut', before: 'forward', afterMs: 0 });
    expect(seen).toMatchObject({ told: broken, done: 0, again: 1 });
  });

  it.each(both)('loses the reply to %s, and does nothing twice', async (way) => {
    const seen = await under(way, { kind: 'cut', before: 'reply', afterMs: 0 });
    expect(seen).toMatchObject({ told: broken, done: 1, again: 2 });
  });

  it('has committed what answers more than the server sends at once, when the reply is lost', async () => {
    next = [{ kind: 'cut', before: 'reply', afterMs: 0 }];
    const many = `INSERT INTO ${schema}.counts SELECT 1000 + i, 1 FROM generate_series(1, 20000) i RETURNING id, n`;
    await expect(armed.query({ text: many })).rejects.toThrow();
    const { rows } = await plain.query(`SELECT count(*)::int AS n FROM ${schema}.counts WHERE id > 1000`);
    expect(rows).toEqual([{ n: 20_000 }]);
  });

  it.each(both)('takes half a reply to %s for none', async (way) => {
    expect(await under(way, { kind: 'truncate' })).toMatchObject({ told: broken, done: 1, again: 2 });
  });

  it('waits for a late answer, within its bounds', async () => {
    const acts = [
      { kind: 'delay', leg: 'request', ms: 60 },
      { kind: 'delay', leg: 'reply', ms: 60 },
    ] as const;
    const seen = await under('a statement', ...acts);
    expect(seen).toMatchObject({ told: 1, done: 1, again: 2 });
    expect(seen.tookMs).toBeGreaterThan(110);
  });

  it.each([
    ['request', 0],
    ['reply', 1],
  ] as const)('gives up in silence, with its %s held', async (leg, done) => {
    const before = leg === 'request' ? 'forward' : 'reply';
    const seen = await under('a statement', { kind: 'cut', before, afterMs: 5_000 });
    expect(seen).toMatchObject({ told: 'Query read timeout', done, again: done + 1 });
    expect(seen.tookMs).toBeLessThan(450);
  });

  it('gives up where the server does, on a statement that takes too long', async () => {
    await expect(armed.query({ text: 'SELECT pg_sleep(5)' })).rejects.toMatchObject({ code: '57014' });
  });
});
