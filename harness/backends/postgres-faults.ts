// What can befall a Postgres server, each brought about by the server itself, so that drivers hear its own words. Only for
// servers that were started to be hurt.

import { Client, Pool } from 'pg';
import type { RealFaultKind } from '../faults/real-kinds.ts';
import type { ArmedConnection } from './arming.ts';
import type { LocalServer } from './local-server.ts';
import {
  closeTheCircle,
  isSnared,
  laySnare,
  liftSnare,
  prepareSnares,
  rivalStatement,
  type SnaredKind,
  snareTables,
} from './postgres-snares.ts';
import { type Ongoing, until } from './server-fault.ts';

/** The kinds of fault that a Postgres can have. */
export type PostgresFaultKind = Extract<RealFaultKind, `postgres-${string}`>;

/** See {@link postgresFaults}. */
export interface PostgresFaults {
  /** Lets what befalls transactions befall those that write in this schema; call it when its tables are there. */
  snare(schema: string): Promise<void>;
  /**
   * Begins a fault. What befalls transactions befalls those of the connection `on`, or of all without it; the rest befalls
   * the server. One at a time.
   */
  begin(kind: PostgresFaultKind, on?: ArmedConnection): Promise<Ongoing>;
  /** Leaves the servers as they are. */
  close(): Promise<void>;
}

/** See {@link postgresFaults}. */
export interface PostgresPair {
  readonly primary: LocalServer;
  /**
   * A streaming replica, which can be made to lag. After a restart of its primary it is there again when its
   * `wal_retrieve_retry_interval` has passed, which is best short.
   */
  readonly replica: LocalServer;
  /** The database that is hurt, as a superuser; by default the one in the URL of the server. */
  readonly url?: string;
  /** Port of the proxy, to which operations connect anew where that is what fails. */
  readonly proxyPort: number;
}

/** Faults for a primary and its replica. */
export async function postgresFaults(pair: PostgresPair): Promise<PostgresFaults> {
  const { primary, replica, proxyPort, url = primary.url } = pair;
  const admin = adminOf(url);
  const onReplica = adminOf(replica.url);
  await prepareSnares(admin);
  const begin = async (kind: PostgresFaultKind, on?: ArmedConnection): Promise<Ongoing> => {
    if (isSnared(kind)) return snared({ admin, url }, kind, on?.processId ?? 0);
    if (kind === 'postgres-shutdown') return shutDown(primary);
    if (kind === 'postgres-slots') return takeSlots({ admin, url }, proxyPort);
    return lag(admin, onReplica);
  };
  return {
    snare: (schema) => snareTables(admin, schema),
    begin,
    async close() {
      await Promise.all([admin.end(), onReplica.end()]);
    },
  };
}

interface Database {
  readonly admin: Pool;
  readonly url: string;
}

function adminOf(url: string): Pool {
  const bounds = { connectionTimeoutMillis: 5_000, query_timeout: 10_000 };
  const pool = new Pool({
    connectionString: url,
    max: 1,
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
    ...bounds,
  });
  // It connects again by itself; what fails meanwhile says so.
  pool.on('error', () => {});
  return pool;
}

async function snared({ admin, url }: Database, kind: SnaredKind, pid: number): Promise<Ongoing> {
  const rival = await rivalFor(url, kind);
  try {
    await laySnare(admin, kind, pid);
  } catch (error) {
    await rival?.leave();
    throw error;
  }
  return {
    async end() {
      await liftSnare(admin, pid);
      await rival?.leave();
    },
  };
}

/** Another session that holds what `kind` needs held, until it leaves; none where nothing is. */
async function rivalFor(url: string, kind: SnaredKind): Promise<{ leave(): Promise<void> } | undefined> {
  const taking = rivalStatement(kind);
  if (taking === undefined) return undefined;
  const rival = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  rival.on('error', () => {});
  await rival.connect();
  await rival.query('BEGIN');
  await rival.query(taking);
  const { rows } = await rival.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const circle = kind === 'postgres-deadlock' ? rival.query(closeTheCircle).catch(() => {}) : undefined;
  return {
    async leave() {
      if (circle !== undefined) await cancel(url, rows[0]?.pid ?? 0);
      await circle;
      await rival.end();
    },
  };
}

/** Ends what a session is doing, if it still is: a deadlock that nobody ran into has one half for ever. */
async function cancel(url: string, pid: number): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  await client.query('SELECT pg_cancel_backend($1)', [pid]);
  await client.end();
}

/** As after a power failure, but for what the disk has taken: connections end, and nobody is let in until it is over. */
async function shutDown(server: LocalServer): Promise<Ongoing> {
  await server.signal('SIGQUIT');
  await server.untilEnded();
  return { end: () => server.restart() };
}

const slotTaker = 'paystorm-slots';

/** Takes every connection that the server has to give, those for superusers too. */
async function takeSlots({ admin, url }: Database, proxyPort: number): Promise<Ongoing> {
  const taken: Client[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(taken.map((client) => client.end()));
    await until('the slots are free again', async () => {
      const { rows } = await admin.query('SELECT FROM pg_stat_activity WHERE application_name = $1', [
        slotTaker,
      ]);
      return rows.length === 0;
    });
  };
  try {
    // What is asked in the end is asked on a connection that is there already.
    const { rows } = await admin.query<{ most: number }>(
      `SELECT current_setting('max_connections')::int AS most`,
    );
    for (let left = rows[0]?.most ?? 0; left > 0 && (await takeSlot(url, taken)); left -= 1);
  } catch (error) {
    await end();
    throw error;
  }
  return { connectTo: proxyPort, end };
}

async function takeSlot(url: string, taken: Client[]): Promise<boolean> {
  const client = new Client({
    connectionString: url,
    application_name: slotTaker,
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    taken.push(client);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '53300') return false;
    throw error;
  }
}

/** Lets a replica receive and not apply, from an instant at which it had caught up: it answers with what was true. */
async function lag(admin: Pool, replica: Pool): Promise<Ongoing> {
  await caughtUp(admin, replica);
  await replica.query('SELECT pg_wal_replay_pause()');
  return {
    async end() {
      await replica.query('SELECT pg_wal_replay_resume()');
      await caughtUp(admin, replica);
    },
  };
}

async function caughtUp(admin: Pool, replica: Pool): Promise<void> {
  const { rows } = await admin.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  await until('the replica of Postgres has caught up', async () => {
    const { rows: there } = await replica.query<{ up: boolean }>(
      'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS up',
      [rows[0]?.lsn],
    );
    return there[0]?.up === true;
  });
}
