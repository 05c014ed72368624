// What has ended is of no use for ever, and a store that only grows is one day too slow or too large. Forgetting is as careful
// as keeping: what is forgotten too early happens a second time.

/** Asks a store to forget what has ended. */
export interface PruneRequest {
  /** Milliseconds since its end, by the store's clock; nothing younger is forgotten. */
  readonly olderThanMs: number;
  /** Most that is forgotten at once; what ended first goes first. */
  readonly limit: number;
}
