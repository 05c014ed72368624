// S4. A record has one owner at a time, and the token says who: whoever writes without it undoes what the owner did.

import type { ClaimAnswer, ClaimRequest, IdempotencyRecord, Owned } from '../../src/idempotency/store.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds, unpromised, untraced } from './verdicts.ts';
import { type ActorView, type SlotView, sawOwned, wasWritten } from './view.ts';
import { viewOf } from './view-of.ts';

const assumes = ['durable-claims'] as const;

/** S4 fenced-writes: a slot is written or cleared only under its current token; tokens strictly increase. */
export const fencedWrites: Checker = {
  id: 'S4',
  name: 'fenced-writes',
  statement:
    'A record is written or cleared only under its current token, by whom that token was granted to, and never once ' +
    'it is final; a takeover waits for the lease to run out and raises the token.',
  evidence: ['trace'],
  assumes,
  hint:
    'Somebody writes who does not own the record, or took it from somebody who does: compare the token of each write ' +
    'with what the claims granted, and each takeover with the end of the lease.',
  check,
};

/** What the last claim that was granted entitles to. Virtual milliseconds. */
interface Grant {
  readonly claim: Crossing;
  readonly token: number;
  readonly attemptId: string;
  leaseUntilMs: number;
  /** Whether the record is still in flight under it. */
  open: boolean;
  /** The write that made the record final. */
  final: Crossing | undefined;
}

function check(history: History): Verdict {
  const { terms } = history;
  const lost = untraced(terms) ?? unpromised(terms, assumes);
  if (lost !== undefined) return lost;
  const { slots, actors } = viewOf(history);
  let judged = 0;
  for (const slot of slots) {
    let grant: Grant | undefined;
    for (const operation of slot.operations) {
      const next = operation.site === 'store.claim' ? granted(operation) : undefined;
      if (next === undefined && !wasWritten(operation)) continue;
      judged += 1;
      const wrong =
        next === undefined
          ? wrongWrite(grant, operation, { slot, writer: actors.get(operation.actor) })
          : grant && wrongGrant(grant, next, terms.ttlMs);
      if (wrong !== undefined)
        return breaks(`${operation.actor} ${wrong} (record ${slot.key})`, shownFor(grant, operation));
      if (next === undefined) note(grant, operation);
      else if (!isRepeated(grant, next)) grant = next;
    }
  }
  return holds(judged);
}

function granted(claim: Crossing): Grant | undefined {
  const answer = claim.effect?.ok === true ? (claim.effect.value as ClaimAnswer) : undefined;
  if (answer?.owned !== true) return undefined;
  const { attemptId, leaseMs } = claim.request as ClaimRequest;
  const leaseUntilMs = appliedMs(claim) + leaseMs;
  return { claim, token: answer.record.token, attemptId, leaseUntilMs, open: true, final: undefined };
}

/** Whether a claim was recognised as one that had been granted already: then nothing was granted anew. */
function isRepeated(before: Grant | undefined, { attemptId }: Grant): boolean {
  return before?.open === true && before.attemptId === attemptId;
}

function wrongGrant(before: Grant, { claim, token, attemptId }: Grant, ttlMs: number): string | undefined {
  const atMs = appliedMs(claim);
  const { claim: earlier, final } = before;
  if (before.open && before.attemptId === attemptId) {
    return token === before.token
      ? undefined
      : `repeated its claim and was granted token ${token}, although it held ${before.token}`;
  }
  if (before.open && atMs < before.leaseUntilMs) {
    return (
      `took over at ${atMs} ms what ${earlier.actor} had claimed, although that lease ran until ` +
      `${before.leaseUntilMs} ms`
    );
  }
  if (final !== undefined && atMs < appliedMs(final) + ttlMs) {
    return `claimed anew what ${final.actor} had made final ${atMs - appliedMs(final)} ms ago`;
  }
  return token > before.token
    ? undefined
    : `was granted token ${token} after ${earlier.actor} had been granted ${before.token}`;
}

interface Writer {
  readonly slot: SlotView;
  readonly writer: ActorView | undefined;
}

function wrongWrite(grant: Grant | undefined, write: Crossing, { slot, writer }: Writer): string | undefined {
  const { token } = write.request as Owned;
  const doing = `carried out ${write.site} under token ${token}`;
  if (grant === undefined) return `${doing}, although nobody had been granted the record`;
  if (grant.final !== undefined) return `${doing}, although ${grant.final.actor} had made the record final`;
  if (token !== grant.token) return `${doing}, although ${grant.claim.actor} held it under ${grant.token}`;
  if (writer !== undefined && knowsToHold(writer, write, { slot, token })) return undefined;
  return `${doing}, which had been granted to ${grant.claim.actor}`;
}

/** Whether a claim had told the writer of its token, or the record itself, which bears the attempt of a claim of its own. */
function knowsToHold(
  { id, claims }: ActorView,
  write: Crossing,
  { slot, token }: { readonly slot: SlotView; readonly token: number },
): boolean {
  const saw = ({ replied }: Crossing): boolean => replied !== undefined && replied.order < write.called.order;
  const own = claims.filter(({ request }) => (request as ClaimRequest).key === slot.key);
  const told = own.some(
    (claim) =>
      saw(claim) &&
      sawOwned(claim) &&
      claim.reply?.ok === true &&
      (claim.reply.value as ClaimAnswer).record.token === token,
  );
  if (told) return true;
  return slot.operations.some((read) => {
    if (read.site !== 'store.read' || read.actor !== id || !saw(read) || read.reply?.ok !== true)
      return false;
    const record = read.reply.value as IdempotencyRecord | null;
    if (record?.token !== token) return false;
    return own.some(({ request }) => (request as ClaimRequest).attemptId === record.attemptId);
  });
}

function note(grant: Grant | undefined, write: Crossing): void {
  if (grant === undefined) return;
  if (write.site === 'store.renew') {
    const { leaseMs } = write.request as { readonly leaseMs: number };
    grant.leaseUntilMs = appliedMs(write) + leaseMs;
  } else if (write.site !== 'store.advance') {
    grant.open = false;
    if (write.site === 'store.complete' || write.site === 'store.fail') grant.final = write;
  }
}

function appliedMs({ applied }: Crossing): number {
  return applied?.atMs ?? 0;
}

function shownFor(grant: Grant | undefined, operation: Crossing): readonly (Crossing | undefined)[] {
  return [grant?.claim, grant?.final, operation];
}
