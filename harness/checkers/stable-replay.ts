// S7. A replay is the first final answer again, byte for byte; and equal payloads are recognised as equal.

import type { ClaimRequest } from '../../src/idempotency/store.ts';
import type { ChargeIntent, Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import {
  epochOfCharge,
  epochOfOperation,
  epochOfRequest,
  hasSeveralEpochs,
  mayHaveLapsed,
} from './epochs.ts';
import { samePayload } from './payloads.ts';
import { judgeReplays } from './replayed-orders.ts';
import { breaks, holds, nameOf, toldBy } from './verdicts.ts';
import { type IntentView, wasWritten } from './view.ts';
import { viewOf } from './view-of.ts';

/** S7 stable-replay: a replay is byte-equal to the first final answer; equal payloads hash equally. */
export const stableReplay: Checker = {
  id: 'S7',
  name: 'stable-replay',
  statement:
    'While a record exists, a replay is byte-equal to the first final answer, and equal payloads hash equally.',
  evidence: ['answers', 'trace'],
  assumes: [],
  hint:
    'The answer depends on when or where it was made: look for times, ids or the replay mark inside the body, and ' +
    'for fields of the request that change from attempt to attempt inside the fingerprint.',
  check,
};

function check(history: History): Verdict {
  let judged = 0;
  for (const intent of viewOf(history).intents) {
    if (intent.requests.length === 0 || mayHaveLapsed(history, intent)) continue;
    const oks = intent.requests.length > 1 ? differing(history, intent) : 0;
    if (typeof oks !== 'number') return oks;
    const hashes = hashedDifferently(history, intent);
    if (typeof hashes !== 'number') return hashes;
    judged += oks + hashes;
  }
  const keys = judgeReplays(history);
  return keys.fault ?? holds(judged + keys.judged);
}

/** The answers of an epoch that later ones are compared with. */
interface Firsts {
  /** The first ok: all others are about the same charge and must equal it. */
  ok: Crossing | undefined;
  /** The first final answer that speaks for a stored final state. */
  durable: Crossing | undefined;
}

/** Compares every final answer with the first ones of its epoch. */
function differing(history: History, intent: IntentView): Verdict | number {
  const several = hasSeveralEpochs(intent);
  const finals = finalWrites(history, intent);
  const single: Firsts = { ok: undefined, durable: undefined };
  const byEpoch = new Map<number, Firsts>();
  let judged = 0;
  for (const request of inOrderOfAnswer(intent.requests)) {
    const told = toldBy(request);
    if (told?.kind !== 'ok' && told?.kind !== 'failed') continue;
    const epoch = several ? epochOfAnswer(intent, request) : 0;
    if (epoch === undefined) continue;
    const firsts = several ? (byEpoch.get(epoch) ?? { ok: undefined, durable: undefined }) : single;
    if (several) byEpoch.set(epoch, firsts);
    const durable =
      finals === undefined
        ? told.replayed
        : isDurable(finals, request, several ? { intent, epoch } : undefined);
    const first = (told.kind === 'ok' ? firsts.ok : undefined) ?? (durable ? firsts.durable : undefined);
    if (first !== undefined) {
      judged += 1;
      if (bodyOf(first) !== told.body) return broken(intent, first, request);
    }
    if (told.kind === 'ok') firsts.ok ??= request;
    if (durable) firsts.durable ??= request;
  }
  return judged;
}

function epochOfAnswer(intent: IntentView, request: Crossing): number | undefined {
  const told = toldBy(request);
  if (told?.kind !== 'ok') return epochOfRequest(intent, request);
  const charge = intent.charges.find(({ id }) => id === told.chargeId);
  return charge === undefined ? undefined : epochOfCharge(intent, charge);
}

/** Every try to store a final state; undefined when the trace shows no record, so that only answers can tell. */
function finalWrites({ terms }: History, { slots }: IntentView): readonly Crossing[] | undefined {
  if (!terms.trace || slots.length === 0) return undefined;
  const finals: Crossing[] = [];
  for (const { operations, lost } of slots) {
    for (const operation of operations) if (isFinalWrite(operation)) finals.push(operation);
    for (const operation of lost) if (isFinalWrite(operation)) finals.push(operation);
  }
  return finals;
}

function isFinalWrite({ site }: Crossing): boolean {
  return site === 'store.complete' || site === 'store.fail';
}

/** The epoch that a final state must have been written in, where there are several. */
interface Within {
  readonly intent: IntentView;
  readonly epoch: number;
}

/**
 * Whether an answer speaks for a stored final state: one was written before it was given, and its actor is not
 * one whose own final write went unanswered (that one tells what it saw, since it can't ask the record).
 */
function isDurable(finals: readonly Crossing[], request: Crossing, within: Within | undefined): boolean {
  let written = false;
  for (const write of finals) {
    if (write.actor === request.actor && write.reply?.ok !== true) return false;
    if (
      written ||
      write.applied === undefined ||
      write.applied.order > answeredOrder(request) ||
      !wasWritten(write)
    )
      continue;
    written = within === undefined || epochOfOperation(within.intent, write) === within.epoch;
  }
  return written;
}

/** By the trace: requests of one payload must claim with one fingerprint. */
function hashedDifferently(history: History, intent: IntentView): Verdict | number {
  const { actors } = viewOf(history);
  if (intent.requests.length < 2) return 0;
  let judged = 0;
  const seen: { readonly asked: ChargeIntent; readonly claim: Crossing }[] = [];
  for (const request of intent.requests) {
    const claim = actors.get(request.actor)?.claims[0];
    if (claim === undefined) continue;
    const asked = request.request as ChargeIntent;
    const alike = seen.find((other) => samePayload(other.asked, asked));
    if (alike === undefined) {
      seen.push({ asked, claim });
      continue;
    }
    judged += 1;
    if (fingerprintOf(alike.claim) === fingerprintOf(claim)) continue;
    return breaks(
      `${alike.claim.actor} and ${claim.actor} asked for the same payload of ${nameOf(intent)}, but claimed with ` +
        `fingerprints ${fingerprintOf(alike.claim)} and ${fingerprintOf(claim)}`,
      [alike.claim, claim],
    );
  }
  return judged;
}

function fingerprintOf(claim: Crossing): string {
  return (claim.request as ClaimRequest).fingerprint;
}

function inOrderOfAnswer(requests: readonly Crossing[]): readonly Crossing[] {
  let latest = Number.NEGATIVE_INFINITY;
  for (const request of requests) {
    const order = answeredOrder(request);
    if (order < latest) return requests.toSorted((a, b) => answeredOrder(a) - answeredOrder(b));
    latest = order;
  }
  return requests;
}

/** Requests that were never answered come last; they are not compared. */
function answeredOrder({ replied }: Crossing): number {
  return replied?.order ?? Number.MAX_SAFE_INTEGER;
}

function broken(intent: IntentView, first: Crossing, request: Crossing): Verdict {
  return breaks(
    `${request.actor} was answered ${bodyOf(request)}, but ${first.actor} had been answered ${bodyOf(first)} for the ` +
      `same purchase (${nameOf(intent)})`,
    [first, request],
  );
}

function bodyOf(request: Crossing): string {
  return toldBy(request)?.body ?? '';
}
