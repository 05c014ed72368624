// One operation of a store is one server-side script: atomic, and one round trip. The server keeps scripts by their hash until
// it restarts or is told to forget them; then the text is sent again, once.

import { createHash } from 'node:crypto';
import { ValidationError } from '../../errors/payment-error.ts';
import { redisErrorCode, redisStoreError } from './store-error.ts';

/** What the stores ask of a client; an `ioredis` client or cluster has it. */
export interface RedisClient {
  evalsha(sha1: string, numkeys: number, ...keysAndArgs: string[]): Promise<unknown>;
  eval(script: string, numkeys: number, ...keysAndArgs: string[]): Promise<unknown>;
}

/** A script with the hash under which the server knows it. */
export interface LuaScript {
  /** Store and operation, for messages. */
  readonly name: string;
  readonly text: string;
  readonly sha1: string;
}

/** What a script is given: texts, and finite numbers. */
export type ScriptArgument = string | number;

/** Runs scripts of one store, each as one round trip. */
export type ScriptRunner = (script: LuaScript, ...args: readonly ScriptArgument[]) => Promise<unknown>;

/** Where a store's keys lie, and which clock its scripts decide by. */
export interface ScriptSetting {
  readonly redis: RedisClient;
  /** What every key of the store begins with. */
  readonly base: string;
  readonly nowMs?: (() => number) | undefined;
}

/**
 * What every script begins with. `#!lua` without flags makes the server refuse the whole script up front where a write could
 * be refused half-way (out of memory, a read-only replica, a full disk), so that none is applied in part, and so that no
 * replica answers with what is out of date. Numbers go through `text`: Lua's own way of printing them loses digits.
 */
const prelude = `#!lua
local base = KEYS[1]
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function text(number) return string.format('%.17g', number) end
local function place(number) return string.format('%016.0f', number) end
local function named(flat)
  local fields = {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end
local function row(key)
  local flat = redis.call('HGETALL', key)
  if #flat == 0 then return nil end
  return named(flat)
end
local function flat(fields)
  local list = {}
  for field, value in pairs(fields) do
    list[#list + 1] = field
    list[#list + 1] = value
  end
  return list
end
`;

/** The script called `name`: what all scripts share, then `parts`. */
export function luaScript(name: string, ...parts: readonly string[]): LuaScript {
  const text = prelude + parts.join('\n');
  return { name, text, sha1: createHash('sha1').update(text).digest('hex') };
}

/**
 * Runs the scripts of one store. A script finds the store's clock in its first argument, or asks the server.
 *
 * @throws ValidationError, before anything is sent, for a text that UTF-8 cannot hold (half of a surrogate pair: two such keys
 * would become one) and for a number that is not finite; else as {@link redisStoreError} says.
 */
export function scriptRunner({ redis, base, nowMs }: ScriptSetting): ScriptRunner {
  return async (script, ...args) => {
    const sent = [
      base,
      nowMs === undefined ? '' : sendable(script, nowMs()),
      ...args.map((arg) => sendable(script, arg)),
    ];
    try {
      return await redis.evalsha(script.sha1, 1, ...sent);
    } catch (error) {
      // Nothing was done, so sending it again cannot do it twice.
      if (redisErrorCode(error) !== 'NOSCRIPT') throw redisStoreError(script.name, error);
    }
    try {
      return await redis.eval(script.text, 1, ...sent);
    } catch (error) {
      throw redisStoreError(script.name, error);
    }
  };
}

function sendable({ name }: LuaScript, arg: ScriptArgument): string {
  if (typeof arg === 'string' && arg.isWellFormed()) return arg;
  if (typeof arg === 'number' && Number.isFinite(arg)) return String(arg);
  const got = typeof arg === 'string' ? 'half of a surrogate pair' : typeof arg;
  throw new ValidationError(`redis: ${name} takes well-formed texts and finite numbers, got ${got}`);
}
