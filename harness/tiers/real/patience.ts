// Reading the books of a server that has just been hurt: what is lost with a connection is asked for again.

import { setTimeout as sleep } from 'node:timers/promises';

const tries = 40;
const pauseMs = 100;

/** Repeats `read`, which changes nothing, until it answers. Rejects with its last error after some seconds. */
export async function patiently<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt === tries) throw error;
      await sleep(pauseMs);
    }
  }
}
