// Circuit breakers in Redis: each operation is one script.

import type { BreakerState } from '../../resilience/breaker-state.ts';
import type { BreakerCall, BreakerPosition, BreakerStore } from '../../resilience/breaker-store.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { flagIn, listIn, numberIn, textIn } from './reply.ts';
import { luaScript, type ScriptArgument } from './script.ts';

// A breaker is one packed value; one that is closed and has noted nothing since is written only when it changes.
const common = `
local name, call, threshold, windowMs = base .. ':b:' .. ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local recoveryMs, most = tonumber(ARGV[6]), tonumber(ARGV[7])
local packed = redis.call('GET', name)
local breaker = packed and cmsgpack.unpack(packed)
  or { state = 'closed', generation = 0, openedAtMs = 0, failures = {}, probes = {}, successes = 0 }
local function become(state, openedAtMs)
  breaker = {
    state = state, generation = breaker.generation + 1, openedAtMs = openedAtMs, failures = {}, probes = {}, successes = 0
  }
end
local function keep(admitted)
  local now = cmsgpack.pack(breaker)
  if now ~= packed then redis.call('SET', name, now) end
  return { admitted, breaker.state, text(breaker.generation) }
end
local function placeOf(list)
  for at, noted in ipairs(list) do
    if noted.call == call then return at end
  end
end
local oldest = breaker.probes[1]
if oldest and now - oldest.atMs >= recoveryMs then become('open', oldest.atMs + recoveryMs) end
`;

const entering = `
if breaker.state == 'closed' then return keep(1) end
if breaker.state == 'open' then
  if now - breaker.openedAtMs < recoveryMs then return keep(0) end
  become('half-open', 0)
end
if placeOf(breaker.probes) then return keep(1) end
if #breaker.probes + breaker.successes >= most then return keep(0) end
table.insert(breaker.probes, { call = call, atMs = now })
return keep(1)
`;

const leaving = `
local generation, verdict = tonumber(ARGV[8]), ARGV[9]
if generation ~= breaker.generation then return keep(0) end
if breaker.state == 'closed' then
  if verdict ~= 'failure' or placeOf(breaker.failures) then return keep(0) end
  local failures = {}
  for _, failure in ipairs(breaker.failures) do
    if failure.atMs > now - windowMs then table.insert(failures, failure) end
  end
  table.insert(failures, { call = call, atMs = now })
  breaker.failures = failures
  if #failures >= threshold then become('open', now) end
  return keep(0)
end
local place = placeOf(breaker.probes)
if not place then return keep(0) end
table.remove(breaker.probes, place)
if verdict == 'failure' then
  become('open', now)
  return keep(0)
end
if verdict == 'success' then breaker.successes = breaker.successes + 1 end
if breaker.successes >= most then become('closed', 0) end
return keep(0)
`;

const scripts = {
  enter: luaScript('breaker.enter', common, entering),
  leave: luaScript('breaker.leave', common, leaving),
};

/**
 * A `BreakerStore` in Redis 7.0 or later. A breaker that is lost in a failover or evicted is closed again.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisBreakerStore(options: RedisStoreOptions): BreakerStore {
  const run = storeRunner('breaker', options);
  return {
    async enter(call) {
      const [admitted, ...position] = listIn(await run(scripts.enter, ...argumentsOf(call)));
      return { admitted: flagIn(admitted), ...positionIn(position) };
    },
    async leave({ generation, verdict, ...call }) {
      const reply = listIn(await run(scripts.leave, ...argumentsOf(call), generation, verdict));
      return positionIn(reply.slice(1));
    },
  };
}

function argumentsOf({ name, callId, limits }: BreakerCall): readonly ScriptArgument[] {
  const { failureThreshold, windowMs, recoveryTimeoutMs, halfOpenProbes } = limits;
  return [name, callId, failureThreshold, windowMs, recoveryTimeoutMs, halfOpenProbes];
}

function positionIn([state, generation]: readonly unknown[]): BreakerPosition {
  return { state: textIn(state) as BreakerState, generation: numberIn(generation) };
}
