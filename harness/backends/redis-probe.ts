// Asks a Redis whether the stores can work on it, before anything is built upon it.

import type { Redis } from 'ioredis';
import { BackendError } from './backend-error.ts';
import { shownUrl } from './service-url.ts';

/** The oldest Redis that the drivers are held to: the first with functions of scripts that they use. */
export const oldestRedis = 7;

/** What a Redis says of itself. */
export interface RedisFacts {
  /** Such as `7.0.15`. */
  readonly version: string;
  readonly pid: number;
}

/** How a service is asked. */
export interface RedisProbeOptions {
  /** Whether a replica is expected (default false). */
  readonly replica?: boolean;
  /** How long to wait for the connection, and for the answer (default 5000): a busy machine is no dead service. */
  readonly patienceMs?: number;
}

/**
 * What the Redis at a URL says of itself, once it is known that it can be written to; or, where a replica is expected,
 * that it has caught up with its primary once.
 *
 * @throws BackendError for one that is unreachable, too old, a replica unasked, or wants another password.
 */
export async function probeRedis(url: string, options: RedisProbeOptions = {}): Promise<RedisFacts> {
  const { replica = false, patienceMs = 5000 } = options;
  const { Redis } = await ioredis();
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: patienceMs,
    commandTimeout: patienceMs,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    disableClientInfo: true,
    retryStrategy: null,
  });
  let failure: Error | undefined;
  redis.on('error', (error) => {
    failure ??= error;
  });
  try {
    await redis.connect();
    return factsOf(await redis.info(), url, replica);
  } catch (error) {
    throw error instanceof BackendError ? error : problemOf(failure ?? error, url);
  } finally {
    redis.disconnect();
  }
}

/**
 * The client library, which users of other stores need not have installed.
 *
 * @throws BackendError (`missing`) without it.
 */
export async function ioredis(): Promise<{ readonly Redis: typeof Redis }> {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw new BackendError('missing', 'the package ioredis is not installed; run `npm install ioredis`', {
      cause,
    });
  }
}

function factsOf(info: string, url: string, replica: boolean): RedisFacts {
  const fields = new Map(
    info.split('\r\n').map((text): [string, string] => {
      const colon = text.indexOf(':');
      return [text.slice(0, colon), text.slice(colon + 1)];
    }),
  );
  const version = fields.get('redis_version') ?? '';
  const where = `Redis at ${shownUrl(url)}`;
  if (!(Number.parseInt(version, 10) >= oldestRedis))
    throw new BackendError(
      'version',
      `${where} is version ${version || 'unknown'}, and paystorm needs ${oldestRedis} or newer; give the address of a newer one`,
    );
  if (fields.get('loading') === '1')
    throw new BackendError('unreachable', `${where} is still loading its data; try again when it has`);
  if (replica && fields.get('master_link_status') === 'down')
    throw new BackendError(
      'unreachable',
      `${where} has not caught up with its primary; try again when it has`,
    );
  if (!replica && fields.get('role') !== 'master')
    throw new BackendError(
      'read-only',
      `${where} is a replica and refuses to write; give the address of its primary`,
    );
  return { version, pid: Number(fields.get('process_id')) };
}

function problemOf(error: unknown, url: string): BackendError {
  const message = error instanceof Error ? error.message : String(error);
  const where = `Redis at ${shownUrl(url)}`;
  if (/NOAUTH|WRONGPASS|invalid password|without any password/i.test(message)) {
    const given = URL.canParse(url) && new URL(url).password !== '';
    return new BackendError(
      'password',
      given
        ? `${where} refuses the password in its URL; correct it (redis://user:password@host:port)`
        : `${where} needs a password; put it into its URL (redis://:password@host:port)`,
      { cause: error },
    );
  }
  return new BackendError(
    'unreachable',
    `${where} does not answer (${message}); start it, or correct or unset the URL`,
    { cause: error },
  );
}
