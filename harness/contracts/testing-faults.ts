// A network that loses, beneath the real drivers and their real clients: every third request never arrives, or its reply
// never comes back.

import type { PostgresQueryable } from '../../src/postgres.ts';
import type { RedisClient } from '../../src/redis.ts';

/** A client for Redis whose calls are lost as ioredis says it. */
export function lossyRedis(): (client: RedisClient) => RedisClient {
  const lose = losses(() => new Error('Connection is closed.'));
  return (client) => ({
    evalsha: (sha1, numkeys, ...args) => lose(() => client.evalsha(sha1, numkeys, ...args)),
    eval: (script, numkeys, ...args) => lose(() => client.eval(script, numkeys, ...args)),
  });
}

/** A pool of Postgres whose calls are lost as pg says it. */
export function lossyPostgres(): (pool: PostgresQueryable) => PostgresQueryable {
  const lose = losses(() => new Error('Connection terminated unexpectedly'));
  return (pool) => ({ query: (query) => lose(() => pool.query(query)) });
}

/** A client for Redis that sends again by itself what was not answered, as ioredis does unless it is told otherwise. */
export function resendingRedis(): (client: RedisClient) => RedisClient {
  const lossy = lossyRedis();
  return (client) => {
    const { evalsha, eval: send } = lossy(client);
    return {
      evalsha: (...command) => evalsha(...command).catch(() => client.evalsha(...command)),
      eval: (...command) => send(...command).catch(() => client.eval(...command)),
    };
  };
}

function losses(error: () => Error): <Reply>(send: () => Promise<Reply>) => Promise<Reply> {
  let sent = 0;
  return async (send) => {
    sent += 1;
    if (sent % 6 === 2) throw error();
    const reply = await send();
    if (sent % 6 === 5) throw error();
    return reply;
  };
}
