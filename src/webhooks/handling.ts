// One event, from its claim to what is written about it. Nothing is written that the handler did not say, and nothing is
// written at all when the claim has gone to somebody else.

import {
  LeaseLostError,
  PaymentError,
  StoreUnavailableError,
  ValidationError,
} from '../errors/payment-error.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { parseJson } from '../kernel/parse-json.ts';
import { codeOf } from '../resilience/audit.ts';
import { quietly } from '../resilience/quietly.ts';
import { effectKey } from './effect-key.ts';
import type { WebhookEvent } from './event.ts';
import type { Handled, InboxSettings } from './inbox-options.ts';
import type { EffectWrite, FinishWrite, InboxClaim, InboxFailure, InboxWriteAnswer } from './inbox-store.ts';
import { type Movement, movementOf } from './ordering.ts';

/**
 * How a handling ended. `lost`: the claim went to somebody else, or the store did not answer the last write, so that this process
 * does not know; the event is done, or comes up again when the lease is over.
 */
export type HandlingOutcome = 'done' | 'parked' | 'failed' | 'dead' | 'lost';

/** What was decided about an event, to be written. */
type Decision =
  | { readonly kind: 'done'; readonly effects: readonly EffectWrite[]; readonly movement: Movement }
  | { readonly kind: 'parked' | 'failed'; readonly failure: InboxFailure };

/** Claims the event that has been due for longest, and handles it; null when there is none. */
export async function handleNext<Body, Data>(
  settings: InboxSettings<Body, Data>,
): Promise<HandlingOutcome | null> {
  const { runtime, store, leaseMs } = settings;
  const askedAtMs = runtime.monotonicMs();
  const claim = await store.claim({ attemptId: runtime.id('webhook'), leaseMs });
  return claim && handleClaimed(settings, claim, askedAtMs + leaseMs);
}

/** Handles a claimed event while its lease lasts, milliseconds of the own monotonic clock. Never rejects. */
export async function handleClaimed<Body, Data>(
  settings: InboxSettings<Body, Data>,
  claim: InboxClaim,
  leaseUntilMs: number,
): Promise<HandlingOutcome> {
  const { runtime } = settings;
  // Who keeps dying in the middle of an event would go on for ever: the handlings that nobody ended count as well.
  const abandoned = failuresBefore(claim) >= settings.maxAttempts;
  try {
    if (abandoned)
      return await bury(settings, claim, { code: 'abandoned', message: 'every handling was cut short' });
    return await write(settings, claim, await decide(settings, claim, leaseUntilMs));
  } catch (error) {
    // The store did not answer, so the event is left to its lease.
    quietly(runtime.log, { webhook: 'lost', id: claim.record.id, code: codeOf(error) }, runtime);
    return 'lost';
  }
}

/** Attempts before this one that neither parked the event nor ended it. */
function failuresBefore({ record }: InboxClaim): number {
  return record.attempts - 1 - record.parks;
}

async function decide<Body, Data>(
  settings: InboxSettings<Body, Data>,
  claim: InboxClaim,
  leaseUntilMs: number,
): Promise<Decision> {
  const event = parseJson(claim.record.event) as WebhookEvent<Data>;
  try {
    return await withinLease(settings.runtime, leaseUntilMs, async (signal) => {
      const { ordering } = settings;
      const movement: Movement | 'unknown' =
        ordering === undefined
          ? { kind: 'unordered' }
          : await movementOf({ event, position: claim.position, signal }, ordering);
      if (movement === 'unknown') return parked('the gateway does not know the object');
      const delivery = {
        movement,
        attempt: claim.record.attempts,
        effectKey: (name?: string) => effectKey(event, name),
        fence: () => checkLease(settings.runtime, leaseUntilMs, event.id),
        signal,
      };
      return decisionOf(event, movement, await settings.handle(event, delivery));
    });
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error) };
  }
}

function decisionOf(event: WebhookEvent, movement: Movement, handled: Handled): Decision {
  // What a handler answers is checked: one that forgot its `return` must not end the event.
  if (handled?.kind === 'parked') return parked(`${handled.why}`);
  if (handled?.kind !== 'done') {
    throw new ValidationError(
      'webhookInbox: the handler answered neither done nor parked; return one of them',
    );
  }
  const effects = (handled.effects ?? []).map(({ name, payload }) => ({
    key: effectKey(event, name),
    payload: canonicalJson(payload),
  }));
  return { kind: 'done', effects, movement };
}

