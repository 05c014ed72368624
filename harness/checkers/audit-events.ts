// What an audit log has to hold of one actor: everything that was attempted, replayed, refused or in conflict, as the
// trace and the answers tell it.

import type { ClaimRequest, WriteAnswer } from '../../src/idempotency/store.ts';
import type { Answer, Crossing, Passage, Terms } from '../history/history.ts';
import { type ActorView, sawOwned } from './view.ts';

/** Something that leaves one record. */
export interface AuditEvent {
  /** What the record must call it; a `decision` is a replay, a conflict or a rejection. */
  readonly audit: 'attempt' | 'replay' | 'conflict' | 'rejected' | 'decision';
  /** The code that the record must bear; undefined for any: of an attempt, any but `ok`. */
  readonly code: string | undefined;
  /** What happened, for sentences: it follows "has no record of". */
  readonly words: string;
  readonly crossing: Crossing | undefined;
  /** Whether the record may be missing. */
  readonly optional: boolean;
}

/** Everything that `actor` must, or may, have left a record of. */
export function auditEventsOf(actor: ActorView, tier: Terms['tier']): readonly AuditEvent[] {
  const { request } = actor;
  const events: AuditEvent[] = [];
  for (const { crossing } of actor.sends) events.push(attempt(crossing, actor, { request, tier }));
  if (actor.sends.length === 0 && request !== undefined && wasLeftUnsent(request))
    events.push(unsent(request));
  for (const passage of actor.passages) if (wasRefused(passage)) addRefusal(events, passage);
  addFenced(events, actor);
  if (request !== undefined && actor.claims.length > 0) addDecisions(events, actor, request);
  return events;
}

interface Attempting {
  readonly request: Crossing | undefined;
  readonly tier: Terms['tier'];
}

/**
 * How many attempts and replays `actor` left records of, where there was nothing else: no refusal, and each with its own
 * record in turn, under the key that was sent or claimed. Undefined where it takes a closer look.
 */
export function plainlyAudited(actor: ActorView): number | undefined {
  const { sends, passages, logs, claims, request } = actor;
  let replay: string | undefined;
  if (request !== undefined) {
    const told = request.effect?.ok === true ? (request.effect.value as Answer) : undefined;
    if (told?.kind !== 'ok' && told?.kind !== 'failed') return undefined;
    if (told.replayed) replay = told.kind === 'ok' ? 'ok' : told.code;
  }
  if (logs.length !== sends.length + (replay === undefined ? 0 : 1)) return undefined;
  if (replay !== undefined && claims.length === 0) return undefined;
  for (const passage of passages) if (wasRefused(passage) || wasFenced(passage)) return undefined;
  for (let i = 0; i < logs.length; i += 1) {
    const record = logs[i]?.record;
    const reply = sends[i]?.crossing.reply;
    const isReplay = i === sends.length;
    if (record?.['audit'] !== (isReplay ? 'replay' : 'attempt')) return undefined;
    if (!isReplay && reply === undefined) return undefined;
    const code = isReplay ? replay : reply?.ok === false ? reply.error.code : 'ok';
    if (record['code'] !== code) return undefined;
    const claimed = claims[0]?.request as ClaimRequest | undefined;
    if (record['idempotencyKey'] !== (isReplay ? claimed?.key : sends[i]?.request.idempotencyKey))
      return undefined;
  }
  return logs.length;
}

/** An attempt that was given up is over when its actor goes on; one that hangs, or whose process died, may not be. */
export function attempt(crossing: Crossing, actor: ActorView, { request, tier }: Attempting): AuditEvent {
  const { reply, called } = crossing;
  const wentOn = actor.activeOrder > called.order || request?.effect !== undefined;
  const answered = reply === undefined ? undefined : reply.ok ? 'ok' : reply.error.code;
  const words = `the attempt sent at ${called.atMs} ms and ${answered === undefined ? 'given up' : `answered ${answered}`}`;
  // Behind HTTP the trace holds what the gateway decided, and what the SDK reads out of a failure may differ from it.
  const code = tier !== 'sim' && answered !== 'ok' ? undefined : answered;
  return { audit: 'attempt', code, words, crossing, optional: reply === undefined && !wentOn };
}

/** Whether the client was told of a time-out although nothing was sent: its call was given up before. */
function wasLeftUnsent({ effect }: Crossing): boolean {
  const told = effect?.ok === true ? (effect.value as Answer) : undefined;
  return told?.kind === 'unknown' && told.code === 'gateway_timeout';
}

function unsent(request: Crossing): AuditEvent {
  const words = 'the attempt that was given up before it was sent';
  return { audit: 'attempt', code: undefined, words, crossing: request, optional: true };
}

