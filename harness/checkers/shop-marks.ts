// Marks about orders: sagas that went back, were taken up or repaired, and what became of their money.

import type { ChargeResult, LookupResult, RefundLookupResult, RefundResult } from '../../src/gateway/port.ts';
import type { SagaClaim, SagaState } from '../../src/saga/journal.ts';
import type { StepProgress } from '../../src/saga/progress.ts';
import type { BookedCharge, BookedRefund, Crossing, History } from '../history/history.ts';
import { crossingsAt } from './crossings-at.ts';
import type { MarkId, Reach } from './mark-definitions.ts';
import { entriesInto, type SagaMoment, type SagaView, shopOf } from './shop-view.ts';
import { viewOf } from './view-of.ts';

/** Notes the marks that orders reach; a history without a shop reaches none. */
export function markShop(history: History, reach: Reach): void {
  const shop = shopOf(history);
  if (shop === undefined) return;
  for (const saga of shop.sagas) markSaga(history, saga, reach);
  for (const site of telling) for (const call of crossingsAt(history, site)) markCall(call, reach);
  for (const { charges, sends } of viewOf(history).intents) {
    for (const charge of charges) {
      const answered = sends.filter(({ request }) => request.idempotencyKey === charge.idempotencyKey);
      const isLate = answered.length > 0 && answered.every(({ crossing }) => crossing.effect?.ok !== true);
      if (isLate && wasVoided(history, charge)) reach('late-authorization-voided');
      for (const refund of charge.refunds ?? []) markRefund(history, { charge, refund }, reach);
    }
  }
}

const ends: readonly SagaState[] = ['COMPLETED', 'COMPENSATED', 'FAILED_COMPENSATION'];

function markSaga(history: History, saga: SagaView, reach: Reach): void {
  const { moments, order } = saga;
  const [turned] = entriesInto(saga, 'COMPENSATING');
  if (entriesInto(saga, 'COMPENSATED').length > 0) reach('saga-compensated');
  if (entriesInto(saga, 'FAILED_COMPENSATION').length > 0) reach('compensation-failed');
  const back = order?.intent?.charges.flatMap(({ refunds = [] }) => refunds) ?? [];
  if (turned !== undefined && back.some(({ at }) => at.order > turned.at.order))
    reach('refund-after-capture');
  for (const [index, moment] of moments.entries()) {
    const later = moments.slice(index + 1);
    markClaim(moment, { before: moments[index - 1], later }, reach);
    for (const step of moment.steps) {
      const mark = wasHard(step, moment);
      if (mark === undefined) continue;
      const end = later.find(({ steps }) =>
        steps.some(({ name, state }) => name === step.name && endOf[mark].includes(state)),
      );
      if (end === undefined) continue;
      reach(mark);
      if (mark === 'step-unknown-resolved' && wasLookedUp(history, moment, end))
        reach('step-resolved-by-lookup');
    }
  }
}

/** Whether whoever knew the end of a step had heard of something at the gateway since it was in doubt. */
function wasLookedUp(history: History, doubt: SagaMoment, end: SagaMoment): boolean {
  return crossingsAt(history, 'gateway.lookup').some(
    ({ actor, called, replied, reply }) =>
      actor === end.crossing.actor &&
      called.order > doubt.at.order &&
      (replied?.order ?? Number.POSITIVE_INFINITY) < end.at.order &&
      reply?.ok === true &&
      (reply.value as LookupResult).kind !== 'absent',
  );
}

interface Around {
  readonly before: SagaMoment | undefined;
  readonly later: readonly SagaMoment[];
}

function markClaim({ crossing, record }: SagaMoment, { before, later }: Around, reach: Reach): void {
  if (crossing.site !== 'saga.claim') return;
  const { why } = crossing.request as SagaClaim;
  const own = later.filter(({ record: { token } }) => token === record.token);
  const wasStuck = before?.record.state === 'FAILED_COMPENSATION';
  const isOver = own.some(
    ({ record: { state } }) => ends.includes(state) && !(wasStuck && state === before?.record.state),
  );
  if (!isOver) return;
  if (why === 'repair' && wasStuck) reach('saga-repaired');
  if (why === 'recovery') reach('saga-recovered');
}

type HardMark = Extract<MarkId, 'step-unknown-resolved' | 'compensation-retried'>;

const endOf: Readonly<Record<HardMark, readonly StepProgress['state'][]>> = {
  'step-unknown-resolved': ['done', 'not-done', 'undoing', 'undone'],
  'compensation-retried': ['undone'],
};

/** What it would be worth to see the end of a step that stands like this. */
function wasHard(
  { state, error, tries, sentUntilMs }: StepProgress,
  { crossing }: SagaMoment,
): HardMark | undefined {
  if (state === 'undoing' && tries > 0) return 'compensation-retried';
  if (state !== 'started') return undefined;
  const isUnknown =
    sentUntilMs !== undefined || error?.effect === 'unknown' || crossing.site === 'saga.claim';
  return isUnknown ? 'step-unknown-resolved' : undefined;
}

const telling = ['gateway.void', 'gateway.refund', 'gateway.lookup-refund'] as const;

function markCall({ site, effect, reply }: Crossing, reach: Reach): void {
  if (site === 'gateway.void' && effect?.ok === true) {
    const { status } = effect.value as ChargeResult;
    if (status === 'voided') reach('void-before-capture');
    if (status === 'captured') reach('remainder-released');
  }
  if (reply?.ok !== true) return;
  if (site === 'gateway.refund' && (reply.value as RefundResult).status === 'pending')
    reach('refund-pending-seen');
  if (site === 'gateway.lookup-refund') {
    const found = reply.value as RefundLookupResult;
    if (found.kind === 'found' && found.refund.status === 'pending') reach('refund-pending-seen');
  }
}

interface Refunded {
  readonly charge: BookedCharge;
  readonly refund: BookedRefund;
}

function markRefund(history: History, { charge, refund }: Refunded, reach: Reach): void {
  const { id, at, status, changedAtMs } = refund;
  const isDuring = (atMs: number): boolean => status === 'pending' || atMs < changedAtMs;
  const disputed = charge.disputes?.some((one) => one.at.order > at.order && isDuring(one.at.atMs));
  if (disputed) reach('dispute-during-refund');
  if (status !== 'failed') return;
  const acknowledged = viewOf(history).movements.some(({ site, effect }) => {
    if (site !== 'gateway.refund' || effect?.ok !== true) return false;
    const answer = effect.value as RefundResult;
    return answer.id === id && answer.status !== 'failed';
  });
  if (acknowledged) reach('refund-failed-after-ack');
}

function wasVoided(history: History, { id }: BookedCharge): boolean {
  return viewOf(history).movements.some(
    ({ site, effect, request }) =>
      site === 'gateway.void' &&
      effect?.ok === true &&
      (request as { readonly chargeId: string }).chargeId === id,
  );
}
