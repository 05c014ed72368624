// Whether a store keeps the contract of its port: the public face of the contracts, for stores of other people.

import { ValidationError } from '../../src/errors/payment-error.ts';
import { optionCheck } from '../../src/resilience/option-check.ts';
import { type ClauseResult, type ClauseTrial, clauseTrials, type OpenStore } from './contract.ts';
import { type ParityOptions, parityTrials } from './parity.ts';
import { type StoreKind, type StorePorts, storeKinds } from './store-kinds.ts';

/** How a store is tried. */
export interface ConformanceOptions extends Partial<ParityOptions> {
  /** After so many milliseconds (default 60 000) a clause that is not over does not hold: its store hangs. */
  readonly timeoutMs?: number;
}

/**
 * Everything that a store of `kind` is held to, to be run one by one: the clauses of its contract, then parity with the
 * port's table over `options.runs` generated sequences each (default 50).
 *
 * @throws ValidationError when there is no such kind, or an option cannot be used.
 */
export function conformanceTrials<Kind extends StoreKind>(
  kind: Kind,
  make: OpenStore<StorePorts[Kind]>,
  options: ConformanceOptions = {},
): readonly ClauseTrial[] {
  if (!Object.hasOwn(storeKinds, kind)) {
    const known = Object.keys(storeKinds).join(', ');
    throw new ValidationError(
      `conformance: there is no kind of store ${String(kind)}; the kinds are ${known}`,
    );
  }
  const { timeoutMs = 60_000, runs = 50, ...seed } = options;
  const check = optionCheck('conformance');
  check.callback('make', make);
  check.count('runs', runs);
  check.delay('timeoutMs', timeoutMs, 1);
  const { contract, model } = storeKinds[kind];
  const trials = [...clauseTrials(contract, make), ...parityTrials(model, make, { runs, ...seed })];
  return trials.map((trial) => ({ ...trial, run: () => within(timeoutMs, trial) }));
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
 * @throws ValidationError when there is no such kind, or an option cannot be used. Rejects as `make` and the `close` of what it opened do.
 */
export async function conformance<Kind extends StoreKind>(
  kind: Kind,
  make: OpenStore<StorePorts[Kind]>,
  options: ConformanceOptions = {},
): Promise<readonly ClauseResult[]> {
  const results: ClauseResult[] = [];
  for (const { run } of conformanceTrials(kind, make, options)) results.push(await run());
  return results;
}

async function within(timeoutMs: number, { clause, run }: ClauseTrial): Promise<ClauseResult> {
  let timer: NodeJS.Timeout | undefined;
  const because = `it was not over after ${timeoutMs} ms: an operation hangs`;
  const late = new Promise<ClauseResult>((resolve) => {
    timer = setTimeout(() => resolve({ clause, passed: false, because }), timeoutMs);
  });
  return Promise.race([run(), late]).finally(() => clearTimeout(timer));
}