export function wasRefused({ admitted, answer }: Passage): boolean {
  return admitted === undefined && answer?.ok === false;
}

export function addRefusal(events: AuditEvent[], { guard, answer, arrived, answered }: Passage): void {
  if (answer?.ok !== false) return;
  const { code } = answer.error;
  const words = `the call that the ${guard === 'rate-limit' ? 'limiter' : 'breaker'} refused at ${arrived.atMs} ms`;
  events.push({ audit: 'rejected', code, words, crossing: undefined, optional: false });
  if (guard !== 'rate-limit' || answered === undefined || answered.atMs === arrived.atMs) return;
  // Given up while it waited: a log outside the time-out sees an attempt that ended, as its caller does.
  const given = 'the attempt that ended while it waited';
  events.push({ audit: 'attempt', code: undefined, words: given, crossing: undefined, optional: true });
}

const leaseLost = 'lease_lost';

/**
 * Sends that the fence stopped. The guards above it hear of them; where another layer stands between, only a lease that
 * had run out tells that there may have been one.
 */
export function addFenced(events: AuditEvent[], { passages, claims, logs }: ActorView): void {
  const latestMs = logs.at(-1)?.at.atMs ?? 0;
  const [earliest] = claims;
  const early = earliest === undefined || earliest.called.atMs + leaseOf(earliest) > latestMs;
  if (early && !passages.some(wasFenced)) return;
  const seen = Math.max(
    passages.filter((one) => one.guard === 'rate-limit' && wasFenced(one)).length,
    passages.filter((one) => one.guard === 'circuit-breaker' && wasFenced(one)).length,
  );
  const lapsed = claims.filter((claim) => sawOwned(claim) && claim.called.atMs + leaseOf(claim) <= latestMs);
  const words = 'the send that the fence stopped';
  for (let count = 0; count < Math.max(seen, lapsed.length); count += 1) {
    const optional = count >= seen;
    events.push({ audit: 'rejected', code: leaseLost, words, crossing: lapsed[count], optional });
  }
}

function wasFenced({ result }: Passage): boolean {
  return result?.ok === false && result.error.code === leaseLost;
}

function leaseOf({ request }: Crossing): number {
  return (request as ClaimRequest).leaseMs;
}

/** What the idempotent layer decided by itself: the one decision that its client was told, and those that it was not. */
function addDecisions(events: AuditEvent[], actor: ActorView, request: Crossing): void {
  const told = request.effect?.ok === true ? (request.effect.value as Answer) : undefined;
  const decision = told && decisionOf(told, request);
  if (decision !== undefined) events.push(decision);
  // A layer further out may ask more than once, or leave before there is a decision.
  const untold = callsOf(actor) - (told === undefined || wasLeft(actor, told) ? 0 : 1);
  const words = 'a decision that the client was not told';
  for (let count = 0; count < untold; count += 1)
    events.push({ audit: 'decision', code: undefined, words, crossing: request, optional: true });
}

/** Whether the client may have been answered, by a time-out further out, before the idempotent layer had decided. */
function wasLeft({ id, claims, slot }: ActorView, told: Answer): boolean {
  if (told.kind !== 'unknown') return false;
  const last = claims.at(-1);
  if (last !== undefined && !sawOwned(last)) return true;
  return (
    slot?.operations.some(
      ({ actor, reply }) =>
        actor === id && reply?.ok === true && (reply.value as Partial<WriteAnswer> | null)?.written === false,
    ) === true
  );
}

/** How often the idempotent layer was asked: each call of it claims under an attempt of its own. */
function callsOf({ claims }: ActorView): number {
  const first = claims[0]?.request as ClaimRequest | undefined;
  if (claims.every(({ request }) => (request as ClaimRequest).attemptId === first?.attemptId)) return 1;
  const attempts = new Set<string>();
  for (const { request } of claims) attempts.add((request as ClaimRequest).attemptId);
  return attempts.size;
}

const refusals: readonly string[] = ['idempotency_in_progress', 'store_unavailable'];

function decisionOf(told: Answer, crossing: Crossing): AuditEvent | undefined {
  const event = { crossing, optional: false };
  if (told.kind === 'ok' || told.kind === 'failed') {
    if (!told.replayed) return undefined;
    const code = told.kind === 'ok' ? 'ok' : told.code;
    return { audit: 'replay', code, words: `the replay (${code}) that the client was told`, ...event };
  }
  const { code } = told;
  if (told.kind !== 'rejected') return undefined;
  if (code === 'idempotency_conflict')
    return { audit: 'conflict', code, words: 'the conflict that the client was told', ...event };
  if (!refusals.includes(code)) return undefined;
  return { audit: 'rejected', code, words: `the rejection (${code}) that the client was told`, ...event };
}
