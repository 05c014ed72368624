// Whether a store keeps the contract of its port: the public face of the contracts, for stores of other people.

import { ValidationError } from '../../src/errors/payment-error.ts';
import { type ClauseResult, type ClauseTrial, clauseTrials, type OpenStore } from './contract.ts';
import { type ParityOptions, parityTrials } from './parity.ts';
import { type StoreKind, type StorePorts, storeKinds } from './store-kinds.ts';

/**
 * Everything that a store of `kind` is held to, to be run one by one: the clauses of its contract, then parity with the
 * port's table over `options.runs` generated sequences each (default 50).
 *
 * @throws ValidationError when there is no such kind.
 */
export function conformanceTrials<Kind extends StoreKind>(
  kind: Kind,
  make: OpenStore<StorePorts[Kind]>,
  options: Partial<ParityOptions> = {},
): readonly ClauseTrial[] {
  if (!Object.hasOwn(storeKinds, kind)) {
    const known = Object.keys(storeKinds).join(', ');
    throw new ValidationError(
      `conformance: there is no kind of store ${String(kind)}; the kinds are ${known}`,
    );
  }
  const { contract, model } = storeKinds[kind];
  return [...clauseTrials(contract, make), ...parityTrials(model, make, { runs: 50, ...options })];
}

/**
 * Holds a store to the contract of its port, and answers what became of each clause, in order. `make` opens an empty store
 * for each of them, with several connections to the same data, whose every decision about time uses the clock that it
 * is given.
 *
 * ```ts
 * const results = await conformance('idempotency-store', (nowMs) => {
 *   const store = myStore({ nowMs });
 *   return { connections: [store, store, store, store] };
 * });
 * const broken = results.filter(({ passed }) => !passed);
 * ```
 *
 * @throws ValidationError when there is no such kind. Rejects as `make` and the `close` of what it opened do.
 */
export async function conformance<Kind extends StoreKind>(
  kind: Kind,
  make: OpenStore<StorePorts[Kind]>,
  options: Partial<ParityOptions> = {},
): Promise<readonly ClauseResult[]> {
  const results: ClauseResult[] = [];
  for (const { run } of conformanceTrials(kind, make, options)) results.push(await run());
  return results;
}
