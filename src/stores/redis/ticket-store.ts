// Tickets in Redis: each operation is one script, so it is atomic and one round trip.

import type { Ticket, TicketStore } from '../../reconciliation/ticket-store.ts';
import { endingsScript } from './endings-script.ts';
import { type RedisStoreOptions, storeRunner } from './options.ts';
import { flagIn, listIn, numberIn, recordReader } from './reply.ts';
import { luaScript } from './script.ts';
import { sortKey } from './sort-key.ts';

// A ticket is a hash named by what sorts as its id does; `open` and `closed` hold those names by when tickets were opened and
// closed. No key carries a TTL: only `prune` forgets.
const common = `
local sorted = ARGV[2]
local function nameOf(sorted) return base .. ':r:' .. sorted end
local function put(ticket)
  redis.call('HSET', nameOf(sorted), unpack(flat(ticket)))
  if ticket.state == 'OPEN' then
    redis.call('ZADD', base .. ':open', ticket.openedAtMs, sorted)
  else
    redis.call('ZREM', base .. ':open', sorted)
  end
  if ticket.state == 'CLOSED' then ended('closed', sorted) end
end
`;

const taking = `
local id, kind, attempt, lease = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local ticket = row(nameOf(sorted))
if ticket and ticket.state == 'WORKING' and ticket.attemptId == attempt then return { 1, flat(ticket) } end
local isLapsed = ticket and ticket.state == 'WORKING' and tonumber(ticket.leaseUntilMs) <= now
if ticket and ticket.state ~= 'RETRY' and not isLapsed then return { 0, flat(ticket) } end
ticket = {
  id = id, type = kind, state = 'WORKING', token = text((ticket and ticket.token or 0) + 1), attemptId = attempt,
  leaseUntilMs = text(now + lease), openedAtMs = ticket and ticket.openedAtMs or text(now)
}
put(ticket)
return { 1, flat(ticket) }
`;

const leaving = `
local ticket = row(nameOf(sorted))
if not ticket or ticket.state ~= 'WORKING' or ticket.token ~= ARGV[3] then return 0 end
ticket.state = ARGV[4]
put(ticket)
return 1
`;

const closing = `
local ticket = row(nameOf(sorted))
if not ticket or ticket.state ~= 'OPEN' then return 0 end
ticket.state = 'CLOSED'
put(ticket)
return 1
`;

const listing = `
local tickets = {}
for at, name in ipairs(redis.call('ZRANGEBYSCORE', base .. ':open', '-inf', '+inf', 'LIMIT', 0, ARGV[2])) do
  tickets[at] = redis.call('HGETALL', nameOf(name))
end
return tickets
`;

const script = (name: string, body: string) => luaScript(`tickets.${name}`, endingsScript, common, body);

const scripts = {
  take: script('take', taking),
  leave: script('leave', leaving),
  close: script('close', closing),
  listOpen: script('listOpen', listing),
  prune: script(
    'prune',
    `return forget('closed', ARGV[2], ARGV[3], function(name) redis.call('DEL', nameOf(name)) end)`,
  ),
};

/**
 * A `TicketStore` in Redis 7.0 or later. A ticket that is lost lets its remedy be tried again, under the same key; it needs the
 * server that `redisIdempotencyStore` asks for all the same.
 *
 * @throws ValidationError for options that cannot work.
 */
export function redisTicketStore(options: RedisStoreOptions): TicketStore {
  const run = storeRunner('tickets', options);
  return {
    async take({ id, type, attemptId, leaseMs }) {
      const reply = await run(scripts.take, sortKey(id), id, type, attemptId, leaseMs);
      const [taken, ticket] = listIn(reply);
      return { taken: flagIn(taken), ticket: ticketIn(ticket) };
    },
    leave: async ({ id, token, state }) => flagIn(await run(scripts.leave, sortKey(id), token, state)),
    close: async (id) => flagIn(await run(scripts.close, sortKey(id))),
    listOpen: async ({ limit }) => listIn(await run(scripts.listOpen, limit)).map(ticketIn),
    prune: async ({ olderThanMs, limit }) => numberIn(await run(scripts.prune, olderThanMs, limit)),
  };
}

const ticketIn = recordReader<Ticket>({
  id: 'text',
  type: 'text',
  state: 'text',
  token: 'number',
  attemptId: 'text',
  leaseUntilMs: 'number',
  openedAtMs: 'number',
});
