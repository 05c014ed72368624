// What the drivers need of `pg`: as little as this, so that a pool, one client inside a transaction, or a test's pool of counted
// connections all fit.

/** One statement with its arguments. */
export interface PostgresQuery {
  readonly text: string;
  readonly values?: unknown[];
  /** Milliseconds after which the client gives up, instead of what the connection was made with. */
  readonly query_timeout?: number;
}

/** What a statement answered. */
export interface PostgresResult {
  /** The server's word for what it did, such as `COMMIT`. */
  readonly command: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Something that runs single statements: a `Pool` of `pg`, or one client that is inside a transaction. */
export interface PostgresQueryable {
  query(query: PostgresQuery): Promise<PostgresResult>;
}

/** One connection, to be given back. */
export interface PostgresConnection extends PostgresQueryable {
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  /** With `true` the connection is closed instead of used again. */
  release(destroy?: boolean): void;
}

/** A `Pool` of `pg`, where a transaction of several statements is needed. */
export interface PostgresPool extends PostgresQueryable {
  connect(): Promise<PostgresConnection>;
}
