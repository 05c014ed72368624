// When something happened within a run.

/** One instant within a run: virtual milliseconds, and its place in the total order of everything recorded. */
export interface Instant {
  readonly atMs: number;
  readonly order: number;
}
