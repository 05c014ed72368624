// Delivery marks in Redis. A mark is one key that ends by itself: the time to live is set by the command that sets the key,
// because a process that dies between two would leave an id marked for ever.

import type { DeliveryMarks } from '../../webhooks/first-delivery.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { flagIn } from './reply.ts';
import { luaScript } from './script.ts';

// The instant is kept in the mark and decides, so that one clock does, be it the server's or another. Only the server's own
// clock can be left to forget the key.
const mark = luaScript(
  'marks.mark',
  `
local name, untilMs = base .. ':m:' .. ARGV[2], now + ARGV[3]
local marked = redis.call('GET', name)
if marked and tonumber(marked) > now then return 0 end
if ARGV[1] == '' then
  redis.call('SET', name, text(untilMs), 'PXAT', string.format('%.0f', math.ceil(untilMs)))
else
  redis.call('SET', name, text(untilMs))
end
return 1
`,
);

/**
 * `DeliveryMarks` in Redis 7.0 or later. A mark that is evicted, or lost in a failover, lets its event through a second time.
 * With `nowMs` the marks are never forgotten by the server.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisDeliveryMarks(options: RedisStoreOptions): DeliveryMarks {
  const run = storeRunner('marks', options);
  return { mark: async ({ id, ttlMs }) => flagIn(await run(mark, id, ttlMs)) };
}
