// What is still promised when stores forget what they have acknowledged. Most of what a target promises it keeps by
// remembering: that is gone at once, and nothing is left to be judged by. That nobody is charged twice outlives it, where
// the gateway recognises what it is sent again.

import type { Checker, InvariantId } from './checker.ts';
import { unpromised } from './verdicts.ts';

/** Kept by what the target's own stores remember. Those that say so themselves are not repeated. */
const byStores: ReadonlySet<InvariantId> = new Set([
  ...(['S2', 'S6', 'S7', 'S8', 'S9', 'S10', 'S11', 'S12', 'S13', 'S18', 'S23', 'S24'] as const),
  ...(['W1', 'W2', 'W4', 'L1', 'L2', 'L3', 'L4', 'L5'] as const),
]);

/** Kept by what the gateway remembers, where the stores do not: that money moves no more often than was asked. */
const byGateway: ReadonlySet<InvariantId> = new Set(['S1', 'S3', 'S19', 'S22']);

/** `checker`, which does not judge what rests on a memory that the world took away. */
export function reliesOnMemory(checker: Checker): Checker {
  const assumption = assumptionOf(checker.id);
  if (assumption === undefined) return checker;
  const memory = [assumption];
  return {
    ...checker,
    assumes: [...checker.assumes, assumption],
    check: (history) => unpromised(history.terms, memory) ?? checker.check(history),
  };
}

function assumptionOf(id: InvariantId): 'durable-claims' | 'remembered-sends' | undefined {
  if (byStores.has(id)) return 'durable-claims';
  return byGateway.has(id) ? 'remembered-sends' : undefined;
}
