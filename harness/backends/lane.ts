// One direction of a connection: bytes leave in the order in which they came, some of them later than others.

import type { Socket } from 'node:net';

/** See {@link laneTo}. */
export interface Lane {
  /** Sends `bytes` when `waitMs` milliseconds have passed and everything before them has left. */
  send(bytes: Buffer, waitMs: number): void;
  /** Ends the connection when everything before has left. */
  end(): void;
  /** Forgets what has not left. */
  clear(): void;
}

/** The way to `socket`. */
export function laneTo(socket: Socket): Lane {
  const queue: (() => void)[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let lastDueMs = 0;
  const push = (waitMs: number, leave: () => void): void => {
    const nowMs = performance.now();
    lastDueMs = Math.max(lastDueMs, nowMs + waitMs);
    if (queue.length === 0 && lastDueMs <= nowMs) {
      leave();
      return;
    }
    queue.push(leave);
    // Timers of one instant may fire in any order: each lets the first one leave, whichever it was set for.
    const timer = setTimeout(() => {
      timers.delete(timer);
      queue.shift()?.();
    }, lastDueMs - nowMs);
    timers.add(timer);
  };
  return {
    send: (bytes, waitMs) => push(waitMs, () => void socket.write(bytes)),
    end: () => push(0, () => void socket.end()),
    clear() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      queue.length = 0;
    },
  };
}
