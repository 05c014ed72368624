// Finds a real service, or starts one: the address that was given first, and last what takes the most to have. Which way
// was taken is the caller's to print.

import { BackendError, type ServiceName, serviceTitles } from './backend-error.ts';
import { startContainer } from './container.ts';
import { enablingCommand } from './enabling.ts';
import { npmPostgres } from './npm-postgres.ts';
import { probePostgres } from './postgres-probe.ts';
import { startPostgres } from './postgres-server.ts';
import { probeRedis } from './redis-probe.ts';
import { startRedis } from './redis-server.ts';
import { checkedServiceUrl, shownUrl, urlVariables } from './service-url.ts';

/** A real service that stores can be kept in. */
export interface Backend {
  readonly service: ServiceName;
  readonly way: Way;
  readonly url: string;
  readonly version: string;
  /** Ends it, if it was started here. */
  stop(): Promise<void>;
}

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

/**
 * What the environment says: PAYSTORM_REDIS_URL, PAYSTORM_POSTGRES_URL, PAYSTORM_ALLOW_HOST=1 and PAYSTORM_BACKENDS, which
 * names the one way to try.
 *
 * @throws BackendError (`address`) when PAYSTORM_BACKENDS is none of {@link ways}.
 */
export function findOptions(env: Readonly<Record<string, string | undefined>>): FindOptions {
  const named = env['PAYSTORM_BACKENDS'] ?? '';
  const only = ways.find((way) => way === named);
  if (named !== '' && only === undefined)
    throw new BackendError('address', `PAYSTORM_BACKENDS must be one of ${ways.join(', ')}, or unset`);
  const given = (service: ServiceName): Partial<Record<ServiceName, string>> => {
    const url = env[urlVariables[service]] ?? '';
    return url === '' ? {} : { [service]: url };
  };
  return {
    urls: { ...given('redis'), ...given('postgres') },
    allowHost: env['PAYSTORM_ALLOW_HOST'] === '1',
    ...(only !== undefined && { only }),
  };
}

/**
 * The first service that can be had.
 *
 * @throws BackendError: `missing` when there is none, with why each way failed and the command that would help; whatever is
 * wrong with an address that was given, for it was meant.
 */
export async function findBackend(service: ServiceName, options: FindOptions): Promise<Backend> {
  const reasons: string[] = [];
  for (const way of options.only === undefined ? ways : [options.only]) {
    try {
      return { service, way, ...(await openings[way](service, options)) };
    } catch (error) {
      if (!(error instanceof BackendError) || (way === 'urls' && error.problem !== 'missing')) throw error;
      reasons.push(error.message);
    }
  }
  throw new BackendError(
    'missing',
    `no ${serviceTitles[service]} was found (${reasons.join('; ')}); to have one: ${enablingCommand([service])}`,
  );
}

/**
 * Sees that a service still answers.
 *
 * @throws BackendError (`died`) when it does not.
 */
export async function checkBackend({ service, url }: Pick<Backend, 'service' | 'url'>): Promise<void> {
  try {
    await probes[service](url);
  } catch (cause) {
    throw new BackendError(
      'died',
      `${serviceTitles[service]} at ${shownUrl(url)} answered before and no longer does, so that what failed since says nothing about the code (${cause instanceof Error ? cause.message : String(cause)}); start again`,
      { cause },
    );
  }
}

const probes = { redis: probeRedis, postgres: probePostgres };

type Opening = (
  service: ServiceName,
  options: FindOptions,
) => Promise<Pick<Backend, 'url' | 'version' | 'stop'>>;

const openings: Readonly<Record<Way, Opening>> = {
  async urls(service, { urls, allowHost }) {
    const given = urls[service];
    if (given === undefined) throw new BackendError('missing', `${urlVariables[service]} is not set`);
    const url = checkedServiceUrl(service, given, allowHost);
    const { version } = await probes[service](url);
    return { url, version, stop: async () => {} };
  },
  docker: (service) => startContainer(service),
  binaries: (service) => (service === 'redis' ? startRedis() : startPostgres()),
  async npm(service) {
    if (service === 'redis') throw new BackendError('missing', 'npm brings no Redis');
    return startPostgres({ installation: npmPostgres() });
  },
};
