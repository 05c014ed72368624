// Redis and Postgres in containers.

import { randomBytes } from 'node:crypto';
import { BackendError, type ServiceName, serviceTitles } from './backend-error.ts';
import { dockerEngine } from './docker-engine.ts';
import { images } from './images.ts';
import { keepService } from './kept-service.ts';
import { untilAnswering } from './local-server.ts';
import { probePostgres } from './postgres-probe.ts';
import { probeRedis } from './redis-probe.ts';
import type { ContainerPlan } from './server-plan.ts';

const readyMs = 60_000;
/** An image of some 100 MB may have to come over the network first. */
const startMs = 180_000;

/** A service in a container that goes when this process goes, however it goes. */
export interface ContainerServer {
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

/**
 * Starts a service in a container.
 *
 * @throws BackendError: `missing` where no engine answers or the package testcontainers is not installed, `start` where the
 * image cannot be had or does not start.
 */
export async function startContainer(service: ServiceName): Promise<ContainerServer> {
  await dockerEngine(process.env);
  const password = randomBytes(12).toString('hex');
  const title = serviceTitles[service];
  const kept = await keepService(plans[service](password), startMs).catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new BackendError('start', `${title} could not be started from ${images[service]}: ${message}`, {
      cause,
    });
  });
  try {
    const { host, port } = kept.running().address ?? { host: '', port: 0 };
    const at = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const url =
      service === 'redis' ? `redis://:${password}@${at}` : `postgres://paystorm:${password}@${at}/postgres`;
    const probe = service === 'redis' ? probeRedis : probePostgres;
    const version = await untilAnswering(
      kept,
      // What its process is called inside is nobody's outside.
      { service, timeoutMs: readyMs, probe: async (to) => ({ version: (await probe(to)).version }) },
      url,
    );
    return { url, version, stop: kept.stop };
  } catch (error) {
    await kept.stop();
    throw error;
  }
}

// Published ports are open to the network, so that both want a password.
const plans: Readonly<Record<ServiceName, (password: string) => ContainerPlan>> = {
  redis: (password) => ({
    kind: 'container',
    image: images.redis,
    command: ['redis-server', '--save', '', '--appendonly', 'no', '--requirepass', password],
    env: {},
    port: 6379,
    timeoutMs: readyMs,
  }),
  postgres: (password) => ({
    kind: 'container',
    image: images.postgres,
    command: ['postgres', '-c', 'fsync=off', '-c', 'full_page_writes=off'],
    env: { POSTGRES_USER: 'paystorm', POSTGRES_PASSWORD: password, POSTGRES_DB: 'postgres' },
    port: 5432,
    timeoutMs: readyMs,
  }),
};
