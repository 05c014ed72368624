// Writes down what callers of a store see, as a history to be judged.

import type { ObservedOperation } from './history.ts';

/** A history that is being written. */
export interface Observation {
  /** All operations, those included that have not returned yet; these count as unknown. */
  operations(): readonly ObservedOperation[];
  /**
   * `store` as `caller` sees it: every call of a method is written down, under the object that `objectOf` reads from its
   * argument. A call that is rejected has an unknown outcome.
   */
  by<Store extends object>(caller: string, store: Store, objectOf: (request: unknown) => string): Store;
}

/** An empty history whose times are those of `now`: a monotonic clock, such as `performance.now`. */
export function observation(now: () => number): Observation {
  const operations: { -readonly [Name in keyof ObservedOperation]: ObservedOperation[Name] }[] = [];
  return {
    operations: () => operations.map((operation) => ({ ...operation })),
    by: (caller, store, objectOf) =>
      new Proxy(store, {
        get(target, name) {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== 'function' || typeof name !== 'string') return method;
          return async (request: unknown) => {
            const operation: (typeof operations)[number] = {
              caller,
              object: objectOf(request),
              name,
              request,
              calledAt: now(),
            };
            operations.push(operation);
            const reply: unknown = await Reflect.apply(method, target, [request]);
            operation.returned = { at: now(), reply };
            return reply;
          };
        },
      }),
  };
}
