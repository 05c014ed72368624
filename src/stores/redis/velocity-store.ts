// Velocity counts in Redis: each operation is one script, so that check and record are one.

import type { VelocityAnswer, VelocityStore } from '../../fraud/velocity-store.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { flagIn, listIn, numberIn } from './reply.ts';
import { luaScript } from './script.ts';

// What is counted together is a hash of payments, each packed into one field, beside a sorted set of when each is forgotten and
// their sum. Doubles are exact below 2^53; a sum from there on, which only confirmations can bring about, is not believed but added up
// anew. By the server's own clock all three keys end with the last payment in them.
const common = `
local key, attempt = ARGV[2], ARGV[3]
local payments, ends, sum = base .. ':v:' .. key, base .. ':u:' .. key, base .. ':s:' .. key
local function counts(payment)
  return payment and (payment.confirmed or #payment.holders > 0) and payment.amount or 0
end
local function load(id)
  local packed = redis.call('HGET', payments, id)
  return packed and cmsgpack.unpack(packed) or nil
end
local total = tonumber(redis.call('GET', sum) or '0')
local isExact = total < 9007199254740992
for _, id in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', text(now))) do
  total = total - counts(load(id))
  redis.call('HDEL', payments, id)
  redis.call('ZREM', ends, id)
end
if not isExact then
  total = 0
  for _, packed in ipairs(redis.call('HVALS', payments)) do total = total + counts(cmsgpack.unpack(packed)) end
end
local own = load(attempt)
local others = total - counts(own)
local function save()
  redis.call('SET', sum, text(total))
  if ARGV[1] ~= '' then return end
  local last = redis.call('ZREVRANGE', ends, 0, 0, 'WITHSCORES')[2]
  local untilMs = string.format('%.0f', math.ceil(last or now))
  for _, name in ipairs({ payments, ends, sum }) do redis.call('PEXPIREAT', name, untilMs) end
end
local function put(payment)
  total = others + counts(payment)
  redis.call('HSET', payments, attempt, cmsgpack.pack(payment))
  redis.call('ZADD', ends, text(payment.untilMs), attempt)
  save()
end
local function with(list, added)
  local union, seen = {}, {}
  for _, ids in ipairs({ list, added }) do
    for _, id in ipairs(ids) do
      if not seen[id] then union[#union + 1] = id end
      seen[id] = true
    end
  end
  return union
end
local function without(list, removed)
  local rest = {}
  for _, id in ipairs(list) do
    if #with(removed, { id }) > #removed then rest[#rest + 1] = id end
  end
  return rest
end
`;

const reserving = `
local evaluation, wanted, cap, windowMs, holdMs = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8]
local function answer(admitted, used)
  if admitted == 0 or own and own.confirmed then save() end
  return { admitted, text(used) }
end
if own and own.confirmed then return answer(1, others + own.amount) end
local amount = math.max(counts(own), wanted)
local released = own and own.released or {}
local isReleased = #with(released, { evaluation }) == #released
if isReleased or others + amount > cap then return answer(0, others + counts(own)) end
put({
  amount = amount, confirmed = false, holders = with(own and own.holders or {}, { evaluation }), released = released,
  untilMs = math.max(own and own.untilMs or 0, now + windowMs + holdMs)
})
return answer(1, others + amount)
`;

const confirming = `
if own and own.confirmed then
  save()
  return 0
end
put({ amount = tonumber(ARGV[4]), confirmed = true, holders = {}, released = {}, untilMs = now + ARGV[5] })
return 1
`;

const releasing = `
if own and own.confirmed then
  save()
  return 0
end
own = own or { amount = 0, confirmed = false, holders = {}, released = {}, untilMs = 0 }
local leaving = ARGV[5] == '1' and { ARGV[6] } or own.holders
put({
  amount = own.amount, confirmed = false, holders = without(own.holders, leaving), released = with(own.released, leaving),
  untilMs = math.max(own.untilMs, now + ARGV[4])
})
return 1
`;

const scripts = {
  reserve: luaScript('velocity.reserve', common, reserving),
  confirm: luaScript('velocity.confirm', common, confirming),
  release: luaScript('velocity.release', common, releasing),
};

/**
 * A `VelocityStore` in Redis 7.0 or later. A payment that is lost in a failover or evicted is not counted any more, so that a
 * cap may be exceeded by it. What is forgotten leaves the server by itself, except with `nowMs`.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisVelocityStore(options: RedisStoreOptions): VelocityStore {
  const run = storeRunner('velocity', options);
  return {
    async reserve({ key, attemptId, evaluationId, amount, cap, windowMs, holdMs }) {
      const asked = [evaluationId, amount, cap, windowMs, holdMs];
      const [admitted, used] = listIn(await run(scripts.reserve, key, attemptId, ...asked));
      return { admitted: flagIn(admitted), used: numberIn(used) } satisfies VelocityAnswer;
    },
    async confirm({ key, attemptId, amount, windowMs }) {
      await run(scripts.confirm, key, attemptId, amount, windowMs);
    },
    async release({ key, attemptId, evaluationId, windowMs }) {
      const one = evaluationId === undefined ? [0] : [1, evaluationId];
      await run(scripts.release, key, attemptId, windowMs, ...one);
    },
  };
}
