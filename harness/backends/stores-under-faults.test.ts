// How this convinces: an idempotency store in each service, connected as in tier real, claims under every fault that can befall
// it. What it says is compared with what the fault is; then the same attempt claims again, and has to find its own claim
// made once, whether or not the first one had been applied.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClaimAnswer, IdempotencyStore } from '../../src/idempotency/store.ts';
import { migratePostgres, postgresIdempotencyStore } from '../../src/postgres.ts';
import { redisIdempotencyStore } from '../../src/redis.ts';
import { type FaultKind, faultFacts } from '../faults/kinds.ts';
import { realFaultKinds, type Service, servicesWith } from '../faults/real-kinds.ts';
import { armedPostgres } from './armed-postgres.ts';
import { armedRedis } from './armed-redis.ts';
import type { Arm } from './arming.ts';
import { type Strike, type Striker, striker } from './fault-acts.ts';
import { postgresFaults } from './postgres-faults.ts';
import { startPostgres } from './postgres-server.ts';
import { redisFaults } from './redis-faults.ts';
import { startRedis } from './redis-server.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { openLocalServers } from './testing.ts';

/** What a claim says under a fault: part of the message of its error, or that it was made. */
const said: Partial<Record<FaultKind, RegExp | 'made'>> = {
  refused: /ECONNREFUSED/,
  delay: 'made',
  'reply-delay': 'made',
  'redis-failover': 'made',
  'redis-eviction': 'made',
  'redis-oom': /OOM/,
  'redis-readonly': /READONLY/,
  'redis-loading': /LOADING/,
  'redis-busy': /BUSY/,
  'redis-script-flush': 'made',
  'redis-pause': /timed out/,
  'postgres-serialization': /40001/,
  'postgres-deadlock': /40P01/,
  'postgres-lock-timeout': /55P03/,
  'postgres-terminated': /57P01/,
  'postgres-slots': /53300/,
  'postgres-disk-full': /53100/,
  'postgres-replica-lag': 'made',
};
const brokenOff = /closed|reset|terminated|timed out|timeout|EPIPE|ECONN|not queryable/i;
const shared: readonly FaultKind[] = ['delay', 'reply-delay', 'refused', 'request-lost', 'response-lost'];
const kindsOf = (service: Service): readonly FaultKind[] => [
  ...shared,
  ...realFaultKinds.filter((kind) => servicesWith(kind).includes(service)),
];

/** A store that is armed for what is drawn next. */
interface Rig {
  readonly store: IdempotencyStore;
  readonly strike: Striker;
  stop(): Promise<void>;
}

async function openRedis(arm: Arm): Promise<Rig> {
  const primary = await startRedis();
  const replica = await startRedis({ replicaOf: primary });
  const proxy = await startTcpProxy({ server: { host: '127.0.0.1', port: primary.port }, protocol: 'redis' });
  const redis = redisFaults({ primary, replica, proxy });
  const armed = armedRedis({ url: primary.url, port: proxy.port, arm });
  return {
    store: redisIdempotencyStore({ redis: armed, keyPrefix: 'faults:' }),
    strike: striker({ proxy, redis }),
    async stop() {
      armed.close();
      redis.close();
      await proxy.close();
      await Promise.all([primary.stop(), replica.stop()]);
    },
  };
}

async function openPostgres(arm: Arm): Promise<Rig> {
  const settings = { max_connections: '16', wal_retrieve_retry_interval: '100ms' };
  const primary = await startPostgres({ settings });
  const replica = await startPostgres({ settings, replicaOf: primary });
  const proxy = await startTcpProxy({
    server: { host: '127.0.0.1', port: primary.port },
    protocol: 'postgres',
  });
  const postgres = await postgresFaults({ primary, replica, proxyPort: proxy.port });
  const armed = armedPostgres({ url: primary.url, port: proxy.port, arm });
  await migratePostgres({ pool: armed, schema: 'faults' });
  await postgres.snare('faults');
  return {
    store: postgresIdempotencyStore({ pool: armed, schema: 'faults' }),
    strike: striker({ proxy, postgres }),
    async stop() {
      armed.close();
      await postgres.close();
      await proxy.close();
      await replica.stop();
      await primary.stop();
    },
  };
}

const services = [
  { service: 'redis', open: openRedis, ...(await openLocalServers('redis')) },
  { service: 'postgres', open: openPostgres, ...(await openLocalServers('postgres')) },
] as const;

for (const { service, open, suite } of services) {
  suite(`a store in ${service} under every fault`, () => {
    let rig: Rig;
    let next: FaultKind | undefined;
    let struck: Strike | undefined;

    beforeAll(async () => {
      rig = await open(async (connection) => {
        if (next === undefined) return undefined;
        const kind = next;
        next = undefined;
        struck = await rig.strike(connection, [{ kind, ms: faultFacts[kind].defaultMs ?? 0 }]);
        return struck;
      });
    });
    afterAll(() => rig.stop());

    const claim = (key: string, attemptId: string): Promise<ClaimAnswer> =>
      rig.store.claim({ key, fingerprint: 'f', request: '{}', attemptId, leaseMs: 60_000 });
    const claimUnder = async (kind: FaultKind, key: string) => {
      next = kind;
      const fromMs = performance.now();
      const told = await claim(key, 'first').then(
        ({ owned }) => (owned ? 'made' : 'refused'),
        (error: Error) => error,
      );
      const tookMs = performance.now() - fromMs;
      const befell = await struck?.end();
      struck = undefined;
      return { told, tookMs, befell };
    };

    it.each(kindsOf(service))('%s: says so in time, and its attempt is recognised', async (kind) => {
      await claim(`${kind} before`, 'before');
      const { told, tookMs, befell } = await claimUnder(kind, kind);
      expect(befell).toEqual([kind]);
      const expected = said[kind] ?? brokenOff;
      if (expected === 'made') expect(told).toBe('made');
      else {
        expect(told).toMatchObject({ name: 'StoreUnavailableError' });
        expect((told as Error).message).toMatch(expected);
      }
      expect(tookMs).toBeLessThan(2_500);
      const again = await claim(kind, 'first');
      expect([again.owned, again.record.token, again.record.state]).toEqual([true, 1, 'IN_FLIGHT']);
      expect((await claim(kind, 'second')).owned).toBe(false);
    });

    // What a failover takes away, and nothing else does: another attempt gets what was given to the first.
    if (service !== 'redis') return;
    it('forgets a claim that it had acknowledged, after a failover', async () => {
      expect((await claimUnder('redis-failover', 'forgotten')).told).toBe('made');
      expect((await claim('forgotten', 'second')).owned).toBe(true);
    });
  });
}
