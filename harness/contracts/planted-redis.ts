// Mistakes planted in the drivers for Redis. The server is never allowed to know a script, so that its text comes along with
// every call and can be changed on the way.

import type { RedisClient } from '../../src/redis.ts';
import { type PlantedBug, planted } from './planted-bug.ts';
import type { RedisBetween } from './testing-redis.ts';

type Send = (script: string) => Promise<unknown>;

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
