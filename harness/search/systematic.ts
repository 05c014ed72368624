// One fault at every boundary of a few small cases, then every second fault at every boundary that is crossed after
// the first one struck: before anything random, and most bugs need no more.

import type { CaseOptions } from '../cases/arbitraries.ts';
import type { Case } from '../cases/case.ts';
import type { RunResult } from '../run.ts';
import { basesFor } from './bases.ts';
import { type Boundary, boundariesOf, faultsAt, type Placed, withFault } from './boundaries.ts';

/** A case of the systematic search. */
export interface SystematicCase {
  readonly case: Case;
  readonly strategy: 'no-fault' | 'one-fault' | 'two-faults';
}

/** What to search. */
export interface SystematicOptions extends CaseOptions {
  /** Seed of the runs; it also decides the order in which pairs are visited. */
  readonly seed: number;
}

/**
 * The bases themselves, and all cases with one fault, base by base, then those with two, the smallest base first. Within a base the pairs
 * visit all first faults in turn. `run` discovers which boundaries a case crosses; a case that it rejects has none.
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
  for (const firsts of singles) yield* pairsOf(firsts, run, options);
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
  const boundaries = await discover(run, subject);
  const { actor, fault } = first;
  const struck = boundaries.find(
    (boundary) => boundary.actor === actor && boundary.site === fault.site && boundary.nth === fault.nth,
  );
  if (struck === undefined) return [];
  const later = boundaries.filter(({ order }) => order > struck.order);
  return later.flatMap((boundary) => faultsAt(boundary, options));
}

async function discover(
  run: (subject: Case) => Promise<RunResult>,
  subject: Case,
): Promise<readonly Boundary[]> {
  try {
    return boundariesOf((await run(subject)).history);
  } catch {
    // The campaign runs this very case too and reports the error with it.
    return [];
  }
}

/** A permutation of 0 … length-1 that jumps about, so that few visits already reach far apart. */
function visited(round: number, length: number, seed: number): number {
  if (length === 0) return 0;
  const stride = strides.find((prime) => length % prime !== 0) ?? 1;
  return ((seed % length) + round * (stride % length)) % length;
}

const strides = [7_919, 6_007, 5_003, 3_001, 2_003, 1_009] as const;
