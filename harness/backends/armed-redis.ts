// What the Redis stores take as `redis` when their faults are addressed to single operations.

import { Redis, type RedisOptions } from 'ioredis';
import { boundedSettings } from '../../src/stores/redis/connect.ts';
import { type Arm, type Connector, connectionKeeper, urlAtPort, within } from './arming.ts';

/** See {@link armedRedis}. */
export interface ArmedRedis {
  evalsha(sha1: string, numkeys: number, ...keysAndArgs: string[]): Promise<unknown>;
  eval(script: string, numkeys: number, ...keysAndArgs: string[]): Promise<unknown>;
  /** Ends every connection. */
  close(): void;
}

/** See {@link armedRedis}. */
export interface ArmedRedisOptions {
  /** Of the server, for user, password and database; its host and port are the proxy's business. */
  readonly url: string;
  /** Port of the proxy on loopback. */
  readonly port: number;
  readonly arm: Arm;
  /** Settings of ioredis that replace the bounded ones, such as `commandTimeout` (300 ms). */
  readonly client?: RedisOptions;
}

// A connection that ends has ended: the next operation makes its own.
const onceOnly: RedisOptions = { ...boundedSettings, retryStrategy: () => null, reconnectOnError: null };

/** What connecting may take: the socket, then the commands that open a session. */
const openMs = 700;

/** A client that gives each command a connection of its own, armed before. Nothing is sent twice. */
export function armedRedis({ url, port, arm, client = {} }: ArmedRedisOptions): ArmedRedis {
  const connector = redisConnector(url, { ...onceOnly, ...client });
  const keeper = connectionKeeper(connector, { port, arm });
  const command = (send: (redis: Redis) => Promise<unknown>): Promise<unknown> =>
    keeper.run({ run: send, isAnswer: (error) => error instanceof Error && error.name === 'ReplyError' });
  return {
    evalsha: (sha1, numkeys, ...rest) => command((redis) => redis.evalsha(sha1, numkeys, ...rest)),
    eval: (script, numkeys, ...rest) => command((redis) => redis.eval(script, numkeys, ...rest)),
    close: () => keeper.close(),
  };
}

function redisConnector(url: string, settings: RedisOptions): Connector<Redis> {
  return {
    async open(port) {
      const redis = new Redis(urlAtPort(url, port), {
        ...settings,
        lazyConnect: true,
        replyMapping: 'legacy',
      });
      let last: Error | undefined;
      redis.on('error', (error: Error) => {
        last = error;
      });
      try {
        await within(openMs, 'connecting to Redis', redis.connect());
        return redis;
      } catch (error) {
        redis.disconnect();
        // Why a connection was closed is told by its last error, not by the promise that ends with it.
        throw last ?? error;
      }
    },
    address: ({ stream }) => ({ localPort: 'localPort' in stream ? (stream.localPort ?? 0) : 0 }),
    isAlive: ({ status }) => status === 'ready',
    close: (redis) => redis.disconnect(),
  };
}
