// What the audit log of a shop has to hold of one actor. A shop does several operations for one request, each with its own
// record of the idempotent layer, so that what was decided is read from the claims, and not from the answer alone.

import type { FraudVerdict } from '../../src/fraud/verdict-log.ts';
import type { ClaimAnswer, ClaimRequest, WriteAnswer } from '../../src/idempotency/store.ts';
import type { SagaClaimAnswer, SagaOpening } from '../../src/saga/journal.ts';
import type { Answer, Crossing, Terms } from '../history/history.ts';
import { type AuditEvent, addFenced, addRefusal, attempt, wasRefused } from './audit-events.ts';
import type { ShopActorView } from './shop-view.ts';
import { type ActorView, sawOwned } from './view.ts';

/** An actor of a shop: what it did for charges, and what for orders. */
export interface ShopActor {
  readonly actor: ActorView;
  readonly own: ShopActorView;
  readonly tier: Terms['tier'];
}

/** Everything that an actor of a shop must, or may, have left a record of. */
export function shopAuditEventsOf({ actor, own, tier }: ShopActor): readonly AuditEvent[] {
  const { request } = own;
  const events: AuditEvent[] = [];
  const sent = [...actor.sends.map(({ crossing }) => crossing), ...own.movements];
  for (const crossing of sent) events.push(attempt(crossing, actor, { request, tier }));
  for (const passage of actor.passages) if (wasRefused(passage)) addRefusal(events, passage);
  addFenced(events, actor);
  addFencedDrives(events, own);
  for (const claims of callsOf(actor)) addDecision(events, { actor, isAsked: request !== undefined }, claims);
  addVerdicts(events, actor, own);
  if (own.request !== undefined) addAnswer(events, own, own.request);
  else for (const call of own.limits) if (mayRefuse(call)) events.push(may('rejected', call));
  return events;
}

/**
 * Sends of a compensation that the fence of its saga stopped. A drive ends with the first, and only its record tells of it: what
 * was not sent is no crossing.
 */
function addFencedDrives(events: AuditEvent[], { opens, takesUp }: ShopActorView): void {
  for (const drive of [...opens, ...takesUp]) {
    const { owned } = (drive.reply?.ok ? drive.reply.value : {}) as Partial<SagaClaimAnswer>;
    if (owned) events.push({ ...must('rejected', 'lease_lost', drive), optional: true });
  }
}

function must(audit: AuditEvent['audit'], code: string | undefined, crossing: Crossing): AuditEvent {
  const words = `the ${audit === 'rejected' ? 'rejection' : audit} (${code ?? 'without effect'}) at ${crossing.called.atMs} ms`;
  return { audit, code, words, crossing, optional: false };
}

function may(audit: AuditEvent['audit'], crossing: Crossing): AuditEvent {
  return { audit, code: undefined, words: 'what may have been decided', crossing, optional: true };
}

/** The claims of each call of the idempotent layer: all that it makes bear one attempt id. */
function callsOf({ claims }: ActorView): Iterable<readonly Crossing[]> {
  return Map.groupBy(claims, ({ request }) => (request as ClaimRequest).attemptId).values();
}

interface Caller {
  readonly actor: ActorView;
  /** Whether a client stands behind it. A sweep claims as well, and has nobody to replay anything to. */
  readonly isAsked: boolean;
}

/** What the idempotent layer decided of one call, as the answer to its last claim says. */
function addDecision(events: AuditEvent[], { actor, isAsked }: Caller, claims: readonly Crossing[]): void {
  const last = claims.at(-1);
  if (last === undefined) return;
  const { reply, called } = last;
  if (cameLate(last)) {
    events.push(may('decision', last));
    return;
  }
  if (reply?.ok === true) {
    const decided = decisionOf(last);
    if (decided !== undefined) events.push({ ...decided, optional: !isAsked });
    else if (sawOwned(last) && wasRefusedWrite(actor, last)) events.push(may('decision', last));
    return;
  }
  const wentOn = reply !== undefined || actor.activeOrder > called.order;
  events.push({ ...must('rejected', reply?.error.code, last), optional: !(isAsked && wentOn) });
}

