// How this convinces: a script counts on a real server, and an undisturbed client reads how often it ran: what the armed
// client was told and what was done are compared for every act. No act makes a command run twice or an answer wait.

import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArmedRedis, armedRedis } from './armed-redis.ts';
import type { ProxyAct } from './proxy-act.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { openTestRedis } from './testing.ts';

const counting = "return redis.call('INCR', KEYS[1])";
const redis = await openTestRedis();

redis.suite('the armed client of Redis', () => {
  let proxy: TcpProxy;
  let plain: Redis;
  let armed: ArmedRedis;
  let next: readonly ProxyAct[] = [];
  let arming: () => Promise<void> = async () => {};
  const ports: number[] = [];

  beforeAll(async () => {
    const { hostname: host, port } = new URL(redis.url);
    proxy = await startTcpProxy({ server: { host, port: Number(port) }, protocol: 'redis' });
    plain = new Redis(redis.url);
    armed = armedRedis({
      url: redis.url,
      port: proxy.port,
      async arm({ localPort }) {
        await arming();
        ports.push(localPort);
        const acts = next;
        next = [];
        return proxy.arm(localPort, acts);
      },
    });
  });
  afterAll(async () => {
    armed.close();
    plain.disconnect();
    await proxy.close();
  });

  const count = async (key: string): Promise<unknown> => armed.eval(counting, 1, key);
  /** What the client is told of one command under `acts`, what was done, and how long it took. */
  const under = async (...acts: readonly ProxyAct[]) => {
    const key = redis.keyPrefix();
    next = acts;
    const fromMs = performance.now();
    const told = await count(key).catch((error: Error & { code?: string }) => error.code ?? error.message);
    const tookMs = performance.now() - fromMs;
    const done = Number((await plain.get(key)) ?? 0);
    return { told, done, tookMs, again: await count(key) };
  };

  it('answers what the server does', async () => {
    expect(await under()).toMatchObject({ told: 1, done: 1, again: 2 });
    await expect(armed.evalsha('0'.repeat(40), 0)).rejects.toThrow('NOSCRIPT');
  });

  it('uses a connection again, also after an answer that is an error, and one for each command in flight', async () => {
    ports.length = 0;
    await count(redis.keyPrefix());
    await armed.eval('return redis.error_reply("no")', 0).catch(() => {});
    await count(redis.keyPrefix());
    expect(new Set(ports).size).toBe(1);
    await Promise.all(Array.from({ length: 5 }, () => count(redis.keyPrefix())));
    expect(new Set(ports.slice(3)).size).toBe(5);
  });

  it('is refused before the command is made', async () => {
    expect(await under({ kind: 'refuse' })).toMatchObject({ told: 'ECONNREFUSED', done: 0, again: 1 });
  });

  it('loses a command', async () => {
    const seen = await under({ kind: 'cut', before: 'forward', afterMs: 0 });
    expect(seen).toMatchObject({ told: expect.stringMatching(/closed|ECONNRESET/), done: 0, again: 1 });
  });

  it('loses a reply, and does not send the command again', async () => {
    const seen = await under({ kind: 'cut', before: 'reply', afterMs: 0 });
    expect(seen).toMatchObject({ told: expect.stringMatching(/closed|ECONNRESET/), done: 1, again: 2 });
  });

  it('takes half a reply for none', async () => {
    const seen = await under({ kind: 'truncate' });
    expect(seen).toMatchObject({ told: expect.stringContaining('closed'), done: 1, again: 2 });
  });

  it('waits for a late answer, within its bounds', async () => {
    const seen = await under(
      { kind: 'delay', leg: 'request', ms: 60 },
      { kind: 'delay', leg: 'reply', ms: 60 },
    );
    expect(seen).toMatchObject({ told: 1, done: 1, again: 2 });
    expect(seen.tookMs).toBeGreaterThan(110);
  });

  it.each([
    ['request', 0],
    ['reply', 1],
  ] as const)('gives up in silence, with its %s held', async (leg, done) => {
    const before = leg === 'request' ? 'forward' : 'reply';
    const seen = await under({ kind: 'cut', before, afterMs: 5_000 });
    expect(seen).toMatchObject({ told: 'Command timed out', done, again: done + 1 });
    expect(seen.tookMs).toBeLessThan(450);
  });

  it('never reads the reply to one command as that to another', async () => {
    const seen = await under({ kind: 'delay', leg: 'reply', ms: 400 });
    expect(seen).toMatchObject({ told: 'Command timed out', done: 1, again: 2 });
  });

  it('fails when it cannot be armed, and sends nothing', async () => {
    arming = () => {
      arming = async () => {};
      return Promise.reject(new Error('nobody to ask'));
    };
    const seen = await under();
    expect(seen).toMatchObject({ told: 'nobody to ask', done: 0, again: 1 });
  });
});

describe('the armed client of a Redis that is away', () => {
  it('fails at once, each time', async () => {
    const proxy = await startTcpProxy({ server: { host: '127.0.0.1', port: 1 }, protocol: 'redis' });
    const armed = armedRedis({ url: 'redis://127.0.0.1', port: proxy.port, arm: async () => undefined });
    const fromMs = performance.now();
    for (let round = 0; round < 3; round += 1)
      await expect(armed.eval(counting, 1, 'k')).rejects.toThrow(/ECONNRESET|closed/);
    expect(performance.now() - fromMs).toBeLessThan(700);
    armed.close();
    await expect(armed.eval(counting, 1, 'k')).rejects.toThrow('armed connections are closed');
    await proxy.close();
  });
});
