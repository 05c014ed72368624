// What an inbox store does, as scripts: the table beside the memory store in the language of the server.
//
// An event is a hash, and so is where an object stands; applied effects share one. Events in each state are sorted by when they
// came in, those that may be claimed by when they are due. `own` leads from a claimer's attempt to its event and `busy` from an
// object; both are believed only while the event says that it is held. No key carries a TTL: only `prune` forgets.

import { endingsScript } from './endings-script.ts';
import { luaScript } from './script.ts';

const common = `
local function nameOf(id) return base .. ':r:' .. id end
local function isNew(record) return not record or record.expiresAtMs and tonumber(record.expiresAtMs) <= now end
local function position(object)
  local stands = redis.call('HGETALL', base .. ':p:' .. object)
  return #stands > 0 and stands
end
local function put(record, before)
  local id, state = record.id, record.state
  if before ~= state then
    if before then redis.call('ZREM', base .. ':s:' .. before, id) end
    redis.call('ZADD', base .. ':s:' .. state, record.seq, id)
  end
  if state == 'DONE' then record.over = ended('done', id) end
  if state == 'DONE' or state == 'DEAD' then
    redis.call('ZREM', base .. ':due', place(record.line) .. id)
    record.line = nil
  else
    record.line = record.line or text(redis.call('INCR', base .. ':seq'))
    redis.call('ZADD', base .. ':due', record.dueAtMs, place(record.line) .. id)
  end
  redis.call('DEL', nameOf(id))
  redis.call('HSET', nameOf(id), unpack(flat(record)))
end
local function unlink(set, from, id)
  if redis.call('HGET', base .. ':' .. set, from) == id then redis.call('HDEL', base .. ':' .. set, from) end
end
local function letGo(record)
  unlink('own', record.attemptId, record.id)
  unlink('busy', record.object, record.id)
end
`;

const taking = `
local function isHeld(record) return record.state == 'CLAIMED' and tonumber(record.dueAtMs) > now end
local function heldBy(set, from)
  local id = redis.call('HGET', base .. ':' .. set, from)
  local record = id and row(nameOf(id))
  return record and isHeld(record) and record
end
local known = {}
local function isBusy(object)
  if known[object] == nil then known[object] = heldBy('busy', object) and true or false end
  return known[object]
end
local function claimable(id)
  local record = row(nameOf(id))
  local mayBe = record and record.state ~= 'DONE' and record.state ~= 'DEAD'
  return mayBe and tonumber(record.dueAtMs) <= now and not isBusy(record.object) and record
end
local function firstDue()
  local from = 0
  while true do
    local members = redis.call('ZRANGEBYSCORE', base .. ':due', '-inf', text(now), 'LIMIT', from, 32)
    for _, member in ipairs(members) do
      local id = string.sub(member, 17)
      if not isBusy(redis.call('HGET', nameOf(id), 'object')) then return row(nameOf(id)) end
    end
    if #members < 32 then return nil end
    from = from + 32
  end
end
local function take(attempt, lease, id)
  local own = heldBy('own', attempt)
  if own then return own end
  local record
  if id then record = claimable(id) else record = firstDue() end
  if not record then return nil end
  local before = record.state
  letGo(record)
  record.state = 'CLAIMED'
  record.token = text(redis.call('INCR', base .. ':token'))
  record.attemptId = attempt
  record.attempts = text(record.attempts + 1)
  record.dueAtMs = text(now + lease)
  put(record, before)
  redis.call('HSET', base .. ':own', attempt, record.id)
  redis.call('HSET', base .. ':busy', record.object, record.id)
  return record
end
`;

const receiving = `
local id, object, event, asks, attempt, lease = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local record = row(nameOf(id))
local first = isNew(record)
if first then
  if record then
    redis.call('ZREM', base .. ':done', record.over)
    redis.call('ZREM', base .. ':s:DONE', id)
  end
  record = {
    id = id, object = object, event = event, state = 'READY', token = '0', attemptId = '', attempts = '0', parks = '0',
    receivedAtMs = text(now), dueAtMs = text(now), seq = text(redis.call('INCR', base .. ':seq'))
  }
  put(record, nil)
end
local claimed = asks == '1' and take(attempt, lease, id)
record = claimed or record
return { first and 1 or 0, flat(record), claimed and 1 or 0, claimed and position(claimed.object) }
`;

const claiming = `
local id = ARGV[4] == '1' and ARGV[5] or nil
local record = take(ARGV[2], ARGV[3], id)
return record and { flat(record), position(record.object) }
`;

/** Writes of whoever holds the event: \`id\` and \`token\` come first. */
const holding = `
local record = row(nameOf(ARGV[2]))
if not record or record.state ~= 'CLAIMED' or record.token ~= ARGV[3] then
  return { 0, 'lost', record and flat(record) or false }
end
local function leave()
  letGo(record)
  put(record, 'CLAIMED')
  return { 1, '', flat(record) }
end
`;

const finishing = `
local lifeMs, moves, revision, status, versioned, version = unpack(ARGV, 4, 9)
if moves == '1' then
  local key = base .. ':p:' .. record.object
  if tonumber(redis.call('HGET', key, 'revision') or '0') ~= tonumber(revision) then
    return { 0, 'moved', flat(record) }
  end
  redis.call('DEL', key)
  redis.call('HSET', key, 'status', status, 'revision', text(revision + 1))
  if versioned == '1' then redis.call('HSET', key, 'version', version) end
end
for at = 10, #ARGV, 2 do
  if redis.call('HSETNX', base .. ':effects', ARGV[at], ARGV[at + 1]) == 1 then ended('applied', ARGV[at]) end
end
record.state, record.expiresAtMs = 'DONE', text(now + lifeMs)
return leave()
`;

const postponing = `
local isParked = ARGV[5] == '1'
record.state = isParked and 'PARKED' or 'READY'
if isParked then record.parks = text(record.parks + 1) end
record.dueAtMs, record.failure = text(now + ARGV[4]), ARGV[6]
return leave()
`;

const reviving = `
local record = row(nameOf(ARGV[2]))
if not record or record.state ~= 'DEAD' then return 0 end
record.state, record.attempts, record.parks, record.dueAtMs = 'READY', '0', '0', text(now)
put(record, 'DEAD')
return 1
`;

const listing = `
local records = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', base .. ':s:' .. ARGV[2], '-inf', '+inf', 'LIMIT', 0, ARGV[3])) do
  records[#records + 1] = redis.call('HGETALL', nameOf(id))
end
return records
`;

const pruning = `
local olderThanMs, limit = ARGV[2], ARGV[3]
local events = forget('done', olderThanMs, limit, function(id)
  if not isNew(row(nameOf(id))) then return false end
  redis.call('DEL', nameOf(id))
  redis.call('ZREM', base .. ':s:DONE', id)
end)
return events + forget('applied', olderThanMs, limit - events, function(key)
  redis.call('HDEL', base .. ':effects', key)
end)
`;

const script = (name: string, ...parts: readonly string[]) =>
  luaScript(`inbox.${name}`, endingsScript, common, ...parts);

/** One script for each operation of an inbox store. */
export const inboxScripts = {
  receive: script('receive', taking, receiving),
  claim: script('claim', taking, claiming),
  finish: script('finish', holding, finishing),
  postpone: script('postpone', holding, postponing),
  bury: script('bury', holding, `record.state, record.failure = 'DEAD', ARGV[4] return leave()`),
  revive: script('revive', reviving),
  list: script('list', listing),
  effect: script('effect', `return redis.call('HGET', base .. ':effects', ARGV[2])`),
  prune: script('prune', pruning),
};
