// Marks about what clients asked and were told, and about what was sent to the gateway for them.

import type { LookupRequest, LookupResult } from '../../src/gateway/port.ts';
import type { ClaimAnswer, ClaimRequest } from '../../src/idempotency/store.ts';
import type { Answer, Crossing } from '../history/history.ts';
import type { Reach } from './mark-definitions.ts';
import { errorSeen, toldBy } from './verdicts.ts';
import type { ActorView, IntentView, Send, View } from './view.ts';

/** Notes the marks that requests, answers, sends and look-ups reach. */
export function markIntents({ history, intents, actors }: View, reach: Reach): void {
  const maxAttempts = history.terms.retry?.maxAttempts ?? Number.POSITIVE_INFINITY;
  for (const intent of intents) {
    let openUntil = Number.NEGATIVE_INFINITY;
    for (const request of intent.requests) {
      if (request.called.order < openUntil) reach('double-click');
      openUntil = Math.max(openUntil, request.replied?.order ?? openUntil);
      const told = toldBy(request);
      if (told !== undefined) markAnswer(told, actors.get(request.actor), reach);
    }
    markSends(intent, maxAttempts, reach);
    for (const lookup of intent.lookups) {
      const found = lookup.reply?.ok === true ? (lookup.reply.value as LookupResult) : undefined;
      if (found?.kind === 'pending') reach('pending-seen');
      if (found?.kind === 'absent' && wasStale(lookup, intent)) reach('stale-lookup-seen');
      if (found?.kind === 'answered' && (lookup.request as LookupRequest).by === 'key') reach('key-sealed');
    }
  }
}

/** Whether the books held what the look-up asked for when it was carried out. */
function wasStale({ applied, request }: Crossing, { charges }: IntentView): boolean {
  const asked = request as LookupRequest;
  return charges.some(
    ({ at, merchantReference, idempotencyKey }) =>
      applied !== undefined &&
      at.order < applied.order &&
      (asked.by === 'key'
        ? idempotencyKey === asked.idempotencyKey
        : merchantReference === asked.merchantReference),
  );
}

function markAnswer(told: Answer, actor: ActorView | undefined, reach: Reach): void {
  const sent = actor?.lastSend !== undefined;
  switch (told.kind) {
    case 'ok':
    case 'failed':
      if (told.replayed) reach(told.kind === 'ok' ? 'replayed-completed' : 'replayed-failed');
      if (!sent && actor?.claims.some(metInFlight) === true) reach('waiter-served');
      return;
    case 'pending':
      reach('pending-seen');
      return;
    default:
      if (told.code === 'idempotency_conflict') reach('conflict-rejected');
      if (told.code === 'idempotency_in_progress') reach('in-progress-rejected');
      if (told.code === 'store_unavailable' && !sent) reach('store-unavailable-fail-closed');
  }
}

/** Whether a claim met its own payload in flight under somebody else. */
function metInFlight(claim: Crossing): boolean {
  const answer = claim.reply?.ok === true ? (claim.reply.value as ClaimAnswer) : undefined;
  if (answer === undefined || answer.owned || answer.record.state !== 'IN_FLIGHT') return false;
  return answer.record.fingerprint === (claim.request as ClaimRequest).fingerprint;
}

function markSends({ sends, charges }: IntentView, maxAttempts: number, reach: Reach): void {
  let unknownKey: string | undefined;
  let first = true;
  for (const send of sends) {
    const { crossing, request, attempt } = send;
    const error = errorSeen(crossing);
    if (send.before !== undefined) markRetry(send, send.before, reach);
    if (attempt >= maxAttempts && error !== undefined && error.effect !== 'final') reach('retry-exhausted');
    if (unknownKey === request.idempotencyKey) reach('resent-same-key');
    if (error?.sealed === true) reach('key-sealed');
    if (error?.sealed === true || (!first && repeatsCharge(send, charges))) reach('replayed-by-gateway');
    first = false;
    if (error?.code === 'payment_pending' || error?.code === 'authentication_required') reach('pending-seen');
    if (error?.effect === 'final' && error.code !== 'authentication_required') {
      reach('declined');
      if (unknownKey !== undefined) reach('decline-after-unknown');
    }
    const answered = crossing.reply?.ok === true || error?.effect === 'none' || error?.effect === 'final';
    if (!answered) unknownKey = request.idempotencyKey;
  }
}

function markRetry({ crossing }: Send, before: Send, reach: Reach): void {
  reach('retried');
  if (before.crossing.replied === undefined) reach('timed-out');
  const header = errorSeen(before.crossing)?.retryAfter;
  const end = before.crossing.replied;
  if (header === undefined || end === undefined || !/^\d{1,15}$/.test(header) || Number(header) === 0) return;
  if (crossing.called.atMs - end.atMs >= Number(header) * 1000) reach('retry-after-honoured');
}

/** Whether the answer shows a charge that was booked before this send was even made. */
function repeatsCharge({ crossing }: Send, charges: IntentView['charges']): boolean {
  if (crossing.effect?.ok !== true) return false;
  const { id } = crossing.effect.value as { readonly id: string };
  return charges.some((charge) => charge.id === id && charge.at.order < crossing.called.order);
}
