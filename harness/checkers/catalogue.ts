// Every checker, in the order of the catalogue.

import { auditComplete } from './audit-complete.ts';
import { boundedRefund } from './bounded-refund.ts';
import { breakerDiscipline } from './breaker-discipline.ts';
import type { Checker, InvariantId } from './checker.ts';
import { claimBeforeCharge } from './claim-before-charge.ts';
import { compensatedIsClean } from './compensated-is-clean.ts';
import { compensationsAcknowledged } from './compensations-acknowledged.ts';
import { conflictRejected } from './conflict-rejected.ts';
import { conservation } from './conservation.ts';
import { faithfulInput } from './faithful-input.ts';
import { fencedWrites } from './fenced-writes.ts';
import { guardsRecover } from './guards-recover.ts';
import { honestAnswers } from './honest-answers.ts';
import { integerMoney } from './integer-money.ts';
import { knownFinals } from './known-finals.ts';
import { noLeak } from './no-leak.ts';
import { noOrphans } from './no-orphans.ts';
import { noRegression } from './no-regression.ts';
import { noRetryAfterFinal } from './no-retry-after-final.ts';
import { rateBound } from './rate-bound.ts';
import { reconciliationClosure } from './reconciliation-closure.ts';
import { reliesOnMemory } from './relies-on-memory.ts';
import { requestsFinish } from './requests-finish.ts';
import { retryDiscipline } from './retry-discipline.ts';
import { reverseCompensation } from './reverse-compensation.ts';
import { sagasEnd } from './sagas-end.ts';
import { singleCharge } from './single-charge.ts';
import { stableGatewayKey } from './stable-gateway-key.ts';
import { stableReplay } from './stable-replay.ts';
import { stepsResolved } from './steps-resolved.ts';
import { unknownsFound } from './unknowns-found.ts';
import { velocityBound } from './velocity-bound.ts';
import { webhookAuthentic } from './webhook-authentic.ts';
import { webhookNeverLost } from './webhook-never-lost.ts';
import { webhookOnce } from './webhook-once.ts';

/** All checkers, in the order of the catalogue. */
export const checkers: readonly Checker[] = [
  singleCharge,
  conservation,
  boundedRefund,
  fencedWrites,
  noRetryAfterFinal,
  conflictRejected,
  stableReplay,
  knownFinals,
  reverseCompensation,
  stepsResolved,
  compensatedIsClean,
  compensationsAcknowledged,
  honestAnswers,
  retryDiscipline,
  rateBound,
  breakerDiscipline,
  claimBeforeCharge,
  stableGatewayKey,
  integerMoney,
  auditComplete,
  noLeak,
  faithfulInput,
  reconciliationClosure,
  velocityBound,
  webhookOnce,
  webhookNeverLost,
  webhookAuthentic,
  noRegression,
  requestsFinish,
  noOrphans,
  sagasEnd,
  guardsRecover,
  unknownsFound,
].map(reliesOnMemory);

const byId = new Map<InvariantId, Checker>(checkers.map((checker) => [checker.id, checker]));

/** The checker of an invariant; undefined when this version has none. */
export function checkerById(id: InvariantId): Checker | undefined {
  return byId.get(id);
}
