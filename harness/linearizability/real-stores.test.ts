// Convinces by what many connections to one real server see of the same few slots at the same time, while some of them are
// torn off in the middle, so that the outcome of what they had asked is unknown: each slot's history must be that of one
// slot. That such histories can fail is shown beside the model, and here by a claim of two commands on the same server.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClaimAnswer, IdempotencyStore } from '../../src/idempotency/store.ts';
import { connectPostgres, migratePostgres, postgresIdempotencyStore } from '../../src/postgres.ts';
import { connectRedis, redisIdempotencyStore } from '../../src/redis.ts';
import { openTestPostgres, openTestRedis } from '../backends/testing.ts';
import { checkLinearizability } from './check-linearizability.ts';
import type { ObservedOperation } from './history.ts';
import { slotModel } from './slot-model.ts';
import { slotHistory } from './testing.ts';

const callers = 8;
const play = { callers, rounds: 60, keys: 4 };

function judge(operations: readonly ObservedOperation[]) {
  const verdict = checkLinearizability(operations, slotModel);
  const unknown = operations.filter(({ returned }) => returned === undefined).length;
  return { verdict, unknown, completed: operations.length - unknown };
}

const redis = await openTestRedis();

redis.suite('slots in Redis', () => {
  const clients: Awaited<ReturnType<typeof connectRedis>>[] = [];
  beforeAll(async () => {
    for (let index = 0; index <= callers; index++) clients.push(await connectRedis(redis.url));
  });
  afterAll(() => {
    for (const client of clients) client.disconnect();
  });
  const clientAt = (place: number) => {
    const client = clients[place];
    if (client === undefined) throw new Error(`no client ${place}`);
    return client;
  };
  const clientOf = (caller: string) => clientAt(Number(caller.slice(1)));

  it.each([1, 2, 3])('have one history each (%i)', async (seed) => {
    const keyPrefix = redis.keyPrefix();
    const connect = (caller: string) => redisIdempotencyStore({ redis: clientOf(caller), keyPrefix });
    const { verdict, completed } = judge(await slotHistory({ ...play, connect, seed }));
    expect(verdict.kind).toBe('linearizable');
    expect(completed).toBe(callers * play.rounds);
  });

  it('have one history each when connections are torn off', async () => {
    const keyPrefix = redis.keyPrefix();
    const connect = (caller: string) => redisIdempotencyStore({ redis: clientOf(caller), keyPrefix });
    const disturb = () => void clientAt(callers).call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');
    const recovered = (caller: string) =>
      new Promise((resolve) => {
        if (clientOf(caller).status === 'ready') resolve(caller);
        else clientOf(caller).once('ready', resolve);
      });
    const history = await slotHistory({ ...play, rounds: 100, connect, seed: 4, disturb, recovered });
    const { verdict, unknown, completed } = judge(history);
    expect(verdict.kind).toBe('linearizable');
    expect(Math.min(unknown, completed)).toBeGreaterThan(20);
  });

  it('show a claim of two commands', async () => {
    const keyPrefix = redis.keyPrefix();
    const kinds: string[] = [];
    for (let seed = 1; seed <= 10; seed++) {
      const connect = (caller: string) =>
        inTwoCommands(redisIdempotencyStore({ redis: clientOf(caller), keyPrefix: `${keyPrefix}${seed}:` }));
      kinds.push(judge(await slotHistory({ ...play, keys: 1, connect, seed })).verdict.kind);
    }
    expect(kinds).toContain('not-linearizable');
  });
});

/** A driver that looks whether a slot is taken and only then claims it, whoever has come between. */
function inTwoCommands(store: IdempotencyStore): IdempotencyStore {
  return {
    ...store,
    async claim(request): Promise<ClaimAnswer> {
      const seen = await store.read(request.key);
      const answer = await store.claim(request);
      const isFree = seen === null || seen.state === 'RELEASED';
      return isFree && !answer.owned
        ? { ...answer, owned: true, record: { ...answer.record, attemptId: request.attemptId } }
        : answer;
    },
  };
}

const postgres = await openTestPostgres();

postgres.suite('slots in Postgres', () => {
  const schema = postgres.schema();
  const pools: Awaited<ReturnType<typeof connectPostgres>>[] = [];
  beforeAll(async () => {
    const pool = await connectPostgres(postgres.url, { max: callers + 1 });
    pools.push(pool);
    await migratePostgres({ pool, schema });
  });
  afterAll(async () => {
    for (const pool of pools) await pool.query(`DROP SCHEMA "${schema}" CASCADE`);
    for (const pool of pools) await pool.end();
  });

  const connect = () => {
    const [pool] = pools;
    if (pool === undefined) throw new Error('not connected');
    return postgresIdempotencyStore({ pool, schema });
  };

  it.each([1, 2, 3])('have one history each (%i)', async (seed) => {
    const history = await slotHistory({ ...play, connect, seed, prefix: `${seed}:` });
    const { verdict, completed } = judge(history);
    expect(verdict.kind).toBe('linearizable');
    expect(completed).toBe(callers * play.rounds);
  });

  it('have one history each when connections are torn off', async () => {
    const admin = await connectPostgres(postgres.url, { max: 1 });
    const others =
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
    const disturb = () => void admin.query(others);
    const history = await slotHistory({ ...play, connect, seed: 4, prefix: 'torn:', disturb });
    await admin.end();
    const { verdict, unknown, completed } = judge(history);
    expect(verdict.kind).toBe('linearizable');
    expect(Math.min(unknown, completed)).toBeGreaterThan(20);
  });
});
