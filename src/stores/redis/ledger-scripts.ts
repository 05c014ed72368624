// What the books do, as scripts: the table beside the memory store in the language of the server.
//
// `effects` is the set of those that happened, `prints` leads from an entry's key to its fingerprint, `entries` from its place to
// itself. Totals are kept as they grow, each in two parts below and above a thousand million: the server counts in 64 bits and
// would refuse to go on where a sum of many entries is larger. Nothing of the books is ever taken out, and no key has a TTL.

import { endingsScript } from './endings-script.ts';
import { outboxCommon } from './outbox-scripts.ts';
import { luaScript } from './script.ts';

/** Reads the units from the arguments, in the order in which the driver writes them. */
const reading = `
local cursor = 1
local function following()
  cursor = cursor + 1
  return ARGV[cursor]
end
local function several(read)
  local list = {}
  for at = 1, tonumber(following()) do list[at] = read() end
  return list
end
local function posting() return { account = following(), above = following(), below = following() } end
local function entry()
  return {
    key = following(), fingerprint = following(), json = following(), paid = following() == '1',
    payment = following(), postings = several(posting)
  }
end
local function event()
  return { id = following(), fingerprint = following(), aggregate = following(), json = following() }
end
local units = several(function()
  return { effect = following(), entries = several(entry), events = several(event) }
end)
`;

/** Everything is judged before anything is written, because a script that stops half-way is not undone. */
const judging = `
local function happened(effect) return redis.call('SISMEMBER', base .. ':effects', effect) == 1 end
local function entryPrint(key) return redis.call('HGET', base .. ':prints', key) end
local function eventPrint(id) return redis.call('HGET', rowOf(id), 'fingerprint') end
local effects, entryPrints, eventPrints = {}, {}, {}
local function differs(prints, name, standing, fingerprint)
  local there = standing or prints[name]
  if not there then prints[name] = fingerprint end
  return there and there ~= fingerprint
end
for _, unit in ipairs(units) do
  local repeated = effects[unit.effect] or happened(unit.effect)
  effects[unit.effect] = true
  for _, entry in ipairs(unit.entries) do
    local standing = entryPrint(entry.key)
    local missing = repeated and not standing and not entryPrints[entry.key]
    if missing or differs(entryPrints, entry.key, standing, entry.fingerprint) then
      return { 0, 'entry', entry.key }
    end
  end
  for _, event in ipairs(repeated and {} or unit.events) do
    if differs(eventPrints, event.id, eventPrint(event.id), event.fingerprint) then
      return { 0, 'event', event.id }
    end
  end
end
`;

const committing = `
local function count(totals, posting)
  redis.call('HINCRBY', base .. totals, posting.account .. '\\nabove', posting.above)
  redis.call('HINCRBY', base .. totals, posting.account .. '\\nbelow', posting.below)
end
local function post(entry)
  if redis.call('HSETNX', base .. ':prints', entry.key, entry.fingerprint) == 0 then return false end
  local sequence = redis.call('HLEN', base .. ':prints')
  redis.call('HSET', base .. ':entries', sequence, text(now) .. ' ' .. entry.json)
  for _, posting in ipairs(entry.postings) do
    count(':totals', posting)
    if entry.paid then count(':t:' .. entry.payment, posting) end
  end
  return true
end
local outcomes = {}
for at, unit in ipairs(units) do
  local entries, events = {}, {}
  local applied = redis.call('SADD', base .. ':effects', unit.effect)
  if applied == 1 then
    for _, entry in ipairs(unit.entries) do
      if post(entry) then entries[#entries + 1] = entry.key end
    end
    for _, event in ipairs(unit.events) do
      if append(event) then events[#events + 1] = event.id end
    end
  end
  outcomes[at] = { applied, entries, events }
end
return { 1, outcomes }
`;

const paging = `
local after = tonumber(ARGV[2])
local last = math.min(after + ARGV[3], redis.call('HLEN', base .. ':entries'))
local rows = {}
for sequence = after + 1, last do
  rows[#rows + 1] = redis.call('HGET', base .. ':entries', text(sequence))
end
return rows
`;

/** One script for each operation of a ledger's store. */
export const ledgerScripts = {
  commit: luaScript('ledger.commit', endingsScript, outboxCommon, reading, judging, committing),
  entries: luaScript('ledger.entries', paging),
  totals: luaScript('ledger.totals', `return redis.call('HGETALL', base .. ARGV[2])`),
};
