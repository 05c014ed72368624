// What can befall a Redis server, each brought about by the server itself, so that drivers hear its own words. Only for
// servers that were started to be hurt: some of these lose everything that is on them.

import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { RealFaultKind } from '../faults/real-kinds.ts';
import type { LocalServer } from './local-server.ts';
import { alreadyOver, type Ongoing, until } from './server-fault.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** The kinds of fault that a Redis can have. */
export type RedisFaultKind = Extract<RealFaultKind, `redis-${string}`>;

/** See {@link redisFaults}. */
export interface RedisFaults {
  /** Begins a fault; `ms` bounds those that would end by themselves, loading to 5 s at most. One at a time. */
  begin(kind: RedisFaultKind, ms: number): Promise<Ongoing>;
  /** The URL of the server that is the primary now. */
  primaryUrl(): string;
  /** Leaves the servers as they are. */
  close(): void;
}

/** See {@link redisFaults}. */
export interface RedisPair {
  readonly primary: LocalServer;
  /** A replica of the primary, which a failover promotes. */
  readonly replica: LocalServer;
  /** What clients are connected through; pointed at the primary. */
  readonly proxy: Pick<TcpProxy, 'pointTo'>;
}

interface Node {
  readonly server: LocalServer;
  readonly admin: Redis;
}

/** Faults for the primary of a pair, and failover between the two. */
export function redisFaults({ primary, replica, proxy }: RedisPair): RedisFaults {
  let current = nodeOf(primary);
  let standby = nodeOf(replica);
  const failover = async (): Promise<Ongoing> => {
    await caughtUp(current, standby);
    // From here on the replica is behind: what is acknowledged now is on the primary alone.
    await standby.admin.replicaof('NO', 'ONE');
    return {
      async end() {
        [current, standby] = [standby, current];
        proxy.pointTo({ host: '127.0.0.1', port: current.server.port });
        await standby.admin.replicaof('127.0.0.1', current.server.port);
        await caughtUp(current, standby);
      },
    };
  };
  return {
    async begin(kind, ms) {
      switch (kind) {
        case 'redis-failover':
          return failover();
        case 'redis-eviction':
          return evict(current.admin);
        case 'redis-oom':
          return configured(current.admin, { maxmemory: '1', 'maxmemory-policy': 'noeviction' });
        case 'redis-readonly':
          return readOnly(current.admin);
        case 'redis-loading':
          return load(current, ms);
        case 'redis-busy':
          return keepBusy(current);
        case 'redis-script-flush':
          await current.admin.script('FLUSH', 'SYNC');
          return alreadyOver;
        case 'redis-pause':
          return pause(current.admin, ms);
      }
    },
    primaryUrl: () => current.server.url,
    close() {
      for (const { admin } of [current, standby]) admin.disconnect();
    },
  };
}

function nodeOf(server: LocalServer): Node {
  return { server, admin: connectionTo(server, { commandTimeout: 10_000 }) };
}

function connectionTo(
  server: LocalServer,
  options: { readonly commandTimeout?: number; readonly db?: number },
): Redis {
  const redis = new Redis(server.url, {
    ...options,
    enableReadyCheck: false,
    disableClientInfo: true,
    replyMapping: 'legacy',
  });
  // It connects again by itself; what fails meanwhile says so.
  redis.on('error', () => {});
  return redis;
}

async function caughtUp(primary: Node, replica: Node): Promise<void> {
  await until('the replica of Redis has caught up', async () => {
    const [there, here] = await Promise.all([
      primary.admin.info('replication'),
      replica.admin.info('replication'),
    ]);
    const offset = fact(there, 'master_repl_offset');
    return (
      fact(here, 'master_link_status') === 'up' && Number(fact(here, 'slave_repl_offset')) >= Number(offset)
    );
  });
}

function fact(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
}

/** Sets what `values` says, and sets it back in the end. */
async function configured(admin: Redis, values: Readonly<Record<string, string>>): Promise<Ongoing> {
  const before: string[] = [];
  for (const name of Object.keys(values)) before.push(name, await settingOf(admin, name));
  await admin.call('CONFIG', 'SET', ...Object.entries(values).flat());
  return {
    async end() {
      await admin.call('CONFIG', 'SET', ...before);
    },
  };
}

