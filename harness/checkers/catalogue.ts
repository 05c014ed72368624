// Every checker, in the order of the catalogue.

import { auditComplete } from './audit-complete.ts';
import { breakerDiscipline } from './breaker-discipline.ts';
import type { Checker, InvariantId } from './checker.ts';
import { claimBeforeCharge } from './claim-before-charge.ts';
import { conflictRejected } from './conflict-rejected.ts';
import { conservation } from './conservation.ts';
import { fencedWrites } from './fenced-writes.ts';
import { guardsRecover } from './guards-recover.ts';
import { honestAnswers } from './honest-answers.ts';
import { integerMoney } from './integer-money.ts';
import { knownFinals } from './known-finals.ts';
import { noOrphans } from './no-orphans.ts';
import { noRetryAfterFinal } from './no-retry-after-final.ts';
import { rateBound } from './rate-bound.ts';
import { requestsFinish } from './requests-finish.ts';
import { retryDiscipline } from './retry-discipline.ts';
import { singleCharge } from './single-charge.ts';
import { stableGatewayKey } from './stable-gateway-key.ts';
import { stableReplay } from './stable-replay.ts';

/** All checkers of the charge suite, in the order of the catalogue. */
export const checkers: readonly Checker[] = [
  singleCharge,
  conservation,
  fencedWrites,
  noRetryAfterFinal,
  conflictRejected,
  stableReplay,
  knownFinals,
  honestAnswers,
  retryDiscipline,
  rateBound,
  breakerDiscipline,
  claimBeforeCharge,
  stableGatewayKey,
  integerMoney,
  auditComplete,
  requestsFinish,
  noOrphans,
  guardsRecover,
];

const byId = new Map<InvariantId, Checker>(checkers.map((checker) => [checker.id, checker]));

/** The checker of an invariant; undefined when this version has none. */
export function checkerById(id: InvariantId): Checker | undefined {
  return byId.get(id);
}