function parked(message: string): Decision {
  return { kind: 'parked', failure: { code: 'parked', message } };
}

function failureOf(error: unknown): InboxFailure {
  if (error instanceof PaymentError) return { code: error.code, message: error.message };
  // Its message may quote what must not be stored.
  return { code: codeOf(error), message: `${error instanceof Error ? error.name : typeof error} was thrown` };
}

async function write<Body, Data>(
  settings: InboxSettings<Body, Data>,
  claim: InboxClaim,
  decision: Decision,
): Promise<HandlingOutcome> {
  if (decision.kind !== 'done') return putBack(settings, claim, decision);
  let answer: InboxWriteAnswer;
  try {
    answer = await settings.store.finish(finishWrite(settings, claim, decision));
  } catch (error) {
    // A store that refuses an effect (a ledger, an entry that does not balance) has said so, and written nothing.
    const refused = error instanceof PaymentError && !(error instanceof StoreUnavailableError);
    if (!refused) throw error;
    return putBack(settings, claim, { kind: 'failed', failure: failureOf(error) });
  }
  if (answer.written || isOwnWork(answer, claim)) return 'done';
  if (answer.why === 'lost') return 'lost';
  const message = 'another event moved the object meanwhile';
  return putBack(settings, claim, { kind: 'failed', failure: { code: 'contested', message } });
}

function finishWrite<Body, Data>(
  { dedupTtlMs }: InboxSettings<Body, Data>,
  { record, position }: InboxClaim,
  { effects, movement }: Extract<Decision, { readonly kind: 'done' }>,
): FinishWrite {
  const ended = { id: record.id, token: record.token, effects, dedupTtlMs };
  if (movement.kind !== 'moves') return ended;
  return { ...ended, move: { to: movement.to, afterRevision: position?.revision ?? 0 } };
}

/** Whether a refused `finish` had been applied already: the request was delivered twice. */
function isOwnWork(answer: InboxWriteAnswer, { record }: InboxClaim): boolean {
  return answer.record?.state === 'DONE' && answer.record.token === record.token;
}

async function putBack<Body, Data>(
  settings: InboxSettings<Body, Data>,
  claim: InboxClaim,
  { kind, failure }: Extract<Decision, { readonly kind: 'parked' | 'failed' }>,
): Promise<HandlingOutcome> {
  const isParked = kind === 'parked';
  const before = isParked ? claim.record.parks : failuresBefore(claim);
  if (before + 1 >= (isParked ? settings.maxParks : settings.maxAttempts))
    return bury(settings, claim, failure);
  const firstMs = isParked ? settings.parkDelayMs : settings.retryDelayMs;
  const delayMs = Math.min(firstMs * 2 ** before, settings.maxDelayMs);
  const { id, token } = claim.record;
  const answer = await settings.store.postpone({ id, token, delayMs, parked: isParked, failure });
  if (!answer.written) return 'lost';
  quietly(settings.runtime.log, { webhook: kind, id, code: failure.code, delayMs }, settings.runtime);
  return kind;
}

async function bury<Body, Data>(
  settings: InboxSettings<Body, Data>,
  { record: { id, token } }: InboxClaim,
  failure: InboxFailure,
): Promise<HandlingOutcome> {
  const answer = await settings.store.bury({ id, token, failure });
  if (!answer.written) return 'lost';
  quietly(settings.runtime.log, { webhook: 'dead', id, code: failure.code }, settings.runtime);
  quietly(settings.onDeadLetter, answer.record);
  return 'dead';
}

type LeaseClock = InboxSettings<unknown, unknown>['runtime'];

function checkLease(runtime: LeaseClock, untilMs: number, id: string): void {
  if (runtime.monotonicMs() < untilMs) return;
  throw new LeaseLostError(
    `webhook ${id}: the lease ran out; somebody else may have the event, so nothing is done`,
  );
}

/** Gives up on work that outlasts the lease, counted by the own clock from before the claim was asked for. */
function withinLease<T>(
  runtime: LeaseClock,
  untilMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const lost = new LeaseLostError(
      'webhook: the handler took longer than the lease; bound it, or lease for longer',
    );
    const cancel = runtime.after(Math.max(0, untilMs - runtime.monotonicMs()), () => {
      controller.abort(lost);
      reject(lost);
    });
    work(controller.signal).then(resolve, reject).finally(cancel);
  });
}
