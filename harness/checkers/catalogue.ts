// Every checker, in the order of the catalogue.

import type { Checker, InvariantId } from './checker.ts';
import { conflictRejected } from './conflict-rejected.ts';
import { conservation } from './conservation.ts';
import { honestAnswers } from './honest-answers.ts';
import { singleCharge } from './single-charge.ts';
import { stableGatewayKey } from './stable-gateway-key.ts';
import { stableReplay } from './stable-replay.ts';

/** All checkers of the charge suite, in the order of the catalogue. */
export const checkers: readonly Checker[] = [
  singleCharge,
  conservation,
  conflictRejected,
  stableReplay,
  honestAnswers,
  stableGatewayKey,
];

const byId = new Map<InvariantId, Checker>(checkers.map((checker) => [checker.id, checker]));

/** The checker of an invariant; undefined when this version has none. */
export function checkerById(id: InvariantId): Checker | undefined {
  return byId.get(id);
}
