// What a saga journal does, as scripts: the table beside the memory journal in the language of the server.
//
// A saga is a hash. Each definition has three sorted sets: `due` by when recovery may look, `repair` by when the saga was begun,
// and `ended` for what may be forgotten. No key carries a TTL: only `prune` forgets.

import { endingsScript } from './endings-script.ts';
import { luaScript } from './script.ts';

/** Where a saga lies; its name in the sets is `sorted`, which orders as the id does. */
const places = `
local function nameOf(saga, sorted) return base .. ':r:' .. #saga .. ':' .. saga .. ':' .. sorted end
`;

const common = `${places}
local saga, id, sorted = ARGV[2], ARGV[3], ARGV[4]
local name = nameOf(saga, sorted)
local record = row(name)
local function answer(yes) return { yes, text(now), record and flat(record) or false } end
local function held() return record.attemptId and record.dueAtMs and tonumber(record.dueAtMs) > now end
local function queue(set, score)
  local key = base .. ':' .. set .. ':' .. saga
  if score then redis.call('ZADD', key, score, sorted) else redis.call('ZREM', key, sorted) end
end
local function put()
  local state = record.state
  redis.call('DEL', name)
  redis.call('HSET', name, unpack(flat(record)))
  queue('due', record.dueAtMs)
  queue('repair', state == 'FAILED_COMPENSATION' and record.startedAtMs)
  local isOver = state == 'COMPLETED' or state == 'COMPENSATED'
  if isOver and not record.attemptId and not record.dueAtMs then ended('ended:' .. saga, sorted) end
  return answer(1)
end
`;

const taking = `
local function take(why, attempt, lease)
  if not record then return answer(0) end
  if held() then return answer(record.attemptId == attempt and 1 or 0) end
  local due = tonumber(record.dueAtMs)
  local may = due
  if why == 'recovery' then may = due and due <= now end
  if why == 'repair' then may = due or record.state == 'FAILED_COMPENSATION' end
  if not may then return answer(0) end
  record.token = text(record.token + 1)
  record.attemptId = attempt
  record.dueAtMs = text(now + lease)
  return put()
end
`;

const opening = `
local fingerprint, progress, attempt, lease = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
if record then
  if record.fingerprint ~= fingerprint then return answer(0) end
  return take('opening', attempt, lease)
end
record = {
  saga = saga, id = id, fingerprint = fingerprint, progress = progress, attemptId = attempt, state = 'RUNNING',
  token = '1', version = '0', startedAtMs = text(now), dueAtMs = text(now + lease),
  seq = text(redis.call('INCR', base .. ':seq'))
}
return put()
`;

const writing = `
local function write(change)
  local token, version, state, progress = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
  if not record or record.token ~= token then return answer(0) end
  if record.version == version then return answer(1) end
  if tonumber(record.version) ~= version - 1 or not record.attemptId then return answer(0) end
  record.version, record.state, record.progress = version, state, progress
  change()
  return put()
end
`;

const leaving = `
return write(function()
  record.attemptId = nil
  record.dueAtMs = ARGV[9] ~= '' and text(now + ARGV[9]) or nil
end)
`;

const renewing = `
if not record or record.token ~= ARGV[5] or not record.attemptId then return answer(0) end
record.dueAtMs = text(now + ARGV[6])
return put()
`;

const listing = `
local queue, limit = ARGV[2], ARGV[3]
local latest = queue == 'due' and text(now) or '+inf'
local records = {}
for at = 4, #ARGV do
  local key = base .. ':' .. queue .. ':' .. ARGV[at]
  for _, sorted in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', latest, 'LIMIT', 0, limit)) do
    records[#records + 1] = redis.call('HGETALL', nameOf(ARGV[at], sorted))
  end
end
return records
`;

const pruning = `
local saga = ARGV[2]
return forget('ended:' .. saga, ARGV[3], ARGV[4], function(sorted) redis.call('DEL', nameOf(saga, sorted)) end)
`;

const script = (name: string, ...parts: readonly string[]) =>
  luaScript(`saga.${name}`, endingsScript, ...parts);

/** One script for each operation of a saga journal. */
export const sagaScripts = {
  open: script('open', common, taking, opening),
  claim: script('claim', common, taking, 'return take(ARGV[7], ARGV[5], ARGV[6])'),
  save: script('save', common, writing, 'return write(function() record.dueAtMs = text(now + ARGV[9]) end)'),
  leave: script('leave', common, writing, leaving),
  renew: script('renew', common, renewing),
  read: script('read', common, 'return record and flat(record)'),
  list: script('list', places, listing),
  prune: script('prune', places, pruning),
};
