// A fault of a server lasts for a while: somebody begins it, lets something happen, and ends it.

import { setTimeout as sleep } from 'node:timers/promises';

/** A fault while it lasts. */
export interface Ongoing {
  /** Where an operation under it has to connect anew, a port of loopback; absent when its connection will do. */
  readonly connectTo?: number;
  /** Ends it, and resolves when the service works again. To be called once. */
  end(): Promise<void>;
}

/** A fault that has done all that it does. */
export const alreadyOver: Ongoing = { end: async () => {} };

const pollMs = 5;

/**
 * Waits until `isSo`.
 *
 * @throws Error that names `what` when it is not so within `ms` milliseconds (default 10 000).
 */
export async function until(what: string, isSo: () => Promise<boolean>, ms = 10_000): Promise<void> {
  const endMark = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > endMark) throw new Error(`${what}: still not so after ${ms} ms`);
    await sleep(pollMs);
  }
}
