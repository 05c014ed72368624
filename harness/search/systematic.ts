// One fault at every boundary of a few small cases, then every second fault at every boundary that is crossed after
// the first one struck: before anything random, and most bugs need no more.

import type { CaseOptions } from '../cases/arbitraries.ts';
import type { Case } from '../cases/case.ts';
import type { RunResult } from '../run.ts';
import { basesFor } from './bases.ts';
import { discover, faultsAt, laterThan, type Placed, withFault } from './boundaries.ts';
import { gatewayTriples } from './gateway-triples.ts';

/** A case of the systematic search. */
export interface SystematicCase {
  readonly case: Case;
  readonly strategy: 'no-fault' | 'one-fault' | 'two-faults' | 'three-faults';
}

/** What to search. */
export interface SystematicOptions extends CaseOptions {
  /** Seed of the runs; it also decides the order in which pairs are visited. */
  readonly seed: number;
}

/**
 * The bases themselves, and all cases with one fault, base by base; then in turn those with two, the smallest base
 * first, and those with three at the gateway. Within a base the pairs visit all first faults in turn. `run` discovers which boundaries a case crosses; a case that it rejects has none.
 * Deterministic as long as `run` is, and lazy: pairs are discovered only when they are asked for.
 */
export async function* systematicCases(
  run: (subject: Case) => Promise<RunResult>,
  options: SystematicOptions,
): AsyncGenerator<SystematicCase, void, void> {
  const singles: First[][] = [];
  for (const base of basesFor(options, options.seed)) {
    yield { case: base.case, strategy: 'no-fault' };
    const boundaries = await discover(run, base.case);
    const placed = boundaries.flatMap((boundary) => faultsAt(boundary, options));
    const firsts = placed.map((first) => ({ case: withFault(base.case, first), first }));
    for (const { case: subject } of firsts) yield { case: subject, strategy: 'one-fault' };
    singles.push(firsts);
  }
  yield* alternating(pairsOfAll(singles, run, options), triplesOf(run, options));
}

/** The bases take turns: a rule about retries breaks in the pairs of a base that retries, which must not wait for the others. */
function pairsOfAll(
  singles: readonly (readonly First[])[],
  run: (subject: Case) => Promise<RunResult>,
  options: SystematicOptions,
): AsyncGenerator<SystematicCase, void, void> {
  return alternating(...singles.map((firsts) => pairsOf(firsts, run, options)));
}

async function* triplesOf(
  run: (subject: Case) => Promise<RunResult>,
  options: SystematicOptions,
): AsyncGenerator<SystematicCase, void, void> {
  for await (const subject of gatewayTriples(run, options)) yield { case: subject, strategy: 'three-faults' };
}

/** One of each in turn until both are at their end. */
async function* alternating<T>(...sources: AsyncGenerator<T, void, void>[]): AsyncGenerator<T, void, void> {
  let open = sources;
  while (open.length > 0) {
    const still: AsyncGenerator<T, void, void>[] = [];
    for (const source of open) {
      const { value, done } = await source.next();
      if (done === true) continue;
      yield value;
      still.push(source);
    }
    open = still;
  }
}

interface First {
  readonly case: Case;
  readonly first: Placed;
}

async function* pairsOf(
  firsts: readonly First[],
  run: (subject: Case) => Promise<RunResult>,
  options: SystematicOptions,
): AsyncGenerator<SystematicCase, void, void> {
  const seconds = new Map<First, readonly Placed[]>();
  let going = true;
  for (let round = 0; going; round++) {
    going = false;
    for (const [index, single] of firsts.entries()) {
      const known = seconds.get(single) ?? (await secondFaults(single, run, options));
      seconds.set(single, known);
      const second = known[visited(round, known.length, options.seed + index)];
      if (round >= known.length || second === undefined) continue;
      going = true;
      yield { case: withFault(single.case, second), strategy: 'two-faults' };
    }
  }
}

/** Everything that can befall the run after its first fault has struck. */
async function secondFaults(
  { case: subject, first }: First,
  run: (subject: Case) => Promise<RunResult>,
  options: SystematicOptions,
): Promise<readonly Placed[]> {
  const later = laterThan(first, await discover(run, subject));
  return later.flatMap((boundary) => faultsAt(boundary, options));
}

/** A permutation of 0 … length-1 that jumps about, so that few visits already reach far apart. */
export function visited(round: number, length: number, seed: number): number {
  if (length === 0) return 0;
  const stride = strides.find((prime) => length % prime !== 0) ?? 1;
  return ((seed % length) + round * (stride % length)) % length;
}

const strides = [7_919, 6_007, 5_003, 3_001, 2_003, 1_009] as const;
