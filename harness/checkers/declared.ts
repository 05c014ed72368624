// What a target says of itself, as far as it decides what may be asked of a campaign against it.

/** See the file comment. */
export interface Declared {
  readonly retries: boolean;
  readonly recovers: boolean;
  readonly breaker: boolean;
  readonly limiter: boolean;
  readonly audits: boolean;
  /** Whether it takes orders. */
  readonly orders: boolean;
}

/** A target that does all of it. */
export const declaresAll: Declared = {
  retries: true,
  recovers: true,
  breaker: true,
  limiter: true,
  audits: true,
  orders: true,
};
