// Where the stores of one case are: a server that many cases share, and what keeps their data apart.

/** See the file comment. */
export interface StoresAddress {
  readonly kind: ServerKind;
  /** Of the server, for user, password and database. */
  readonly url: string;
  /** Port of loopback at which workers reach it: that of the faulty proxy. */
  readonly port: number;
  /** A key prefix, or a schema. */
  readonly space: string;
}

/** What stores can be kept in beyond this process. */
export type ServerKind = 'redis' | 'postgres';
