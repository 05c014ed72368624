// Telling somebody who must not matter: a metric, a log, a listener.

/**
 * Calls `tell` and lets nothing of it reach the caller: neither what it throws nor what a promise that it returns
 * rejects with. A full disk must not turn a charge into a failure.
 */
export function quietly(tell: () => unknown): void {
  try {
    const told = tell();
    if (told instanceof Promise) told.catch(ignore);
  } catch {
    // See above.
  }
}

function ignore(): void {}
