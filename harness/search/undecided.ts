// Payments that are left undecided so that nobody finds them: only then does a sweep send them again.

import type { Case } from '../cases/case.ts';
import { type FaultKind, faultFacts } from '../faults/kinds.ts';
import { carriersOf } from './edit.ts';

/**
 * What has to befall a payment: the first ends a call at once where every answer is replayed, the second where that
 * would be a conflict.
 */
export const undeciding = ['500-before-commit', 'request-lost'] as const satisfies readonly FaultKind[];

/** Lets everything that leaves a sent payment of `draft` undecided be of `kind`. */
export function leaveUndecided(draft: Case, kind: (typeof undeciding)[number]): void {
  const strikes = [...carriersOf(draft).flatMap(({ faults = [] }) => faults), ...(draft.episodes ?? [])];
  for (const strike of strikes) {
    if (strike.site !== 'gateway.authorize' || faultFacts[strike.kind].effect !== 'unknown') continue;
    strike.kind = kind;
    delete strike.ms;
  }
}
