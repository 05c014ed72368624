// Which planted bugs have a committed case under which profile: single charges under each that exposes the bug, because
// what keys promise is what they are about; orders, whose cases cost twenty times as much, under the first.

import { type Pair, pairsOf } from '../harness/mutants/hunt.ts';
import type { Mutant } from '../harness/mutants/mutant.ts';

/** The pairs that have a committed case, in their order. */
export function committedPairs(mutants: readonly Mutant[]): readonly Pair[] {
  const seen = new Set<Mutant>();
  return pairsOf(mutants).filter(({ mutant }) => {
    const isFirst = !seen.has(mutant);
    seen.add(mutant);
    return isFirst || mutant.suite === 'charge';
  });
}
