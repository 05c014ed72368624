// Room in a server for one case after the other.

import type { Drivers } from './drivers.ts';

/** See the file comment. */
export interface Spaces {
  /** An empty space: its name, and drivers on `nowMs`. */
  next(nowMs: () => number): Promise<{ readonly space: string; readonly drivers: Drivers }>;
  /** Removes all of them. */
  close(): Promise<void>;
}