/** An answer that was held back may have come when its caller had given up: whether it was taken for one can't be seen. */
function cameLate({ faults }: Crossing): boolean {
  return faults.includes('delay') || faults.includes('reply-delay');
}

function decisionOf(claim: Crossing): AuditEvent | undefined {
  const { owned, record } = (claim.reply?.ok ? claim.reply.value : {}) as ClaimAnswer;
  if (owned) return undefined;
  if (record.fingerprint !== (claim.request as ClaimRequest).fingerprint)
    return must('conflict', 'idempotency_conflict', claim);
  if (record.state === 'IN_FLIGHT') return must('rejected', 'idempotency_in_progress', claim);
  if (record.state === 'COMPLETED') return must('replay', 'ok', claim);
  return record.state === 'FAILED' ? must('replay', record.failure?.code, claim) : undefined;
}

/** The record's verdict is answered in place of the own. */
function wasRefusedWrite({ slot, id }: ActorView, { request }: Crossing): boolean {
  const { key } = request as ClaimRequest;
  return (
    slot?.key !== key ||
    slot.operations.some(
      ({ actor, reply }) =>
        actor === id && reply?.ok === true && (reply.value as Partial<WriteAnswer> | null)?.written === false,
    )
  );
}

/** A verdict that stops a payment, or that could not be come to. */
function addVerdicts(events: AuditEvent[], actor: ActorView, { verdicts }: ShopActorView): void {
  for (const call of verdicts) {
    const { site, request, reply } = call;
    const { decision, undecided } = request as FraudVerdict;
    const isBlocked = site === 'verdicts.keep' && decision === 'BLOCK' && undecided !== true;
    if (isBlocked && !cameLate(call) && reply?.ok === true && actor.activeOrder > call.called.order)
      events.push(must('rejected', 'fraud_blocked', call));
    else if (site === 'verdicts.read' || isBlocked) events.push(may('rejected', call));
  }
}

/** What was decided at the edge, where no layer below hears of it. */
function addAnswer(events: AuditEvent[], { opens, limits }: ShopActorView, request: Crossing): void {
  const told = request.effect?.ok === true ? (request.effect.value as Answer) : undefined;
  const open = opens.at(-1);
  if (open !== undefined && cameLate(open)) {
    events.push(may('decision', open));
  } else if (open?.reply?.ok === true) {
    addOpening(events, open, told);
  } else if (told?.kind === 'rejected') {
    const { code } = told;
    // What was told may be what a late answer decided.
    const isDecided = events.some(({ audit }) => audit === 'decision');
    if (!events.some((event) => !event.optional && event.code === code))
      events.push({ ...must('rejected', code, request), optional: isDecided });
  } else {
    // Nobody was told, or something else because of what came later.
    if (open !== undefined) events.push(may('rejected', open));
    for (const call of limits) if (mayRefuse(call)) events.push(may('rejected', call));
  }
}

/** What the journal's answer to the opening of a saga amounts to. */
function addOpening(events: AuditEvent[], open: Crossing, told: Answer | undefined): void {
  const { owned, record } = (open.reply?.ok ? open.reply.value : {}) as SagaClaimAnswer;
  if (owned || record === null) return;
  const isDifferent = record.fingerprint !== (open.request as SagaOpening).fingerprint;
  const hasEnded = record.state === 'COMPLETED' || record.state === 'COMPENSATED';
  if (isDifferent) events.push(must('conflict', 'idempotency_conflict', open));
  else if (hasEnded && told === undefined) events.push(may('decision', open));
  else if (hasEnded) events.push(must('replay', told?.kind === 'ok' ? 'ok' : told?.code, open));
}

function mayRefuse({ site, reply }: Crossing): boolean {
  return site === 'ledger.totals' || reply?.ok !== true;
}
