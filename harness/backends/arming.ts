// Operations on connections that the faulty proxy can tell apart: each has one of its own while it lasts, and somebody is
// told which before it begins. What has gone wrong on a connection stays there: it is given up.

/** A connection as whoever arms it knows it. */
export interface ArmedConnection {
  /** Port at the client's end. */
  readonly localPort: number;
  /** Number of the server's process for it, where the server has one for each. */
  readonly processId?: number;
}

/**
 * Called before each operation with its connection. What it answers may name a port of loopback: the operation then leaves
 * its connection for one made there, as it would that found its own dead.
 */
export type Arm = (connection: ArmedConnection) => Promise<{ readonly connectTo?: number } | undefined>;

/** How connections of one kind are made, known and ended. */
export interface Connector<Client> {
  /** Connects to a port of loopback, in bounded time. */
  open(port: number): Promise<Client>;
  address(client: Client): ArmedConnection;
  /** Whether it can be used again, as far as it knows. */
  isAlive(client: Client): boolean;
  close(client: Client): void;
}

/** One operation: what it does, and whether an error of it came from a server that goes on listening. */
export interface Operation<Client, Result> {
  run(client: Client): Promise<Result>;
  isAnswer(error: unknown): boolean;
}

/** See {@link connectionKeeper}. */
export interface ConnectionKeeper<Client> {
  /** Runs an operation alone on a connection, armed first. */
  run<Result>(operation: Operation<Client, Result>): Promise<Result>;
  /** A connection for several operations, which its taker arms and gives back. */
  take(): Promise<Client>;
  /** Arms one that was taken; there is nothing else to use in its place. */
  arm(client: Client): Promise<void>;
  /** Takes a connection back: kept for the next one, or closed. */
  giveBack(client: Client, isSpent: boolean): void;
  /** Ends every connection; nothing can be run afterwards. */
  close(): void;
}

/** See {@link connectionKeeper}. */
export interface KeeperOptions {
  /** Where to connect on loopback: the port of the proxy. */
  readonly port: number;
  readonly arm: Arm;
  /** How long arming may take, milliseconds (default 10 000): a server may have to come back from another fault first. */
  readonly armMs?: number;
}

const usualArmMs = 10_000;

/**
 * Keeps the connections of one client. There are as many as operations in flight, so that none waits for another; how many
 * that may be is for whoever starts operations to bound.
 */
export function connectionKeeper<Client>(
  connector: Connector<Client>,
  { port, arm, armMs = usualArmMs }: KeeperOptions,
): ConnectionKeeper<Client> {
  const idle: Client[] = [];
  const open = new Set<Client>();
  let isClosed = false;

  const connect = async (to: number): Promise<Client> => {
    if (isClosed) throw new Error('the armed connections are closed; make new ones');
    const client = await connector.open(to);
    open.add(client);
    if (isClosed) giveBack(client, true);
    return client;
  };
  const take = async (): Promise<Client> => {
    for (let client = idle.pop(); client !== undefined; client = idle.pop()) {
      if (connector.isAlive(client)) return client;
      giveBack(client, true);
    }
    return connect(port);
  };
  const giveBack = (client: Client, isSpent: boolean): void => {
    if (!isSpent && !isClosed) {
      idle.push(client);
      return;
    }
    open.delete(client);
    connector.close(client);
  };
  const tell = (client: Client): ReturnType<Arm> =>
    within(armMs, 'arming a connection', arm(connector.address(client)));
  const armed = async (client: Client): Promise<Client> => {
    try {
      const instead = await tell(client);
      if (instead?.connectTo === undefined) return client;
      const other = await connect(instead.connectTo);
      giveBack(client, true);
      return other;
    } catch (error) {
      giveBack(client, true);
      throw error;
    }
  };
  return {
    take,
    giveBack,
    async arm(client) {
      await tell(client);
    },
    async run(operation) {
      const client = await armed(await take());
      let isSpent = false;
      try {
        return await operation.run(client);
      } catch (error) {
        isSpent = !operation.isAnswer(error);
        throw error;
      } finally {
        giveBack(client, isSpent);
      }
    },
    close() {
      isClosed = true;
      idle.length = 0;
      for (const client of open) giveBack(client, true);
    },
  };
}

/** `url` with the address of a port of loopback in place of its own. */
export function urlAtPort(url: string, port: number): string {
  const there = new URL(url);
  there.hostname = '127.0.0.1';
  there.port = String(port);
  return there.href;
}

/** `work`, or an error after `ms` milliseconds that names it. */
export async function within<T>(ms: number, name: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
