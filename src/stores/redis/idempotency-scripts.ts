// What an idempotency store does, as scripts: the table beside the memory store in the language of the server.
//
// A record is a hash. It never carries a TTL, not even when it is final: the counters from which gateway keys are made outlive
// every record, and a key that came back would be answered with another payment. Two sorted sets by the end of the lease lead
// to what needs resolving: `leased` to records in flight, `undecided` to those left UNKNOWN or PENDING.

import { luaScript } from './script.ts';

const common = `
local key = ARGV[2]
local name = base .. ':r:' .. key
local record = row(name)
local sets = { IN_FLIGHT = 'leased', UNKNOWN = 'undecided', PENDING = 'undecided' }
local function index(before, after)
  local member = place(after.seq) .. after.key
  local old, new = sets[before], sets[after.state]
  if old and old ~= new then redis.call('ZREM', base .. ':' .. old, member) end
  if new then redis.call('ZADD', base .. ':' .. new, after.leaseUntilMs, member) end
end
`;

const claiming = `
local fingerprint, request, attempt, lease = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local function owned() return { 1, text(now), flat(record) } end
local function refused() return { 0, text(now), flat(record) } end
local function begin(token, epoch, generation, usedFrom)
  local before = record and record.state
  local seq = record and record.seq or redis.call('INCR', base .. ':seq')
  record = {
    key = key, state = 'IN_FLIGHT', fingerprint = fingerprint, request = request, token = text(token),
    attemptId = attempt, epoch = text(epoch), generation = text(generation), leaseUntilMs = text(now + lease),
    sendableUntilMs = text(now), keyUsedFromMs = usedFrom, unresolved = '0', seq = text(seq)
  }
  if before then redis.call('DEL', name) end
  redis.call('HSET', name, unpack(flat(record)))
  index(before, record)
  return owned()
end
if not record then return begin(1, 0, 0, text(now)) end
local state = record.state
if state == 'RELEASED' then
  return begin(record.token + 1, record.epoch, record.generation, record.keyUsedFromMs)
end
if record.expiresAtMs and tonumber(record.expiresAtMs) <= now then
  return begin(record.token + 1, record.epoch + 1, 0, text(now))
end
if record.fingerprint ~= fingerprint then return refused() end
if state == 'IN_FLIGHT' and record.attemptId == attempt then return owned() end
if state == 'COMPLETED' or state == 'FAILED' then return refused() end
if state == 'IN_FLIGHT' then
  if tonumber(record.leaseUntilMs) > now then return refused() end
  record.sendableUntilMs = text(math.max(record.sendableUntilMs, record.leaseUntilMs))
end
record.state = 'IN_FLIGHT'
record.token = text(record.token + 1)
record.attemptId = attempt
record.leaseUntilMs = text(now + lease)
record.unresolved = '1'
redis.call('HSET', name, unpack(flat(record)))
index(state, record)
return owned()
`;

const writing = `
local token = ARGV[3]
if not record then return { 0, text(now), false } end
if record.token ~= token or record.state ~= 'IN_FLIGHT' then return { 0, text(now), flat(record) } end
local function write(changes)
  redis.call('HSET', name, unpack(flat(changes)))
  for field, value in pairs(changes) do record[field] = value end
  index('IN_FLIGHT', record)
  return { 1, text(now), flat(record) }
end
`;

const suspending = `
local changes = { state = ARGV[4], unresolved = '1' }
if ARGV[5] == '1' then changes.sendableUntilMs = text(now) end
if ARGV[6] == '1' and not record.sealedAtMs then changes.sealedAtMs = text(now) end
if ARGV[7] == '1' then changes.gatewayId = ARGV[8] end
return write(changes)
`;

const advancing = `
redis.call('HDEL', name, 'sealedAtMs')
record.sealedAtMs = nil
return write({ generation = text(record.generation + 1), keyUsedFromMs = text(now), unresolved = '0' })
`;

const listing = `
local limit = ARGV[2]
local records = {}
local function add(set, latest)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', base .. ':' .. set, '-inf', latest, 'LIMIT', 0, limit)) do
    records[#records + 1] = redis.call('HGETALL', base .. ':r:' .. string.sub(member, 17))
  end
end
add('leased', text(now))
add('undecided', '+inf')
return records
`;

const write = (name: string, body: string) => luaScript(`idempotency.${name}`, common, writing, body);

/** One script for each operation of an idempotency store. */
export const idempotencyScripts = {
  claim: luaScript('idempotency.claim', common, claiming),
  complete: write(
    'complete',
    `return write({ state = 'COMPLETED', result = ARGV[4], expiresAtMs = text(now + ARGV[5]), unresolved = '0' })`,
  ),
  fail: write(
    'fail',
    `return write({ state = 'FAILED', failure = ARGV[4], expiresAtMs = text(now + ARGV[5]), unresolved = '0' })`,
  ),
  release: write('release', `return write({ state = 'RELEASED', unresolved = '0' })`),
  renew: write('renew', `return write({ leaseUntilMs = text(now + ARGV[4]) })`),
  suspend: write('suspend', suspending),
  advance: write('advance', advancing),
  read: luaScript('idempotency.read', `return redis.call('HGETALL', base .. ':r:' .. ARGV[2])`),
  list: luaScript('idempotency.list', listing),
};
