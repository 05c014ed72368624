// Finds a real service, or starts one: the address that was given first, and last what takes the most to have. Which way
// was taken is the caller's to print.

import { BackendError, type ServiceName, serviceTitles, urlVariables } from './backend-error.ts';
import { enablingCommand } from './enabling.ts';
import { shownUrl } from './service-url.ts';
import { type FindOptions, type Opened, probeService, type Way, ways, waysIn } from './ways.ts';

/** A real service that stores can be kept in. */
export interface Backend extends Opened {
  readonly service: ServiceName;
  readonly way: Way;
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
      return { service, way, ...(await waysIn[way].open(service, options)) };
    } catch (error) {
      if (!(error instanceof BackendError) || (way === 'urls' && error.problem !== 'missing')) throw error;
      reasons.push(error.message);
    }
  }
  throw new BackendError(
    'missing',
    `no ${serviceTitles[service]} was found (${reasons.join('; ')}); to have one: ${enablingCommand([service], options)}`,
  );
}

/**
 * Sees that a service still answers.
 *
 * @throws BackendError (`died`) when it does not.
 */
export async function checkBackend({ service, url }: Pick<Backend, 'service' | 'url'>): Promise<void> {
  try {
    await probeService(service, url);
  } catch (cause) {
    throw new BackendError(
      'died',
      `${serviceTitles[service]} at ${shownUrl(url)} answered before and no longer does, so that what failed since says nothing about the code (${cause instanceof Error ? cause.message : String(cause)}); start again`,
      { cause },
    );
  }
}
