// What the Postgres stores take as `pool` when their faults are addressed to single operations.

import { Socket } from 'node:net';
import { Client, type ClientConfig, type QueryConfig, type QueryResult } from 'pg';
import {
  type Arm,
  type ArmedConnection,
  type Connector,
  connectionKeeper,
  urlAtPort,
  within,
} from './arming.ts';

/** One connection of it, for a transaction of several statements. */
export interface ArmedPostgresConnection {
  query(query: QueryConfig): Promise<QueryResult>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  /** With `true` the connection is closed instead of used again. */
  release(destroy?: boolean): void;
}

/** See {@link armedPostgres}. */
export interface ArmedPostgres {
  query(query: QueryConfig): Promise<QueryResult>;
  connect(): Promise<ArmedPostgresConnection>;
  /** Ends every connection. */
  close(): void;
}

/** See {@link armedPostgres}. */
export interface ArmedPostgresOptions {
  /** Of the server, for user, password and database; its host and port are the proxy's business. */
  readonly url: string;
  /** Port of the proxy on loopback. */
  readonly port: number;
  readonly arm: Arm;
  /** Settings of pg that replace the bounded ones, such as `query_timeout` (300 ms). */
  readonly client?: ClientConfig;
}

const bounded = {
  connectionTimeoutMillis: 300,
  query_timeout: 300,
  statement_timeout: 250,
  lock_timeout: 200,
  keepAlive: true,
  application_name: 'paystorm',
} as const satisfies ClientConfig;

/** What connecting may take: the socket and the handshake, then the first statement. */
const openMs = 700;

/**
 * A pool that gives each statement a connection of its own, armed before. In a transaction of several statements it is the
 * COMMIT that is armed: what is lost before is no more than what a crash loses. Nothing is sent twice.
 */
export function armedPostgres({ url, port, arm, client = {} }: ArmedPostgresOptions): ArmedPostgres {
  const keeper = connectionKeeper(postgresConnector(url, { ...bounded, ...client }), { port, arm });
  return {
    query: (query) => keeper.run({ run: (line) => line.client.query(query), isAnswer }),
    async connect() {
      const line = await keeper.take();
      return {
        async query(query) {
          if (/^\s*commit\b/i.test(query.text)) await keeper.arm(line);
          return line.client.query(query);
        },
        on: (event, listener) => line.client.on(event, listener),
        off: (event, listener) => line.client.off(event, listener),
        release: (destroy = false) => keeper.giveBack(line, destroy),
      };
    },
    close: () => keeper.close(),
  };
}

interface Line {
  readonly client: Client;
  readonly address: ArmedConnection;
  isAlive: boolean;
}

/** An error that ends no session; those that do are FATAL, and what comes of the network has no severity at all. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && error.severity === 'ERROR';
}

function postgresConnector(url: string, settings: ClientConfig): Connector<Line> {
  return {
    async open(port) {
      const socket = new Socket();
      const client = new Client({
        ...settings,
        connectionString: urlAtPort(url, port),
        stream: () => socket,
      });
      let line: Line | undefined;
      const lose = (): void => {
        if (line !== undefined) line.isAlive = false;
      };
      client.on('error', lose);
      client.on('end', lose);
      const greet = async (): Promise<number> => {
        await client.connect();
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        return rows[0]?.pid ?? 0;
      };
      try {
        const processId = await within(openMs, 'connecting to Postgres', greet());
        line = { client, address: { localPort: socket.localPort ?? 0, processId }, isAlive: true };
        return line;
      } catch (error) {
        socket.destroy();
        throw error;
      }
    },
    address: ({ address }) => address,
    isAlive: (line) => line.isAlive,
    close: (line) => {
      line.isAlive = false;
      void line.client.end().catch(() => {});
    },
  };
}
