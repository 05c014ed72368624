// Mistakes planted in the drivers for Redis. The server is never allowed to know a script, so that its text comes along with
// every call and can be changed on the way.

import type { RedisClient } from '../../src/redis.ts';
import { type PlantedBug, planted } from './planted-bug.ts';
import type { RedisBetween } from './testing-redis.ts';

type Send = (script: string) => Promise<unknown>;

/** Looks with one command whether an amount fits, and counts it with a second one. */
const reservingLater = lookThenAct({
  at: 'if isReleased or others + amount > cap then return answer(0, others + counts(own)) end',
  look: 'not isReleased and others + amount <= cap',
  act: '',
});

/** Mistakes in the drivers for Redis. */
export const redisBugs: readonly PlantedBug<RedisBetween>[] = [
  {
    bug: 'claims with GET, and then SET',
    kind: 'idempotency-store',
    clause: 'claim: of many at once exactly one gets a free slot',
    plant: lookThenAct({
      at: 'if not record then return begin(1, 0, 0, text(now)) end',
      look: 'not record',
      act: 'return begin(1, 0, 0, text(now))',
    }),
  },
  {
    bug: 'completes without looking at the token',
    kind: 'idempotency-store',
    clause: 'fencing: complete is refused under a token that was taken over, and shows what stands there',
    plant: edited('record.token ~= token or record.state', 'record.state'),
  },
  {
    bug: 'sets the time to live in a second command',
    kind: 'idempotency-store',
    clause: 'expiry: an end and how long it lives are seen together',
    plant: timeToLiveLater(),
  },
  {
    bug: 'releases by deleting the record, and its counters with it',
    kind: 'idempotency-store',
    clause: 'release: gives the slot to any payload, with a new token and the old gateway key',
    plant: edited(
      "return write({ state = 'RELEASED', unresolved = '0' })",
      "local answer = write({ state = 'RELEASED', unresolved = '0' }) redis.call('DEL', name) return answer",
    ),
  },
  {
    bug: 'takes a lease that ends now for one that has not ended',
    kind: 'idempotency-store',
    clause: 'claim: reports the owner to everybody else until the lease is over',
    plant: edited(
      'if tonumber(record.leaseUntilMs) > now then',
      'if tonumber(record.leaseUntilMs) >= now then',
    ),
  },
  {
    bug: 'lists records of one age by their keys, and not in the order in which they came',
    kind: 'idempotency-store',
    clause: 'list: of records with one lease names first what came first',
    plant: edited('place(after.seq) .. after.key', 'place(0) .. after.key'),
  },
  {
    bug: 'writes progress whatever version it follows',
    kind: 'saga-journal',
    clause: 'write: each is taken once, in order, and extends the lease',
    plant: edited('tonumber(record.version) ~= version - 1 or ', ''),
  },
  {
    bug: 'takes the same write for a new one when it comes again',
    kind: 'saga-journal',
    clause: 'write: each is taken once, in order, and extends the lease',
    plant: edited('if record.version == version then return answer(1) end', ''),
  },
  {
    bug: 'hands out the second event of an object while the first is held',
    kind: 'inbox-store',
    clause: 'claim: the second event of an object waits while the first is held',
    plant: edited("known[object] = heldBy('busy', object) and true or false", 'known[object] = false'),
  },
  {
    bug: 'overwrites an effect that was applied',
    kind: 'inbox-store',
    clause: 'finish: applies an effect under a known key no second time',
    plant: edited("redis.call('HSETNX', base .. ':effects'", "redis.call('HSET', base .. ':effects'"),
  },
  {
    bug: 'does not know its own claim again',
    kind: 'inbox-store',
    clause: 'claim: recognises its own when the reply was lost, and gives no second event for it',
    plant: edited('if own then return own end', ''),
  },
  {
    bug: 'marks with GET, and then SET',
    kind: 'delivery-marks',
    clause: 'mark: of many at once exactly one is the first, when it is new and when it has expired',
    plant: lookThenAct({
      at: 'if marked and tonumber(marked) > now then return 0 end',
      look: 'not (marked and tonumber(marked) > now)',
      act: '',
    }),
  },
  {
    bug: 'tells the events of an effect that has happened',
    kind: 'ledger-store',
    clause: 'commit: an effect happens once, and a repetition because the reply was lost says so',
    plant: edited('if applied == 1 then', 'if true then'),
  },
  {
    bug: 'books units before it has judged all of them',
    kind: 'ledger-store',
    clause: 'commit: is refused as a whole by what stands otherwise, and names it',
    plant: edited("return { 0, 'entry', entry.key }", ''),
  },
  {
    bug: 'hands an event out again under the same token',
    kind: 'ledger-store',
    clause: 'outbox: hands an event out again when its lease is over, and not a millisecond before',
    plant: edited(
      'local token, attempts = text(event.token + 1)',
      'local token, attempts = text(event.token)',
    ),
  },
  {
    bug: 'settles an event whatever the token',
    kind: 'ledger-store',
    clause: 'fencing: nothing is taken from an owner whose claim is over: delivered',
    plant: edited('event.token ~= token or event.state', 'event.state'),
  },
  {
    bug: 'compares with the cap, and counts later',
    kind: 'velocity-store',
    clause: 'reserve: of many at once never more than the cap is admitted, and as much as fits',
    plant: reservingLater,
  },
  {
    bug: 'compares with the cap, and counts later, which generated calls show as well',
    kind: 'velocity-store',
    clause: 'parity: calls at once are answered as by the table in some order',
    plant: reservingLater,
  },
  {
    bug: 'counts a payment anew at each check',
    kind: 'velocity-store',
    clause: 'reserve: a payment is counted once, however often and at once it is checked',
    plant: edited('local others = total - counts(own)', 'local others = total'),
  },
  {
    bug: 'admits an evaluation that was released',
    kind: 'velocity-store',
    clause: 'release: an evaluation is never admitted again, though its request comes late or first now',
    plant: edited('local isReleased = #with', 'local isReleased = false and #with'),
  },
  {
    bug: 'takes a ticket with GET, and then SET',
    kind: 'ticket-store',
    clause: 'take: of many at once exactly one holds the ticket, when it is new and when its lease is over',
    plant: lookThenAct({
      at: "if ticket and ticket.state ~= 'RETRY' and not isLapsed then return { 0, flat(ticket) } end",
      look: "not ticket or ticket.state == 'RETRY' or isLapsed",
      act: '',
    }),
  },
  {
    bug: 'leaves a ticket whatever the token',
    kind: 'ticket-store',
    clause: 'fencing: leave is refused under another token, or twice, or where there is nothing',
    plant: edited("ticket.state ~= 'WORKING' or ticket.token ~= ARGV[3]", "ticket.state ~= 'WORKING'"),
  },
  {
    bug: 'lets the last verdict stand',
    kind: 'verdict-log',
    clause: 'keep: the first verdict stands, and every one is kept, once',
    plant: edited('known.standing = known.standing or verdict', 'known.standing = verdict'),
  },
  {
    bug: 'lets a verdict stand whose evaluation had withdrawn',
    kind: 'verdict-log',
    clause: 'withdraw: what is undecided or withdrawn already is kept for audit and never stands',
    plant: edited('not isUndecided and not has(known.withdrawn, evaluation)', 'not isUndecided'),
  },
  {
    bug: 'counts who is under way, and admits later',
    kind: 'limiter-store',
    clause: 'admit: of many at once never too many, and as many as fit',
    plant: lookThenAct({
      at: 'if blocking then return text(math.max(1, math.ceil(blocking + periodMs - now))) end',
      look: 'not blocking',
      act: '',
    }),
  },
  {
    bug: 'gives a probe that asks again a second place',
    kind: 'breaker-store',
    clause: 'enter: a probe that asks again has its place again',
    plant: edited('if placeOf(breaker.probes) then return keep(1) end', ''),
  },
];

