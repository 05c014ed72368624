// Convinces by asking a broker as several workers would: one server for all, a space for each, nothing left in a service that
// goes on, and a service that died is told as such to whoever asks next.

import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { type Broker, type BrokerRequest, broker, serveBroker } from './broker.ts';
import { startPostgres } from './postgres-server.ts';
import { startRedis } from './redis-server.ts';
import { openLocalServers } from './testing.ts';

vi.setConfig({ testTimeout: 60_000 });

const redis = (worker: string): BrokerRequest => ({
  service: 'redis',
  worker,
  file: `${worker}.test.ts`,
  local: false,
});
const postgres = (worker: string): BrokerRequest => ({ ...redis(worker), service: 'postgres' });

async function opened(served: Broker, request: BrokerRequest): Promise<{ url: string; space: string }> {
  const reply = await served.open(request);
  if ('problem' in reply) throw new Error(reply.message);
  return reply;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url);
  await client.connect();
  return (await client.query<Record<string, unknown>>(sql).finally(() => client.end())).rows;
}

const servers = { redis: await openLocalServers('redis'), postgres: await openLocalServers('postgres') };

servers.redis.suite('a broker of Redis', () => {
  it('starts one for all workers, tells which once, and ends it', async () => {
    const told: string[] = [];
    const served = broker({ PAYSTORM_BACKENDS: 'binaries' }, (text) => told.push(text));
    const [one, other] = await Promise.all([opened(served, redis('1')), opened(served, redis('2'))]);
    expect(one.url).toBe(other.url);
    expect(one.space).not.toBe(other.space);
    expect(await opened(served, redis('1'))).toEqual(one);
    expect(told).toEqual([expect.stringMatching(/^real Redis [\d.]+ at redis:\S+ \(binaries\)$/)]);
    expect(await served.close()).toEqual([]);
    const after = broker({ PAYSTORM_REDIS_URL: one.url }, () => {});
    expect(await after.open(redis('1'))).toMatchObject({ problem: 'unreachable' });
    expect(await after.close()).toEqual([]);
  });

  it('removes what the workers stored, and nothing else, from a service that was given', async () => {
    const server = await startRedis();
    const client = new Redis(server.url);
    const served = broker({ PAYSTORM_REDIS_URL: server.url }, () => {});
    const { space } = await opened(served, redis('1'));
    await client.mset(`${space}_7_1:k`, 'ours', 'paystorm_other:k', 'theirs');
    await served.close();
    expect(await client.keys('*')).toEqual(['paystorm_other:k']);
    client.disconnect();
    await server.stop();
  });

  it('says that a service has died to whoever asks for it next', async () => {
    const server = await startRedis();
    const served = broker({ PAYSTORM_REDIS_URL: server.url }, () => {});
    await opened(served, redis('1'));
    await server.stop();
    expect(await served.open(redis('2'))).toMatchObject({
      problem: 'died',
      message: expect.stringContaining('answered before and no longer does'),
    });
    await served.close();
  });
});

servers.postgres.suite('a broker of Postgres', () => {
  it('makes a database for each worker, and removes it from a service that was given', async () => {
    const server = await startPostgres();
    const served = broker({ PAYSTORM_POSTGRES_URL: server.url }, () => {});
    const [one, other] = await Promise.all([opened(served, postgres('1')), opened(served, postgres('2'))]);
    await query(one.url, 'create table t (a int)');
    expect(await query(other.url, "select to_regclass('t') as t")).toEqual([{ t: null }]);
    // A connection that a test forgot does not keep its database.
    const forgotten = new Client(one.url);
    forgotten.on('error', () => {});
    await forgotten.connect();
    await served.close();
    expect(await query(server.url, "select datname from pg_database where datname like 'paystorm%'")).toEqual(
      [],
    );
    await server.stop();
  });

  it('says what a user lacks who may not create databases', async () => {
    const server = await startPostgres();
    await query(server.url, "create role poor login password 'p'");
    const url = new URL(server.url);
    url.username = 'poor';
    url.password = 'p';
    const served = broker({ PAYSTORM_POSTGRES_URL: url.href }, () => {});
    expect(await served.open(postgres('1'))).toMatchObject({
      problem: 'privilege',
      message: expect.stringMatching(/permission denied to create database\); grant its user CREATEDB$/),
    });
    await served.close();
    await server.stop();
  });
});

describe('a broker without services', () => {
  it('lists the files that went without, and the command that would help', async () => {
    const served = broker({ PAYSTORM_BACKENDS: 'urls' }, () => {});
    for (const request of [redis('b'), redis('a'), postgres('c'), redis('a')])
      expect(await served.open(request)).toMatchObject({ problem: 'missing' });
    expect(await served.close()).toEqual([
      'skipped without a real Postgres: c.test.ts',
      'skipped without a real Redis: a.test.ts, b.test.ts',
      expect.stringMatching(/^to run them: export PAYSTORM_POSTGRES_URL=\S+ PAYSTORM_REDIS_URL=\S+$/),
    ]);
  });

  it('says of a server that is to be started elsewhere only whether it can be', async () => {
    vi.stubEnv('PATH', '/nowhere');
    const served = broker({}, () => {});
    expect(await served.open({ ...redis('a'), local: true })).toMatchObject({
      problem: 'missing',
      message: expect.stringMatching(/^there is no redis-server on the path; to have it: \S/),
    });
    vi.unstubAllEnvs();
    expect(await served.close()).toEqual([
      'skipped without a real Redis: a.test.ts',
      expect.stringContaining('to run them: '),
    ]);
  });

  it('answers over its socket, also when what it is asked makes no sense', async () => {
    const served = broker({ PAYSTORM_BACKENDS: 'podman' }, () => {});
    const { port, close } = await serveBroker(served);
    const { connect } = await import('node:net');
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(`${JSON.stringify(redis('1'))}\n`));
      socket.once('data', (data) => resolve(String(data)));
    });
    expect(JSON.parse(answer)).toMatchObject({
      problem: 'address',
      message: expect.stringContaining('PAYSTORM_BACKENDS must be one of'),
    });
    close();
  });
});
