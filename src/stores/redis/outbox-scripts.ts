// What the outbox does, as scripts: the table beside the memory store in the language of the server.
//
// An event is a hash. Those still to be delivered are sorted by their place under their aggregate; the first of each aggregate
// stands in `waiting` by when it is due, or in `ready` by its place. `dead` and `delivered` hold what their names say.

import { endingsScript } from './endings-script.ts';
import { luaScript } from './script.ts';

/** What scripts of the outbox share, and the commit that appends to it. */
export const outboxCommon = `
local function rowOf(id) return base .. ':o:' .. id end
local function queueOf(aggregate) return base .. ':q:' .. aggregate end
local function setHead(aggregate)
  local old = redis.call('HGET', base .. ':heads', aggregate)
  if old then
    redis.call('ZREM', base .. ':ready', old)
    redis.call('ZREM', base .. ':waiting', old)
  end
  local id = redis.call('ZRANGE', queueOf(aggregate), 0, 0)[1]
  if not id then
    redis.call('HDEL', base .. ':heads', aggregate)
    return
  end
  redis.call('HSET', base .. ':heads', aggregate, id)
  local head = row(rowOf(id))
  if tonumber(head.dueAtMs) <= now then
    redis.call('ZADD', base .. ':ready', head.seq, id)
  else
    redis.call('ZADD', base .. ':waiting', head.dueAtMs, id)
  end
end
local function enqueue(event, id)
  redis.call('ZADD', queueOf(event.aggregate), event.seq, id)
  setHead(event.aggregate)
end
local function append(event)
  if redis.call('EXISTS', rowOf(event.id)) == 1 then return false end
  local seq = text(redis.call('INCR', base .. ':seq'))
  redis.call('HSET', rowOf(event.id), 'fingerprint', event.fingerprint, 'aggregate', event.aggregate, 'json', event.json,
    'seq', seq, 'state', 'pending', 'token', '0', 'attempts', '0', 'dueAtMs', '0')
  enqueue({ aggregate = event.aggregate, seq = seq }, event.id)
  return true
end
`;

const claiming = `
local limit, lease = ARGV[2], ARGV[3]
for _, id in ipairs(redis.call('ZRANGEBYSCORE', base .. ':waiting', '-inf', text(now))) do
  redis.call('ZREM', base .. ':waiting', id)
  redis.call('ZADD', base .. ':ready', redis.call('HGET', rowOf(id), 'seq'), id)
end
local claimed = {}
for at, id in ipairs(redis.call('ZRANGEBYSCORE', base .. ':ready', '-inf', '+inf', 'LIMIT', 0, limit)) do
  local event = row(rowOf(id))
  local token, attempts = text(event.token + 1), text(event.attempts + 1)
  redis.call('HSET', rowOf(id), 'token', token, 'attempts', attempts, 'dueAtMs', text(now + lease))
  setHead(event.aggregate)
  claimed[at] = { event.json, token, attempts, redis.call('ZCARD', queueOf(event.aggregate)) }
end
return claimed
`;

const settling = `
local id, token, outcome = ARGV[2], ARGV[3], ARGV[4]
local event = row(rowOf(id))
if not event or event.token ~= token or event.state ~= 'pending' then return 0 end
if outcome == 'failed' then
  redis.call('HSET', rowOf(id), 'token', text(token + 1), 'dueAtMs', text(now + ARGV[5]))
else
  redis.call('ZREM', queueOf(event.aggregate), id)
  redis.call('HSET', rowOf(id), 'state', outcome)
end
if outcome == 'delivered' then ended('delivered', id) end
if outcome == 'dead' then
  redis.call('HSET', rowOf(id), 'reason', ARGV[5], 'diedAtMs', text(now))
  redis.call('ZADD', base .. ':dead', event.seq, id)
end
setHead(event.aggregate)
return 1
`;

const requeueing = `
local id = ARGV[2]
local event = row(rowOf(id))
if not event or event.state ~= 'dead' then return 0 end
redis.call('ZREM', base .. ':dead', id)
redis.call('HSET', rowOf(id), 'state', 'pending', 'attempts', '0', 'dueAtMs', text(now))
enqueue(event, id)
return 1
`;

const lettering = `
local letters = {}
for at, id in ipairs(redis.call('ZRANGEBYSCORE', base .. ':dead', '-inf', '+inf', 'LIMIT', 0, ARGV[2])) do
  letters[at] = redis.call('HMGET', rowOf(id), 'json', 'attempts', 'reason', 'diedAtMs')
end
return letters
`;

const script = (name: string, ...parts: readonly string[]) =>
  luaScript(`outbox.${name}`, endingsScript, outboxCommon, ...parts);

/** One script for each operation of an outbox. */
export const outboxScripts = {
  claim: script('claim', claiming),
  settle: script('settle', settling),
  deadLetters: script('deadLetters', lettering),
  requeue: script('requeue', requeueing),
  prune: script(
    'prune',
    `return forget('delivered', ARGV[2], ARGV[3], function(id) redis.call('DEL', rowOf(id)) end)`,
  ),
};
