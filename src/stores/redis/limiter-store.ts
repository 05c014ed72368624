// A rate limit in Redis: the check and the admission are one script.

import type { LimiterStore } from '../../resilience/limiter-store.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { numberIn } from './reply.ts';
import { luaScript } from './script.ts';

// The calls of one name are a sorted set by when they were admitted. By the server's own clock it ends with the last of them.
const admit = luaScript(
  'limiter.admit',
  `
local admissions, call, most, periodMs = base .. ':a:' .. ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local since = now - periodMs
local own = redis.call('ZSCORE', admissions, call)
if own and tonumber(own) > since then return '0' end
local blocking = redis.call('ZREVRANGEBYSCORE', admissions, '+inf', '(' .. text(since), 'WITHSCORES', 'LIMIT', most - 1, 1)[2]
if blocking then return text(math.max(1, math.ceil(blocking + periodMs - now))) end
redis.call('ZREMRANGEBYSCORE', admissions, '-inf', text(since))
redis.call('ZADD', admissions, text(now), call)
if ARGV[1] == '' then redis.call('PEXPIREAT', admissions, string.format('%.0f', math.ceil(now + periodMs))) end
return '0'
`,
);

/**
 * A `LimiterStore` in Redis 7.0 or later. Admissions that are lost in a failover or evicted are not counted any more, so that a
 * window may hold too many. What has left the window leaves the server by itself, except with `nowMs`.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisLimiterStore(options: RedisStoreOptions): LimiterStore {
  const run = storeRunner('limiter', options);
  return {
    async admit({ name, callId, maxCalls, periodMs }) {
      const waitMs = numberIn(await run(admit, name, callId, maxCalls, periodMs));
      return waitMs === 0 ? { admitted: true } : { admitted: false, waitMs };
    },
  };
}
