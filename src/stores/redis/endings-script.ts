// When rows ended, in a sorted set by that time and then by the order in which they did; see the `endings` of the tables.

/**
 * For scripts of stores that forget. `ended(set, name)` notes that a row has ended now and answers its place in the set;
 * `forget(set, olderThanMs, limit, drop)` takes out what ended first, tells `drop` of each name and answers how many; where
 * `drop` answers false the row stays.
 */
export const endingsScript = `
local function ended(set, name)
  local member = place(redis.call('INCR', base .. ':seq')) .. name
  redis.call('ZADD', base .. ':' .. set, text(now), member)
  return member
end
local function forget(set, olderThanMs, limit, drop)
  local latest, taken, from = text(now - olderThanMs), 0, 0
  limit = tonumber(limit)
  while taken < limit do
    local members = redis.call('ZRANGEBYSCORE', base .. ':' .. set, '-inf', latest, 'LIMIT', from, 128)
    if #members == 0 then break end
    for _, member in ipairs(members) do
      if taken == limit then break end
      if drop(string.sub(member, 17)) == false then
        from = from + 1
      else
        redis.call('ZREM', base .. ':' .. set, member)
        taken = taken + 1
      end
    end
  end
  return taken
end
`;
