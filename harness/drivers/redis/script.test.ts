// Convinces by a real server that is put into each state in which it refuses a script, and by counting what is sent.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, type Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  type RedisClient,
  redisBreakerStore,
  redisDeliveryMarks,
  redisIdempotencyStore,
  redisInboxStore,
  redisLedgerStore,
  redisLimiterStore,
  redisSagaJournal,
  redisTicketStore,
  redisVelocityStore,
  redisVerdictLog,
} from '../../../src/redis.ts';
import type { LocalServer } from '../../backends/local-server.ts';
import { startRedis } from '../../backends/redis-server.ts';
import { openLocalServers } from '../../backends/testing.ts';
import { patience, patientRedis } from './testing.ts';

const asked = { key: 'k', fingerprint: 'f', request: '{}', attemptId: 'a', leaseMs: 60_000 };

const local = await openLocalServers('redis');

local.suite('a script of a store', () => {
  let server: LocalServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = await patientRedis(server.url);
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });
  afterEach(async () => {
    await redis.config('SET', 'maxmemory', '0');
    await redis.config('SET', 'min-replicas-to-write', '0');
  });
  let prefixes = 0;
  const prefix = (): string => {
    prefixes += 1;
    return `p${prefixes}`;
  };
  const counted = () => {
    const sent: string[] = [];
    const client: RedisClient = {
      evalsha: (...args) => {
        sent.push('evalsha');
        return redis.evalsha(...args);
      },
      eval: (...args) => {
        sent.push('eval');
        return redis.eval(...args);
      },
    };
    return { sent, store: redisIdempotencyStore({ redis: client, keyPrefix: prefix() }) };
  };

  it('is one round trip, and one more only after the server has forgotten it', async () => {
    await redis.script('FLUSH');
    const { sent, store } = counted();
    await store.claim(asked);
    await store.claim(asked);
    expect(sent).toEqual(['evalsha', 'eval', 'evalsha']);
    await redis.script('FLUSH');
    await expect(store.claim(asked)).resolves.toMatchObject({ owned: true, record: { token: 1 } });
  });

  it('is refused as a whole when memory is used up, and says so', async () => {
    const { store } = counted();
    await store.claim(asked);
    await redis.config('SET', 'maxmemory', '1');
    const refused = store.complete({ key: 'k', token: 1, result: 'secret', ttlMs: 1 });
    await expect(refused).rejects.toThrow(
      /^redis: idempotency.complete failed with OOM: the server has reached/,
    );
    await expect(refused).rejects.toMatchObject({ name: 'StoreUnavailableError', retriable: true });
    await redis.config('SET', 'maxmemory', '0');
    expect(await store.read('k')).toMatchObject({ state: 'IN_FLIGHT' });
  });

  it('is refused when too few replicas follow', async () => {
    await redis.config('SET', 'min-replicas-to-write', '1');
    await expect(counted().store.claim(asked)).rejects.toThrow(/failed with NOREPLICAS: fewer replicas/);
  });

  it('is refused while a script of somebody else blocks the server', async () => {
    const { store } = counted();
    await store.claim(asked);
    await redis.config('SET', 'busy-reply-threshold', '20');
    const other = await patientRedis(server.url);
    const endless = other.eval('while true do end', 0).catch((error: unknown) => error);
    await expect(store.read('k')).rejects.toThrow(/failed with BUSY: a script of somebody else/);
    await redis.script('KILL');
    await endless;
    other.disconnect();
  });

  it('says that a key holds something else, and leaves it alone', async () => {
    const keyPrefix = 'other';
    await redis.set(`{${keyPrefix}:idempotency}:r:k`, 'theirs');
    const store = redisIdempotencyStore({ redis, keyPrefix });
    await expect(store.claim(asked)).rejects.toThrow(/claim failed with WRONGTYPE: a key of this prefix/);
    await expect(store.claim(asked)).rejects.toMatchObject({ name: 'StoreMisconfiguredError' });
    expect(await redis.get(`{${keyPrefix}:idempotency}:r:k`)).toBe('theirs');
  });

  it('says which right a user lacks', async () => {
    await redis.acl('SETUSER', 'weak', 'on', '>pw', '~*', '+@all', '-@scripting');
    const weak = await patientRedis(server.url.replace('//', '//weak:pw@'));
    const store = redisIdempotencyStore({ redis: weak, keyPrefix: prefix() });
    await expect(store.claim(asked)).rejects.toThrow(/failed with NOPERM: the user may not run this/);
    weak.disconnect();
  });

  it('needs no more rights than docs/stores.md gives to a user', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/stores.md'), 'utf8');
    const [, rights = ''] = /`ACL SETUSER shop (.+)`/.exec(guide) ?? [];
    await redis.acl('SETUSER', 'shop', ...rights.split(' '));
    const shop = await patientRedis(server.url.replace('//', '//shop:password@'));
    const options = { redis: shop, keyPrefix: 'shop' };
    await redis.script('FLUSH');
    await redisIdempotencyStore(options).claim(asked);
    const claim = { attemptId: 'a', leaseMs: 1_000 };
    await redisInboxStore(options).receive({ id: 'evt', object: 'pi', event: '{}', claim });
    await redisLedgerStore(options).commit([{ effect: 'e', entries: [], events: [] }]);
    await redisDeliveryMarks(options).mark({ id: 'evt', ttlMs: 1_000 });
    const payment = { key: 'card', attemptId: 'a', amount: 1, windowMs: 1_000 };
    await redisVelocityStore(options).confirm(payment);
    await redisTicketStore(options).take({ id: 't', type: 'FEE', ...claim });
    await redisVerdictLog(options).prune({ olderThanMs: 0, limit: 1 });
    const opening = { attemptId: 'a', leaseMs: 1_000, fingerprint: 'f', progress: '{}' };
    await redisSagaJournal(options).open({ saga: 's', id: '1', ...opening });
    await redisLimiterStore(options).admit({ name: 'gateway', callId: 'a', maxCalls: 1, periodMs: 1_000 });
    const limits = { failureThreshold: 1, windowMs: 1, recoveryTimeoutMs: 1, halfOpenProbes: 1 };
    await redisBreakerStore(options).enter({ name: 'gateway', callId: 'a', limits });
    shop.disconnect();
  });

  it('lasts through a crash of a server that is set up as docs/stores.md says', async () => {
    const durable = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'always' } });
    const client = await patientRedis(durable.url);
    const store = redisIdempotencyStore({ redis: client, keyPrefix: 'shop' });
    await store.claim(asked);
    const { record } = await store.complete({ key: 'k', token: 1, result: '{}', ttlMs: 60_000 });
    client.disconnect();
    await durable.signal('SIGKILL');
    await durable.untilEnded();
    await durable.restart();
    const again = await patientRedis(durable.url);
    const { claim } = redisIdempotencyStore({ redis: again, keyPrefix: 'shop' });
    expect(await claim({ ...asked, attemptId: 'b' })).toMatchObject({ owned: false, record });
    again.disconnect();
    await durable.stop();
  });

  it('works in a cluster, where every key of a script has to lie in one slot', async () => {
    const node = await startRedis({
      settings: { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' },
    });
    const admin = await patientRedis(node.url);
    await admin.cluster('ADDSLOTSRANGE', 0, 16_383);
    const served = async () => {
      const info = String(await admin.cluster('INFO'));
      return /cluster_state:(\w+)/.exec(info)?.[1];
    };
    await expect.poll(served, { timeout: 10_000 }).toBe('ok');
    admin.disconnect();
    const cluster = new Cluster([{ host: '127.0.0.1', port: node.port }], {
      enableOfflineQueue: false,
      lazyConnect: true,
      redisOptions: patience,
    });
    await cluster.connect();
    const options = { redis: cluster, keyPrefix: 'shop' };
    const inbox = redisInboxStore(options);
    for (const id of ['evt_1', 'evt_2', 'evt_3']) {
      const claim = { attemptId: id, leaseMs: 1_000 };
      expect(await inbox.receive({ id, object: `pi ${id}`, event: '{}', claim })).toMatchObject({
        first: true,
      });
    }
    await expect(redisIdempotencyStore(options).claim(asked)).resolves.toMatchObject({ owned: true });
    cluster.disconnect();
    await node.stop();
  });

  it('is not sent with what UTF-8 or JSON cannot hold', async () => {
    const { sent, store } = counted();
    await expect(store.claim({ ...asked, key: '\ud800' })).rejects.toMatchObject({
      code: 'validation_error',
    });
    for (const leaseMs of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(store.claim({ ...asked, leaseMs })).rejects.toMatchObject({ code: 'validation_error' });
    }
    const lost = redisIdempotencyStore({ redis, keyPrefix: prefix(), nowMs: () => Number.NaN });
    await expect(lost.claim(asked)).rejects.toMatchObject({ code: 'validation_error' });
    expect(sent).toEqual([]);
  });

  it('is not made over a client that has none, or under a prefix that would leave its slot', () => {
    const refused = (options: object): unknown => {
      try {
        return redisIdempotencyStore({ redis, keyPrefix: 'shop', ...options });
      } catch (error) {
        return error;
      }
    };
    for (const options of [
      { redis: {} },
      { redis: undefined },
      { keyPrefix: '' },
      { keyPrefix: 'a{b}' },
      { nowMs: 0 },
    ]) {
      expect(refused(options), JSON.stringify(options)).toMatchObject({ code: 'validation_error' });
    }
  });
});
