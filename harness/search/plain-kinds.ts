// Plainer faults: where a lost response breaks the invariant too, the story need not speak of a body cut in half.
// Different finds of one bug thereby tend to end at one case.

import type { Fault } from '../cases/case.ts';
import { type FaultKind, strikes } from '../faults/kinds.ts';
import { type Carrying, carriersOf, edited } from './edit.ts';
import type { Pass } from './pass.ts';

/** The kinds that a story is told with when it can be, the plainest first. */
export const plainest: readonly FaultKind[] = [
  'response-lost',
  'request-lost',
  'crash-after-apply',
  'crash-before-apply',
  'delay',
];

/** How far a kind is from the plainest. */
export function kindRank(kind: FaultKind): number {
  const rank = plainest.indexOf(kind);
  return rank < 0 ? plainest.length : rank;
}

/** Replaces the kinds of faults by plainer ones: those of one kind all at once, then each by itself. */
export const plainKinds: Pass = function* (from) {
  let current = from;
  for (const old of new Set(
    carriersOf(from)
      .flatMap(faultsOf)
      .map(({ kind }) => kind),
  )) {
    for (const kind of plainest.slice(0, kindRank(old))) {
      const candidate = edited(current, (draft) => {
        for (const fault of carriersOf(draft).flatMap(faultsOf)) if (fault.kind === old) replace(fault, kind);
      });
      if (!(yield candidate)) continue;
      current = candidate;
      break;
    }
  }
  for (const [index, { kind: old }] of carriersOf(current).flatMap(faultsOf).entries()) {
    for (const kind of plainest.slice(0, kindRank(old))) {
      const candidate = edited(current, (draft) => {
        const fault = carriersOf(draft).flatMap(faultsOf)[index];
        if (fault !== undefined) replace(fault, kind);
      });
      if (!(yield candidate)) continue;
      current = candidate;
      break;
    }
  }
};

function faultsOf(carrier: Carrying): readonly Fault[] {
  return carrier.faults ?? [];
}

function replace(fault: Fault, kind: FaultKind): void {
  if (!strikes(kind, fault.site)) return;
  fault.kind = kind;
  delete fault.ms;
  delete fault.restartAfterMs;
  delete fault.retryAfter;
}
