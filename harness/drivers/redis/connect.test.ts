// Convinces by real servers that are wrong in one way each: what connecting says names the way and what to do, holds no
// password, and comes in bounded time with nothing left open.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { type ConnectRedisOptions, connectRedis, redisIdempotencyStore } from '../../../src/redis.ts';
import type { LocalServer } from '../../backends/local-server.ts';
import { type RedisServerOptions, startRedis } from '../../backends/redis-server.ts';
import { openLocalServers } from '../../backends/testing.ts';
import { patience, patientRedis } from './testing.ts';

const asked = { key: 'k', fingerprint: 'f', request: '{}', attemptId: 'a', leaseMs: 1_000 };

const local = await openLocalServers('redis');

local.suite('connecting to Redis', () => {
  const opened: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const { stop } of opened.splice(0)) await stop();
  });
  const start = async (options?: RedisServerOptions): Promise<LocalServer> => {
    const server = await startRedis(options);
    opened.push(server);
    return server;
  };
  const refusal = (url: string, options?: ConnectRedisOptions): Promise<unknown> =>
    connectRedis(url, { client: patience, ...options }).then(
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
    const gone = await start();
    await gone.stop();
    const url = gone.url.replace('//', '//u:secret@');
    const told: string[] = [];
    const error = await refusal(url, { onError: ({ message }) => told.push(message) });
    expect(error).toMatchObject({ name: 'StoreUnavailableError' });
    expect(String(error)).toContain('ECONNREFUSED');
    expect(told).toHaveLength(1);
    expect(String(error)).not.toContain('secret');
  });

  it('gives up on a server that accepts and says nothing', async () => {
    expect(await refusal(await impostor(), { client: {} })).toMatchObject({ name: 'StoreUnavailableError' });
  });

  it('says that what answers is no Redis', async () => {
    expect(await refusal(await impostor('HTTP/1.1 400 Bad Request\r\n\r\n'))).toMatchObject({
      name: 'StoreUnavailableError',
    });
  });

  it('says that the password is wrong, or missing', async () => {
    const { url: right } = await start({ settings: { requirepass: 'right' } });
    const url = right.replace(':right@', '');
    const wrong = await refusal(url.replace('//', '//:wrong@'));
    expect(wrong).toMatchObject({ name: 'StoreMisconfiguredError', retriable: false });
    expect(String(wrong)).toMatch(/WRONGPASS: the server refuses the password/);
    expect(String(wrong)).not.toContain('wrong@');
    expect(String(await refusal(url))).toMatch(/NOAUTH: the server asks for a password/);
    expect(await refusal(right)).toBe('connected');
  });

  it('says that a server is too old', async () => {
    const info = '# Server\r\nredis_version:6.2.14\r\n';
    const url = await impostor(`$${info.length}\r\n${info}\r\n`);
    const error = await refusal(url, { client: { ...patience, disableClientInfo: true } });
    expect(error).toMatchObject({ name: 'StoreMisconfiguredError' });
    expect(String(error)).toContain('version 6.2.14; Redis 7.0 or later is needed');
  });

  it('refuses a replica, and a store on a replica answers nothing out of date', async () => {
    const primary = await start();
    const { url } = await start({ replicaOf: primary });
    expect(String(await refusal(url))).toMatch(/READONLY: the server is a replica/);
    const redis = await patientRedis(primary.url);
    const store = redisIdempotencyStore({ redis, keyPrefix: 'shop' });
    await store.claim(asked);
    await redis.replicaof('127.0.0.1', 1);
    await expect(store.read('k')).rejects.toThrow(/idempotency.read failed with READONLY/);
    redis.disconnect();
  });

  it('bounds what a call may take, and neither queues nor resends', async () => {
    const { url } = await start();
    const redis = await connectRedis(url, { client: { connectTimeout: 10_000 } });
    redis.disconnect();
    expect(redis.options).toMatchObject({
      commandTimeout: 300,
      connectTimeout: 10_000,
      socketTimeout: 500,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
    });
  });

  it('refuses a server that may evict claims, unless it is told that this does no harm', async () => {
    const { url } = await start({ settings: { maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' } });
    expect(String(await refusal(url))).toContain('maxmemory-policy allkeys-lru may evict what is stored');
    const redis = await connectRedis(url, { client: patience, allowEviction: true });
    const clients = String(await redis.client('LIST'))
      .trim()
      .split('\n');
    redis.disconnect();
    expect(clients, 'nothing is left open after a refusal').toHaveLength(1);
  });

  it('fails every command at once while the server is away, and serves again when it is back', async () => {
    const server = await start();
    const redis = await patientRedis(server.url);
    const store = redisIdempotencyStore({ redis, keyPrefix: 'shop' });
    await store.claim(asked);
    const gone = seen(redis, 'close');
    await server.signal('SIGKILL');
    await server.untilEnded();
    await gone;
    await expect(store.claim(asked)).rejects.toMatchObject({ code: 'store_unavailable' });
    const ready = seen(redis, 'ready');
    await server.restart();
    await ready;
    expect((await store.claim(asked)).record.token).toBe(1);
    redis.disconnect();
  });

  it('gives up on a server that has stopped in the middle, and sends nothing again', async () => {
    const server = await start();
    const redis = await connectRedis(server.url, { client: { commandTimeout: 1_000, socketTimeout: 1_500 } });
    const keyPrefix = 'shop';
    const store = redisIdempotencyStore({ redis, keyPrefix });
    await store.claim(asked);
    const closed = seen(redis, 'close');
    await server.signal('SIGSTOP');
    await expect(store.release({ key: 'k', token: 1 })).rejects.toThrow(/Command timed out/);
    await closed;
    await server.signal('SIGCONT');
    redis.disconnect();
    const other = await patientRedis(server.url);
    const calls = await other.info('commandstats');
    other.disconnect();
    expect(/cmdstat_evalsha:calls=(\d+)/.exec(calls)?.[1]).toBe('2');
  });
});

/** Unlike `once` of Node it does not reject on the errors that a connection reports meanwhile. */
function seen(redis: Redis, event: string): Promise<void> {
  return new Promise((resolve) => redis.once(event, resolve));
}
