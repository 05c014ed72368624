// Servers that were started to be hurt: a primary, a replica that lags or takes over, and whoever brings faults of a server
// about. One that was only given is never hurt; nothing but the network befalls it.

import process from 'node:process';
import { BackendError } from '../../backends/backend-error.ts';
import type { FaultyServers } from '../../backends/fault-acts.ts';
import { checkBackend, findBackend, findOptions } from '../../backends/find.ts';
import { postgresFaults } from '../../backends/postgres-faults.ts';
import { startPostgres } from '../../backends/postgres-server.ts';
import { redisFaults } from '../../backends/redis-faults.ts';
import { startRedis } from '../../backends/redis-server.ts';
import { type Endpoint, startTcpProxy, type TcpProxy } from '../../backends/tcp-proxy.ts';
import type { ServerKind } from './stores-address.ts';

/** A server behind a proxy, and what can be done to it. */
export interface Hurtable {
  /** For user, password and database; where it is, is the proxy's business. */
  readonly url: string;
  readonly proxy: TcpProxy;
  readonly servers: FaultyServers;
  /** Where the primary is now. */
  present(): Endpoint;
  /** To be called when the tables of a schema are there. */
  prepare(schema: string): Promise<void>;
  /**
   * Sees that a server which was only given still answers; absent where we hurt it ourselves, so that it may well not.
   *
   * @throws BackendError (`died`) when it does not.
   */
  insistAlive?(): Promise<void>;
  close(): Promise<void>;
}

/** Finds or starts a server. @throws BackendError when there is none to be had, with the command that would help. */
export async function openHurtable(kind: ServerKind): Promise<Hurtable> {
  const { urls, only } = findOptions(process.env);
  if (urls[kind] !== undefined || (only !== undefined && only !== 'binaries')) return found(kind);
  try {
    return await starts[kind]();
  } catch (error) {
    if (!(error instanceof BackendError) || error.problem !== 'missing') throw error;
    return found(kind);
  }
}

async function found(kind: ServerKind): Promise<Hurtable> {
  const { url, stop } = await findBackend(kind, findOptions(process.env));
  const server = endpointOf(url);
  const proxy = await startTcpProxy({ server, protocol: kind });
  return {
    url,
    proxy,
    servers: {},
    present: () => server,
    prepare: async () => {},
    insistAlive: () => checkBackend({ service: kind, url }),
    async close() {
      await proxy.close();
      await stop();
    },
  };
}

async function startRedisPair(): Promise<Hurtable> {
  const primary = await startRedis();
  const replica = await startRedis({ replicaOf: primary });
  const proxy = await startTcpProxy({ server: endpointOf(primary.url), protocol: 'redis' });
  const redis = redisFaults({ primary, replica, proxy });
  return {
    url: primary.url,
    proxy,
    servers: { redis },
    present: () => endpointOf(redis.primaryUrl()),
    prepare: async () => {},
    async close() {
      redis.close();
      await proxy.close();
      await Promise.all([replica.stop(), primary.stop()]);
    },
  };
}

async function startPostgresPair(): Promise<Hurtable> {
  const settings = { max_connections: '24', wal_retrieve_retry_interval: '100ms' };
  const primary = await startPostgres({ settings });
  const replica = await startPostgres({ settings, replicaOf: primary });
  const server = endpointOf(primary.url);
  const proxy = await startTcpProxy({ server, protocol: 'postgres' });
  const postgres = await postgresFaults({ primary, replica, proxyPort: proxy.port });
  return {
    url: primary.url,
    proxy,
    servers: { postgres },
    present: () => server,
    prepare: postgres.snare,
    async close() {
      await postgres.close();
      await proxy.close();
      await Promise.all([replica.stop(), primary.stop()]);
    },
  };
}

const starts: Readonly<Record<ServerKind, () => Promise<Hurtable>>> = {
  redis: startRedisPair,
  postgres: startPostgresPair,
};

function endpointOf(url: string): Endpoint {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
