// Telling somebody who must not matter: a metric, a log, a listener.

/**
 * Calls `listener` with `fact`, as a method of `owner` if there is one, and lets nothing of it reach the caller: neither what it throws nor what a promise that
 * it returns rejects with. A full disk must not turn a charge into a failure.
 */
export function quietly<Fact>(listener: (fact: Fact) => unknown, fact: Fact, owner?: object): void {
  try {
    const told = listener.call(owner, fact);
    if (told instanceof Promise) told.catch(ignore);
  } catch {
    // See above.
  }
}

function ignore(): void {}
