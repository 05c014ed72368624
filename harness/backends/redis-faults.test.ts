// How this convinces: a client that is connected as the stores are runs a script that counts, before, under and after each
// fault of a real pair of servers. What it is told are the server's own words, and what it then finds is what was promised.

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ArmedRedis, armedRedis } from './armed-redis.ts';
import type { LocalServer } from './local-server.ts';
import { type RedisFaultKind, type RedisFaults, redisFaults } from './redis-faults.ts';
import { startRedis } from './redis-server.ts';
import type { Ongoing } from './server-fault.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { openLocalServers } from './testing.ts';

// As the scripts of the stores begin: the server refuses the whole of it where it may not write.
const counting = "#!lua\nreturn redis.call('INCR', KEYS[1])";
const { suite } = await openLocalServers('redis');

suite('a Redis server', () => {
  let servers: LocalServer[] = [];
  let proxy: TcpProxy;
  let armed: ArmedRedis;
  let faults: RedisFaults;
  const ongoing: Ongoing[] = [];

  beforeAll(async () => {
    const primary = await startRedis();
    servers = [primary];
    const replica = await startRedis({ replicaOf: primary });
    servers.push(replica);
    proxy = await startTcpProxy({ server: { host: '127.0.0.1', port: primary.port }, protocol: 'redis' });
    armed = armedRedis({ url: primary.url, port: proxy.port, arm: async () => undefined });
    faults = redisFaults({ primary, replica, proxy });
  });
  afterAll(async () => {
    armed.close();
    faults.close();
    await proxy.close();
    await Promise.all(servers.map((server) => server.stop()));
  });
  afterEach(async () => {
    for (const fault of ongoing.splice(0)) await fault.end();
  });

  const count = (key: string): Promise<unknown> =>
    armed.eval(counting, 1, key).catch((error: Error) => error.message);
  const begin = async (kind: RedisFaultKind, ms = 300): Promise<Ongoing> => {
    const fault = await faults.begin(kind, ms);
    ongoing.push(fault);
    return fault;
  };
  const end = async (fault: Ongoing): Promise<void> => {
    ongoing.splice(ongoing.indexOf(fault), 1);
    await fault.end();
  };

  it.each<[RedisFaultKind, string]>([
    ['redis-oom', 'OOM '],
    ['redis-readonly', 'READONLY '],
    ['redis-loading', 'LOADING '],
    ['redis-busy', 'BUSY '],
  ])('under %s answers a script with %s, and runs it again afterwards', async (kind, code) => {
    expect(await count(kind)).toBe(1);
    const fault = await begin(kind);
    expect(await count(kind)).toMatch(new RegExp(`^${code}`));
    await end(fault);
    expect(await count(kind)).toBe(2);
  });

  it('that loads its data does so for about as long as it is told, or until that is ended', async () => {
    await count('loaded');
    const fromMs = performance.now();
    await begin('redis-loading', 400);
    while (typeof (await count('loaded')) === 'string');
    expect(performance.now() - fromMs).toBeGreaterThan(350);
    await end(ongoing[0] as Ongoing);
    const endless = await begin('redis-loading', 9_000);
    expect(await count('loaded')).toMatch(/^LOADING/);
    await end(endless);
    expect(performance.now() - fromMs).toBeLessThan(5_000);
    expect(await count('loaded')).toBe(3);
  });

  it('that is paused holds a script until the client gives up, and runs it again afterwards', async () => {
    const fault = await begin('redis-pause', 2_000);
    const fromMs = performance.now();
    expect(await count('paused')).toBe('Command timed out');
    expect(performance.now() - fromMs).toBeLessThan(450);
    await end(fault);
    expect(await count('paused')).toBeLessThanOrEqual(2);
  });

  it('that forgets its scripts asks for them, and keeps its data', async () => {
    await count('flushed');
    const sha1 = await armed.eval('return redis.sha1hex(ARGV[1])', 0, counting);
    expect(await armed.evalsha(String(sha1), 1, 'flushed')).toBe(2);
    await begin('redis-script-flush');
    await expect(armed.evalsha(String(sha1), 1, 'flushed')).rejects.toThrow('NOSCRIPT');
    expect(await count('flushed')).toBe(3);
    expect(await armed.evalsha(String(sha1), 1, 'flushed')).toBe(4);
  });

  it('that evicts forgets what it had acknowledged, and answers as if it never had', async () => {
    expect([await count('evicted'), await count('evicted')]).toEqual([1, 2]);
    await begin('redis-eviction');
    expect(await count('evicted')).toBe(1);
  });

  it('that fails over forgets what it acknowledged last, keeps the rest, and can fail over again', async () => {
    for (const round of [1, 2]) {
      const key = `failover:${round}`;
      expect(await count(key)).toBe(1);
      const before = faults.primaryUrl();
      const fault = await begin('redis-failover');
      expect([await count(key), await count(key)]).toEqual([2, 3]);
      await end(fault);
      expect(faults.primaryUrl()).not.toBe(before);
      expect(await count(key)).toBe(2);
    }
    // What was refused for a while and what was kept on the first server is on both.
    const fault = await begin('redis-oom');
    expect(await count('failover:1')).toMatch(/^OOM/);
    await end(fault);
    expect(await count('failover:1')).toBe(3);
  });
});
