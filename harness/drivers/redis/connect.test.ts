// Convinces by real servers that are wrong in one way each: what connecting says names the way and what to do, holds no
// password, and comes in bounded time with nothing left open.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectRedisOptions, connectRedis, redisIdempotencyStore } from '../../../src/redis.ts';
import { freePort, freshPrefix, noOwnServer, type OwnServer, ownServer } from './testing.ts';

const asked = { key: 'k', fingerprint: 'f', request: '{}', attemptId: 'a', leaseMs: 1_000 };

describe.skipIf(noOwnServer)('connecting to Redis', () => {
  const opened: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const { stop } of opened.splice(0)) await stop();
  });
  const start = async (settings?: readonly string[], port?: number): Promise<OwnServer> => {
    const server = await ownServer(settings, port);
    opened.push(server);
    return server;
  };
  const refusal = (url: string, options?: ConnectRedisOptions): Promise<unknown> =>
    connectRedis(url, options).then(
      (redis) => {
        redis.disconnect();
        return 'connected';
      },
      (error: unknown) => error,
    );
  /** A server that answers every command with the same bytes, or none. */
  const impostor = async (bytes?: string): Promise<string> => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {});
      if (bytes !== undefined) socket.on('data', () => socket.write(bytes));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push({ stop: async () => void server.close() });
    return `redis://127.0.0.1:${Object(server.address()).port}`;
  };

  it('asks for a URL of Redis', async () => {
    for (const url of ['', 'localhost:6379', 'https://localhost', 'redis:']) {
      await expect(connectRedis(url), url).rejects.toMatchObject({ code: 'validation_error' });
    }
  });

  it('says that nobody is there', async () => {
    const url = `redis://u:secret@127.0.0.1:${await freePort()}`;
    const told: string[] = [];
    const error = await refusal(url, { onError: ({ message }) => told.push(message) });
    expect(error).toMatchObject({ name: 'StoreUnavailableError' });
    expect(String(error)).toContain('ECONNREFUSED');
    expect(told).toHaveLength(1);
    expect(String(error)).not.toContain('secret');
  });

  it('gives up on a server that accepts and says nothing', async () => {
    expect(await refusal(await impostor())).toMatchObject({ name: 'StoreUnavailableError' });
  });

  it('says that what answers is no Redis', async () => {
    expect(await refusal(await impostor('HTTP/1.1 400 Bad Request\r\n\r\n'))).toMatchObject({
      name: 'StoreUnavailableError',
    });
  });

  it('says that the password is wrong, or missing', async () => {
    const { url } = await start(['--requirepass', 'right']);
    const wrong = await refusal(url.replace('//', '//:wrong@'));
    expect(wrong).toMatchObject({ name: 'StoreMisconfiguredError', retriable: false });
    expect(String(wrong)).toMatch(/WRONGPASS: the server refuses the password/);
    expect(String(wrong)).not.toContain('wrong@');
    expect(String(await refusal(url))).toMatch(/NOAUTH: the server asks for a password/);
    expect(await refusal(url.replace('//', '//:right@'))).toBe('connected');
  });

  it('says that a server is too old', async () => {
    const info = '# Server\r\nredis_version:6.2.14\r\n';
    const url = await impostor(`$${info.length}\r\n${info}\r\n`);
    const error = await refusal(url, { client: { disableClientInfo: true } });
    expect(error).toMatchObject({ name: 'StoreMisconfiguredError' });
    expect(String(error)).toContain('version 6.2.14; Redis 7.0 or later is needed');
  });

  it('refuses a replica, and a store on a replica answers nothing out of date', async () => {
    const { url: primary } = await start();
    const { port } = new URL(primary);
    const { url } = await start(['--replicaof', `127.0.0.1 ${port}`]);
    expect(String(await refusal(url))).toMatch(/READONLY|LOADING/);
    const redis = await connectRedis(primary);
    const store = redisIdempotencyStore({ redis, keyPrefix: freshPrefix() });
    await store.claim(asked);
    await redis.replicaof('127.0.0.1', await freePort());
    await expect(store.read('k')).rejects.toThrow(/idempotency.read failed with READONLY/);
    redis.disconnect();
  });

  it('refuses a server that may evict claims, unless it is told that this does no harm', async () => {
    const { url } = await start(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru']);
    expect(String(await refusal(url))).toContain('maxmemory-policy allkeys-lru may evict claims');
    expect(await refusal(url, { allowEviction: true })).toBe('connected');
  });

  it('fails every command at once while the server is away, and serves again when it is back', async () => {
    const server = await start();
    const redis = await connectRedis(server.url);
    const store = redisIdempotencyStore({ redis, keyPrefix: freshPrefix() });
    await store.claim(asked);
    const gone = once(redis, 'close');
    await server.stop();
    await gone;
    await expect(store.claim(asked)).rejects.toMatchObject({ code: 'store_unavailable' });
    const { port } = new URL(server.url);
    const ready = once(redis, 'ready');
    await start([], Number(port));
    await ready;
    expect((await store.claim(asked)).record.token).toBe(1);
    redis.disconnect();
  });

  it('gives up on a server that has stopped in the middle, and sends nothing again', async () => {
    const server = await start();
    const redis = await connectRedis(server.url);
    const keyPrefix = freshPrefix();
    const store = redisIdempotencyStore({ redis, keyPrefix });
    await store.claim(asked);
    server.process.kill('SIGSTOP');
    await expect(store.release({ key: 'k', token: 1 })).rejects.toMatchObject({ code: 'store_unavailable' });
    server.process.kill('SIGCONT');
    redis.disconnect();
    const other = await connectRedis(server.url);
    const calls = await other.info('commandstats');
    other.disconnect();
    expect(/cmdstat_evalsha:calls=(\d+)/.exec(calls)?.[1]).toBe('2');
  });
});
