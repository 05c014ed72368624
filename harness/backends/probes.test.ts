// Convinces by asking real servers that are set up badly, and small stand-ins for those that this machine does not have (an
// old version, a service that says nothing): each is one line that names the place and says what to do, within a bounded time.

import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { probePostgres } from './postgres-probe.ts';
import { startPostgres } from './postgres-server.ts';
import { probeRedis } from './redis-probe.ts';
import { startRedis } from './redis-server.ts';
import { openLocalServers } from './testing.ts';

vi.setConfig({ testTimeout: 60_000 });

const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of leftovers) await end();
});

/** A stand-in for a server, and its port. */
async function standIn(answer: (socket: Socket, data: Buffer, turn: number) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    let turn = 0;
    sockets.add(socket.on('error', () => {}));
    socket.on('data', (data) => {
      answer(socket, data, turn);
      turn += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leftovers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Enough to be refused; silence is silence however long it lasts. */
const patienceMs = 500;

const silent = await standIn(() => {});
const web = await standIn((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));

/** A Redis that knows but one answer. */
const redisSaying = (info: string): Promise<number> =>
  standIn((socket) => socket.write(`$${info.length}\r\n${info}\r\n`));

/** A Postgres that lets everybody in and answers every query with one row. */
const postgresSaying = (...row: string[]): Promise<number> => {
  const message = (type: string, ...body: Buffer[]): Buffer => {
    const content = Buffer.concat(body);
    const head = Buffer.alloc(5);
    head.write(type, 0, 'latin1');
    head.writeInt32BE(content.length + 4, 1);
    return Buffer.concat([head, content]);
  };
  const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
  const int32 = (value: number): Buffer => Buffer.concat([int16(value >>> 16), int16(value & 65_535)]);
  const ready = message('Z', Buffer.from('I'));
  const columns = ['number', 'version', 'readonly'].map((name, index) =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int32(0),
      int16(0),
      int32(index === 2 ? 16 : 25),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
  const values = row.map((text) => Buffer.concat([int32(text.length), Buffer.from(text)]));
  return standIn((socket, _data, turn) => {
    if (turn === 0) socket.write(Buffer.concat([message('R', int32(0)), ready]));
    else
      socket.write(
        Buffer.concat([
          message('T', int16(3), ...columns),
          message('D', int16(3), ...values),
          message('C', Buffer.from('SELECT 1\0')),
          ready,
        ]),
      );
  });
};

describe('a Redis that cannot be used', () => {
  it.each([
    { about: 'nobody listens', port: 1, says: 'does not answer (connect ECONNREFUSED' },
    { about: 'it says nothing', port: silent, says: 'does not answer (' },
    { about: 'it is no Redis', port: web, says: 'does not answer (' },
  ])('is unreachable when $about', async ({ port, says }) => {
    await expect(probeRedis(`redis://:secret@127.0.0.1:${port}`, { patienceMs })).rejects.toMatchObject({
      problem: 'unreachable',
      message: expect.stringContaining(`Redis at redis://127.0.0.1:${port} ${says}`),
    });
  });

  it('is told to be too old', async () => {
    const port = await redisSaying('redis_version:6.2.14\r\nrole:master\r\n');
    await expect(probeRedis(`redis://127.0.0.1:${port}`)).rejects.toMatchObject({
      problem: 'version',
      message: `Redis at redis://127.0.0.1:${port} is version 6.2.14, and paystorm needs 7 or newer; give the address of a newer one`,
    });
  });

  it('is told to be still loading', async () => {
    const port = await redisSaying('redis_version:7.2.4\r\nloading:1\r\nrole:master\r\n');
    await expect(probeRedis(`redis://127.0.0.1:${port}`)).rejects.toMatchObject({
      problem: 'unreachable',
      message: expect.stringContaining('is still loading its data'),
    });
  });
});

const servers = { redis: await openLocalServers('redis'), postgres: await openLocalServers('postgres') };

servers.redis.suite('a real Redis', () => {
  it('is told to want a password, or another one', async () => {
    const redis = await startRedis({ settings: { requirepass: 'correct' } });
    await expect(probeRedis(`redis://127.0.0.1:${redis.port}`)).rejects.toMatchObject({
      problem: 'password',
      message: `Redis at redis://127.0.0.1:${redis.port} needs a password; put it into its URL (redis://:password@host:port)`,
    });
    const refused = await probeRedis(`redis://:hunter2@127.0.0.1:${redis.port}`).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({
      problem: 'password',
      message: expect.stringContaining('refuses the password in its URL'),
    });
    expect(String(refused)).not.toContain('hunter2');
    await redis.stop();
  });

  it('is told to be a replica, and can be had as one', async () => {
    const primary = await startRedis();
    const replica = await startRedis({ replicaOf: primary });
    await expect(probeRedis(replica.url)).rejects.toMatchObject({
      problem: 'read-only',
      message: `Redis at ${replica.url} is a replica and refuses to write; give the address of its primary`,
    });
    await Promise.all([replica.stop(), primary.stop()]);
  });
});

describe('a Postgres that cannot be used', () => {
  it.each([
    { about: 'nobody listens', port: 1 },
    { about: 'it says nothing', port: silent },
    { about: 'it is no Postgres', port: web },
  ])('is unreachable when $about', async ({ port }) => {
    await expect(
      probePostgres(`postgres://me:secret@127.0.0.1:${port}/db`, { patienceMs }),
    ).rejects.toMatchObject({
      problem: 'unreachable',
      message: expect.stringMatching(
        `^Postgres at postgres://me@127.0.0.1:${port}/db does not answer \\(.+\\); start it, or correct or unset the URL$`,
      ),
    });
  });

  it('is told to be too old', async () => {
    const port = await postgresSaying('130011', '13.11 (Debian)', 'f');
    await expect(probePostgres(`postgres://me@127.0.0.1:${port}/db`)).rejects.toMatchObject({
      problem: 'version',
      message: expect.stringContaining('is version 13.11 (Debian), and paystorm needs 14 or newer'),
    });
  });

  it('is told to be read-only', async () => {
    const port = await postgresSaying('150000', '15.0', 't');
    await expect(probePostgres(`postgres://me@127.0.0.1:${port}/db`)).rejects.toMatchObject({
      problem: 'read-only',
    });
  });

  it('is good enough when it is new and writable', async () => {
    const port = await postgresSaying('140000', '14.0 (Debian 14.0-1)', 'f');
    await expect(probePostgres(`postgres://me@127.0.0.1:${port}/db`)).resolves.toEqual({ version: '14.0' });
  });
});

servers.postgres.suite('a real Postgres', () => {
  it('is told to want a password or another one, and to be a replica', async () => {
    const primary = await startPostgres();
    const at = (change: (url: URL) => void): string => {
      const url = new URL(primary.url);
      change(url);
      return url.href;
    };
    const without = at((url) => {
      url.password = '';
    });
    await expect(probePostgres(without)).rejects.toMatchObject({
      problem: 'password',
      message: expect.stringContaining('needs a password; put it into its URL'),
    });
    const wrong = at((url) => {
      url.password = 'hunter2';
    });
    const refused = await probePostgres(wrong).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      problem: 'password',
      message: expect.stringContaining('refuses the user or password in its URL'),
    });
    expect(String(refused)).not.toContain('hunter2');
    const replica = await startPostgres({ replicaOf: primary });
    await expect(probePostgres(replica.url)).rejects.toMatchObject({
      problem: 'read-only',
      message: expect.stringContaining('is a replica, or otherwise read-only'),
    });
    await Promise.all([replica.stop(), primary.stop()]);
  });
});
