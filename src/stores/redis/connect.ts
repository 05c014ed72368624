// A client on which no call can hang and no command is sent twice. What ioredis does by itself is right for a cache and wrong
// for money: it queues commands while the server is away, and after a lost reply sends them again, so that a claim that was
// made finds itself taken.

import { Redis, type RedisOptions } from 'ioredis';
import {
  StoreMisconfiguredError,
  StoreUnavailableError,
  ValidationError,
} from '../../errors/payment-error.ts';
import { redisStoreError } from './store-error.ts';

/** What can be set about a connection beyond its URL. */
export interface ConnectRedisOptions {
  /** Settings of ioredis that replace ours, such as `commandTimeout` (300 ms), `tls` or `sentinels`. */
  readonly client?: RedisOptions;
  /** Told of errors of the connection, which is made anew by itself; commands report their own. */
  readonly onError?: (error: Error) => void;
  /** Accepts a server that may evict keys under pressure, and with them claims. Not for production. */
  readonly allowEviction?: boolean;
}

/** Under these no call can hang, and nothing is sent twice. */
export const boundedSettings = {
  commandTimeout: 300,
  connectTimeout: 300,
  socketTimeout: 500,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  // Waits for as long as a server loads its data; a command that is refused with LOADING says so at once.
  enableReadyCheck: false,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 1_000),
  // A primary that became a replica refuses for ever; the name may lead to its successor by now. Nothing is sent again.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

/**
 * Connects to the Redis server at `url` (`redis://` or, with TLS, `rediss://`) and checks once that it can keep money safe:
 * version 7.0 or later, a primary, its data loaded, nothing evicted. Afterwards the client reconnects by itself; while it is
 * away every command fails at once. Close it with `disconnect()`.
 *
 * Commands fail after 300 ms, connecting after 300 ms; both are the bounds of each try and can be set in `client`.
 *
 * @throws ValidationError for a URL of another kind; StoreMisconfiguredError for a wrong password, a version that is too old
 * or a policy that evicts; StoreUnavailableError when the server is not there, loading or a replica. Messages name the host
 * and never the password.
 */
export async function connectRedis(url: string, options: ConnectRedisOptions = {}): Promise<Redis> {
  const operation = `connecting to ${checkedHost(url)}`;
  const redis = new Redis(url, {
    ...boundedSettings,
    ...options.client,
    lazyConnect: true,
    replyMapping: 'legacy',
  });
  let last: Error | undefined;
  redis.on('error', (error: Error) => {
    last = error;
    options.onError?.(error);
  });
  try {
    await redis.connect();
    checkServer(await redis.info(), operation, options.allowEviction ?? false);
    return redis;
  } catch (error) {
    redis.disconnect();
    if (error instanceof StoreUnavailableError) throw error;
    // Why a connection was closed is told by its last error, not by the promise that ends with it.
    throw redisStoreError(operation, last ?? error);
  }
}

function checkedHost(url: string): string {
  const { protocol, host } = URL.canParse(url) ? new URL(url) : { protocol: '', host: '' };
  if (host !== '' && (protocol === 'redis:' || protocol === 'rediss:')) return host;
  throw new ValidationError('connectRedis: the URL must begin with redis:// or rediss:// and name a host');
}

function checkServer(info: string, operation: string, allowEviction: boolean): void {
  const facts = new Map(
    info.split('\r\n').map((line) => [line.split(':', 1)[0], line.replace(/^[^:]*:/, '')]),
  );
  const failed = `redis: ${operation} failed`;
  const version = facts.get('redis_version') ?? '';
  if (!(Number.parseInt(version, 10) >= 7)) {
    throw new StoreMisconfiguredError(
      `${failed}: the server has version ${version}; Redis 7.0 or later is needed`,
    );
  }
  if (facts.get('loading') === '1') {
    throw new StoreUnavailableError(`${failed} with LOADING: the server is still loading its data`);
  }
  if (facts.get('role') === 'slave') {
    throw new StoreUnavailableError(
      `${failed} with READONLY: the server is a replica; connect to the primary`,
    );
  }
  const policy = facts.get('maxmemory_policy') ?? 'noeviction';
  const mayEvict = policy !== 'noeviction' && facts.get('maxmemory') !== '0';
  if (mayEvict && !allowEviction) {
    const remedy = 'set maxmemory-policy to noeviction, or pass allowEviction where losing it does no harm';
    throw new StoreMisconfiguredError(
      `${failed}: maxmemory-policy ${policy} may evict what is stored; ${remedy}`,
    );
  }
}
