// The log of verdicts in Redis: each operation is one script, so it is atomic and one round trip.

import type { FraudVerdict, VerdictLog } from '../../fraud/verdict-log.ts';
import { endingsScript } from './endings-script.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { listIn, nullable, numberIn, textIn } from './reply.ts';
import { luaScript } from './script.ts';

// What is known of a payment is packed into one key: its verdicts as JSON, the evaluations that made them, that rely on the one
// that stands, and that withdrew. `spoken` holds the payments by their last word. No key carries a TTL: only `prune` forgets.
const common = `
local attempt, evaluation = ARGV[2], ARGV[3]
local function nameOf(attempt) return base .. ':r:' .. attempt end
local packed = redis.call('GET', nameOf(attempt))
local known = packed and cmsgpack.unpack(packed) or { verdicts = {}, judges = {}, relying = {}, withdrawn = {} }
local function has(list, word)
  for _, other in ipairs(list) do
    if other == word then return true end
  end
  return false
end
local function add(list, word)
  if not has(list, word) then list[#list + 1] = word end
end
local function put()
  if known.spoken then redis.call('ZREM', base .. ':spoken', known.spoken) end
  known.spoken = ended('spoken', attempt)
  redis.call('SET', nameOf(attempt), cmsgpack.pack(known))
end
`;

const keeping = `
local verdict, isUndecided = ARGV[4], ARGV[5] == '1'
if not has(known.judges, evaluation) then
  add(known.judges, evaluation)
  known.verdicts[#known.verdicts + 1] = verdict
end
if not isUndecided and not has(known.withdrawn, evaluation) then
  known.standing = known.standing or verdict
  add(known.relying, evaluation)
end
put()
return known.standing
`;

const withdrawing = `
local relying = {}
for _, other in ipairs(known.relying) do
  if other ~= evaluation then relying[#relying + 1] = other end
end
known.relying = relying
if #relying == 0 then known.standing = nil end
add(known.withdrawn, evaluation)
put()
return 1
`;

const scripts = {
  keep: luaScript('verdicts.keep', endingsScript, common, keeping),
  withdraw: luaScript('verdicts.withdraw', endingsScript, common, withdrawing),
  read: luaScript(
    'verdicts.read',
    endingsScript,
    common,
    'return { known.standing or false, known.verdicts }',
  ),
  prune: luaScript(
    'verdicts.prune',
    endingsScript,
    `return forget('spoken', ARGV[2], ARGV[3], function(attempt) redis.call('DEL', base .. ':r:' .. attempt) end)`,
  ),
};

/**
 * A `VerdictLog` in Redis 7.0 or later. It is the audit trail and the memory that an approved payment is approved, so it needs the
 * server that `redisIdempotencyStore` asks for: everything on disk before it is acknowledged, and no eviction.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisVerdictLog(options: RedisStoreOptions): VerdictLog {
  const run = storeRunner('verdicts', options);
  return {
    async keep(verdict) {
      const { attemptId, evaluationId, undecided } = verdict;
      const said = [JSON.stringify(verdict), Number(undecided ?? false)];
      return nullable(await run(scripts.keep, attemptId, evaluationId, ...said), verdictIn);
    },
    async withdraw({ attemptId, evaluationId }) {
      await run(scripts.withdraw, attemptId, evaluationId);
    },
    async read(attemptId) {
      const [standing, verdicts] = listIn(await run(scripts.read, attemptId));
      return { standing: nullable(standing, verdictIn), verdicts: listIn(verdicts).map(verdictIn) };
    },
    prune: async ({ olderThanMs, limit }) => numberIn(await run(scripts.prune, olderThanMs, limit)),
  };
}

function verdictIn(reply: unknown): FraudVerdict {
  return JSON.parse(textIn(reply));
}
