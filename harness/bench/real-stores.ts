// What the idempotent layer and its drivers cost on real servers, beside the clients alone: the very same commands, recorded
// once and sent again under other keys, with nothing around them.

import { idempotent } from '../../src/idempotency/idempotent.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import { systemRuntime } from '../../src/kernel/system-runtime.ts';
import { connectPostgres, migratePostgres, postgresIdempotencyStore } from '../../src/postgres.ts';
import { connectRedis, type RedisClient, redisIdempotencyStore } from '../../src/redis.ts';
import { BackendError } from '../backends/backend-error.ts';
import { type Backend, findBackend, findOptions } from '../backends/find.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import { type Contender, interleaved, median, type Pace, quotients, spread, type Turns } from './measure.ts';
import { type Goal, type Row, rowOf, type Section } from './row.ts';

/** How many calls are made while the client alone makes the round trips of one. */
const goal: Goal = { of: 'ratio', must: 'at least', value: 0.8 };

const calls = 400;
const atOnce = 100;
/** Far above what a server under load needs: a bench that gives up measures nothing. */
const patientMs = 30_000;
const connections = 20;

/** Fresh idempotent calls on each server that can be found or started, one behind the other and a hundred at once. */
export async function realStoresSection(pace: Pace): Promise<Section> {
  const rows: Row[] = [];
  const notes: string[] = [];
  for (const service of ['redis', 'postgres'] as const) {
    try {
      rows.push(...(await measured(service, pace)));
    } catch (error) {
      if (!(error instanceof BackendError && error.problem === 'missing')) throw error;
      notes.push(`\n  not measured: ${error.message}`);
    }
  }
  const title =
    'fresh idempotent calls on real servers (two round trips each), beside the client alone; calls a second';
  return { title: [title, ...notes].join(''), rows };
}

/** A store on a real server, and the client alone. */
interface Server {
  /** A store, and what it sends. */
  record(sent: Command[]): IdempotencyStore;
  readonly store: IdempotencyStore;
  send(command: Command): Promise<unknown>;
  close(): Promise<unknown>;
}

/** A command as the client takes it; any text in it may hold the key. */
type Command = readonly unknown[];

const servers = { redis: redisServer, postgres: postgresServer };

async function measured(service: 'redis' | 'postgres', pace: Pace): Promise<readonly Row[]> {
  const backend = await findBackend(service, findOptions(process.env));
  try {
    const server = await servers[service](backend);
    try {
      return await rowsOf(`${service} ${backend.version} (${backend.way})`, server, pace);
    } finally {
      await server.close();
    }
  } finally {
    await backend.stop();
  }
}

async function rowsOf(name: string, server: Server, pace: Pace): Promise<readonly Row[]> {
  const recorded = await recording(server);
  const rows: Row[] = [];
  for (const width of [1, atOnce]) {
    const run = (each: (mark: string, index: number) => Promise<unknown>): Contender => {
      return async () => {
        const mark = freshMark();
        await inLanes(width, (index) => each(mark, index));
      };
    };
    const charge = charger(server.store);
    const bare = async (mark: string, index: number): Promise<void> => {
      for (const command of recorded[index] ?? [])
        await server.send(command.map((part) => renamed(part, mark)));
    };
    const contenders = [run((mark, index) => charge(keyOf(mark, index))), run(bare)];
    const [ours = [], theirs = []] = await interleaved(contenders, { ...pace, counted: 'passing' });
    rows.push(row(`${name}, ${width === 1 ? 'one by one' : `${width} at once`}`, ours, theirs));
  }
  return rows;
}

function row(name: string, ours: Turns, theirs: Turns): Row {
  const perSecond = (turns: Turns): number => (calls * 1_000) / median(turns);
  const ratios = quotients(theirs, ours);
  return rowOf({
    name: `${name} ÷ client alone`,
    unit: 'calls/s',
    ours: perSecond(ours),
    peer: perSecond(theirs),
    ratio: median(ratios),
    spread: spread(ratios),
    goal,
  });
}

/** Makes all calls, so many of them at a time. */
async function inLanes(width: number, each: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < calls) await each(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

function renamed(part: unknown, mark: string): unknown {
  return typeof part === 'string' ? part.replaceAll(recordedMark, mark) : part;
}

let marks = 0;

/** Tells the keys of one turn from those of all others; always as long. */
function freshMark(): string {
  marks += 1;
  return `m${String(marks).padStart(8, '0')}`;
}

const recordedMark = 'm-recorded';

function keyOf(mark: string, index: number): string {
  return `${mark}-${index}`;
}

/** What each call sends, in its order. */
async function recording(server: Server): Promise<readonly (readonly Command[])[]> {
  const all: (readonly Command[])[] = [];
  // From then on the server knows the scripts, and each command is one round trip.
  await charger(server.store)(keyOf(freshMark(), 0));
  for (let index = 0; index < calls; index++) {
    const sent: Command[] = [];
    await charger(server.record(sent))(keyOf(recordedMark, index));
    if (sent.length !== 2) throw new Error(`a fresh call took ${sent.length} round trips instead of 2`);
    all.push(sent);
  }
  return all;
}

/** Charges one key through the idempotent layer; the gateway answers at once. */
function charger(store: IdempotencyStore): (key: string) => Promise<unknown> {
  const charge = idempotent<string, { readonly id: string }>({
    runtime: systemRuntime({ log: () => {} }),
    store,
    scope: () => 'shop',
    key: (key) => key,
    resolve: {
      capabilities: capabilitiesOf('stripe'),
      find: () => Promise.reject(new Error('nothing is unknown here')),
    },
  })(async (key) => ({ id: `ch_${key}` }));
  return (key) => charge(key);
}

async function redisServer({ url }: Backend): Promise<Server> {
  const redis = await connectRedis(url, { client: { commandTimeout: patientMs, socketTimeout: patientMs } });
  const options = { redis, keyPrefix: `bench-${process.pid}` };
  return {
    store: redisIdempotencyStore(options),
    record(sent) {
      const recorder: RedisClient = {
        evalsha: (sha1, keys, ...rest) => {
          sent.push([sha1, ...rest]);
          return redis.evalsha(sha1, keys, ...rest);
        },
        eval: (script, keys, ...rest) => redis.eval(script, keys, ...rest),
      };
      return redisIdempotencyStore({ ...options, redis: recorder });
    },
    send: ([sha1, ...rest]) => redis.evalsha(String(sha1), 1, ...rest.map(String)),
    async close() {
      await redis.flushdb();
      redis.disconnect();
    },
  };
}

async function postgresServer({ url }: Backend): Promise<Server> {
  const pool = await connectPostgres(url, {
    max: connections,
    connectionTimeoutMillis: patientMs,
    query_timeout: patientMs,
    statement_timeout: patientMs,
    lock_timeout: patientMs,
  });
  const schema = `bench_${process.pid}`;
  await migratePostgres({ pool, schema });
  return {
    store: postgresIdempotencyStore({ pool, schema }),
    record: (sent) => {
      const recorder = {
        query: (query: { readonly text: string; readonly values?: unknown[] }) => {
          sent.push([query.text, ...(query.values ?? [])]);
          return pool.query(query);
        },
      };
      return postgresIdempotencyStore({ pool: recorder, schema });
    },
    send: ([text, ...values]) => pool.query({ text: String(text), values }),
    async close() {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}