/** Replaces a part of every script that has it. */
function edited(find: string, put: string): RedisBetween {
  return sending((script, send) => send(script.includes(find) ? planted(script, find, put) : script));
}

/** Looks with one command whether it may, and acts with a second one that does not look again. */
function lookThenAct(parts: {
  readonly at: string;
  readonly look: string;
  readonly act: string;
}): RedisBetween {
  const { at, look, act } = parts;
  return sending(async (script, send) => {
    if (!script.includes(at)) return send(script);
    const may = await send(planted(script, at, `if true then return (${look}) and 1 or 0 end`));
    return send(may === 1 ? planted(script, at, `do ${act} end`.replace('do  end', '')) : script);
  });
}

/** Ends a record with one command, and says with a second one how long it lives. */
function timeToLiveLater(): RedisBetween {
  return sending(async (script, send) => {
    const expiry = 'expiresAtMs = text(now + ARGV[5]),';
    if (!script.includes(expiry)) return send(script);
    const reply = await send(planted(script, expiry, ''));
    if (!Array.isArray(reply) || reply[0] !== 1) return reply;
    const later = planted(script, "record.state ~= 'IN_FLIGHT'", 'false');
    return send(planted(later, 'return write({', `return write({ state = record.state, ${expiry} }) or ({`));
  });
}

function sending(instead: (script: string, send: Send) => Promise<unknown>): RedisBetween {
  return (client: RedisClient): RedisClient => ({
    evalsha: async () => {
      throw Object.assign(new Error('NOSCRIPT'), { name: 'ReplyError' });
    },
    eval: (script, numkeys, ...args) => instead(script, (text) => client.eval(text, numkeys, ...args)),
  });
}
