// Several connections asking at once: what the clauses about atomicity are made of.

import { fail } from 'node:assert/strict';

/** Asks all at once, each on a connection of its own as far as there are, and answers in the order of `requests`. */
export function allAtOnce<Store, Request, Answer>(
  connections: readonly Store[],
  requests: readonly Request[],
  ask: (store: Store, request: Request) => Promise<Answer>,
): Promise<readonly Answer[]> {
  return Promise.all(
    requests.map((request, index) => {
      const store = connections[index % connections.length];
      return store === undefined ? fail('a store without connections') : ask(store, request);
    }),
  );
}

/** `prefix1`, `prefix2`, … */
export function names(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}
