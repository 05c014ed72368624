// Where the stores of one case are: a server that many cases share, and what keeps their data apart.

/** See the file comment. */
export interface StoresAddress {
  readonly kind: 'redis' | 'postgres';
  readonly url: string;
  /** A key prefix, or a schema. */
  readonly space: string;
}