async function settingOf(admin: Redis, name: string): Promise<string> {
  const [, value] = (await admin.config('GET', name)) as [string, string];
  return value;
}

/** Evicts every key: the worst of what a policy of all keys may do. */
async function evict(admin: Redis): Promise<Ongoing> {
  const pressed = await configured(admin, { 'maxmemory-policy': 'allkeys-random', maxmemory: '1' });
  try {
    await until('every key is evicted', async () => (await admin.dbsize()) === 0);
  } finally {
    await pressed.end();
  }
  return alreadyOver;
}

/** Makes it a replica of nobody: it keeps what it has, answers, and refuses to write. */
async function readOnly(admin: Redis): Promise<Ongoing> {
  await admin.replicaof('127.0.0.1', 1);
  return {
    async end() {
      await admin.replicaof('NO', 'ONE');
    },
  };
}

/** Keys that make loading last, in a database that nobody else uses. */
const fillerDatabase = 15;
const leastFillers = 50;
const mostFillers = 2_500;
/** The server answers nobody while it loads a few small keys: this must be far less than what clients wait. */
const keyMs = 2;
/** Longer than what the server loads between two looks at its clients, however well it is compressed. */
const fillerBytes = 2_048;

/**
 * Lets it load its data anew, from a file that it has just written, so slowly that this takes about `ms` milliseconds when
 * nobody ends it before.
 */
async function load({ server, admin }: Node, ms: number): Promise<Ongoing> {
  const loader = connectionTo(server, { db: fillerDatabase });
  const fillers = Math.min(mostFillers, Math.max(leastFillers, Math.ceil(ms / keyMs)));
  const filled = Array.from({ length: fillers }, (_, index) => [`filler:${index}`, randomBytes(fillerBytes)]);
  await loader.mset(...filled.flat());
  const keys = fillers + (await admin.dbsize());
  const slowed = await configured(admin, {
    'key-load-delay': String(Math.max(1, Math.round((Math.min(ms, keys * keyMs) * 1_000) / keys))),
    'loading-process-events-interval-bytes': '1024',
  });
  const loaded = loader.call('DEBUG', 'RELOAD');
  // It is awaited in the end; a failure until then shows in that nothing is being loaded.
  loaded.catch(() => {});
  const end = async (): Promise<void> => {
    try {
      // The delay is looked at before each key, so that the rest is loaded at once.
      await slowed.end();
      await loaded;
      await loader.flushdb();
    } finally {
      loader.disconnect();
    }
  };
  return begun(
    end,
    until('Redis is loading', () => answersWith(admin, 'LOADING')),
  );
}

/** The longest that a script may be left running, should nobody come to kill it. */
const busyMs = 5_000;
const busyLoop = `
local function now() local time = redis.call('TIME'); return time[1] * 1000 + time[2] / 1000 end
local last = now() + ARGV[1]
while now() < last do end`;

/** Lets a script run that does not end, and everybody else be told so at once. */
async function keepBusy({ server, admin }: Node): Promise<Ongoing> {
  const hasty = await configured(admin, { 'busy-reply-threshold': '1' });
  const runner = connectionTo(server, {});
  const run = runner.eval(busyLoop, 0, busyMs).catch(() => {});
  const end = async (): Promise<void> => {
    // It may have come to its own end meanwhile.
    await admin.script('KILL').catch(() => {});
    await run;
    runner.disconnect();
    await hasty.end();
  };
  return begun(
    end,
    until('Redis is busy', () => answersWith(admin, 'BUSY')),
  );
}

/** Holds commands that may write for `ms` milliseconds; the others, such as the one that ends it, are answered. */
async function pause(admin: Redis, ms: number): Promise<Ongoing> {
  await admin.call('CLIENT', 'PAUSE', ms, 'WRITE');
  return {
    async end() {
      await admin.call('CLIENT', 'UNPAUSE');
    },
  };
}

/** What `end` ends, once it has come about; ended at once where that fails. */
async function begun(end: () => Promise<void>, came: Promise<void>): Promise<Ongoing> {
  try {
    await came;
    return { end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function answersWith(admin: Redis, code: string): Promise<boolean> {
  try {
    await admin.ping();
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith(code);
  }
}
