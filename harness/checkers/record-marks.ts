// Marks about the records of the store: who claimed them, who lost them, how they came to their end.

import type { LookupResult } from '../../src/gateway/port.ts';
import type {
  ClaimAnswer,
  ClaimRequest,
  IdempotencyRecord,
  Suspension,
  WriteAnswer,
} from '../../src/idempotency/store.ts';
import type { Crossing } from '../history/history.ts';
import type { MarkId, Reach } from './mark-definitions.ts';
import { type ActorView, recordAfter, type SlotView, sawOwned, type View, wasWritten } from './view.ts';

/** Notes the marks that store operations reach. */
export function markRecords({ slots, actors, history }: View, reach: Reach): void {
  for (const slot of slots) {
    let before: IdempotencyRecord | undefined;
    for (const operation of slot.operations) {
      const writer = actors.get(operation.actor);
      if (operation.site === 'store.claim') markClaim(operation, before, { writer, reach });
      else if (operation.site !== 'store.read') {
        markWrite(operation, slot, { writer, reach });
        if (before !== undefined && isFinal(operation)) markEnd(operation, before, { slot, history, reach });
      }
      before = recordAfter(operation) ?? before;
    }
  }
  if (hasRestarted(history.incidents)) reach('process-restarted');
}

function markClaim(claim: Crossing, before: IdempotencyRecord | undefined, { writer, reach }: Writing): void {
  if (claim.effect?.ok !== true) return;
  const { owned, record } = claim.effect.value as ClaimAnswer;
  const { fingerprint, attemptId } = claim.request as ClaimRequest;
  if (!owned) {
    if (record.state === 'IN_FLIGHT' && record.fingerprint !== fingerprint) reach('conflict-while-in-flight');
    return;
  }
  if (before?.state !== 'IN_FLIGHT') return;
  if (before.token === record.token && before.attemptId === attemptId) reach('own-claim-recognised');
  else if (before.token !== record.token) {
    reach('lease-taken-over');
    if (writer?.intent === undefined) reach('taken-over-by-sweep');
  }
}

const writeMarks: Readonly<Partial<Record<Crossing['site'], MarkId>>> = {
  'store.release': 'slot-released',
  'store.renew': 'renewed',
  'store.advance': 'generation-advanced',
};

interface Writing {
  readonly writer: ActorView | undefined;
  readonly reach: Reach;
}

function markWrite(write: Crossing, slot: SlotView, { writer, reach }: Writing): void {
  if (write.effect?.ok !== true) return;
  const sent = writer?.lastSend?.crossing;
  // Renewals are made while an answer is awaited; any other write says that the wait is over.
  const gaveUp = sent !== undefined && sent.replied === undefined && sent.called.order < write.called.order;
  if (gaveUp && write.site !== 'store.renew') reach('timed-out');
  if (!wasWritten(write)) return reach('write-refused');
  const mark = writeMarks[write.site];
  if (mark !== undefined) reach(mark);
  if (write.site === 'store.suspend') {
    reach((write.request as Suspension).state === 'PENDING' ? 'pending-seen' : 'unknown-suspended');
    if (writer !== undefined && wasFenced(writer, write)) reach('send-fenced');
  }
  if (!isFinal(write)) return;
  if (writer?.intent === undefined) reach('sweep-resolved');
  const { failure } = write.request as { readonly failure?: { readonly code: string } };
  if (failure?.code === 'not_charged') reach('horizon-elapsed');
  if (wasLookedUp(write, slot)) reach('unknown-resolved-by-lookup');
}

function isFinal(write: Crossing): boolean {
  return (write.site === 'store.complete' || write.site === 'store.fail') && wasWritten(write);
}

interface Ending {
  readonly slot: SlotView;
  readonly history: View['history'];
  readonly reach: Reach;
}

/** What the record was when it came to its end. */
function markEnd(write: Crossing, before: IdempotencyRecord, { slot, history, reach }: Ending): void {
  if (before.gatewayId !== undefined && wasLookedUp(write, slot)) reach('pending-resolved-by-lookup');
  const usedMs =
    (write.effect?.ok === true ? (write.effect.value as WriteAnswer).nowMs : 0) - before.keyUsedFromMs;
  if (before.unresolved && usedMs >= history.terms.keyRetentionMs) reach('key-retention-passed');
}

/** Whether the writer heard of its claim when the lease had run out already, and then sent nothing. */
function wasFenced({ claims, lastSend }: ActorView, write: Crossing): boolean {
  const claim = claims.findLast(({ called }) => called.order < write.called.order);
  if (claim?.replied === undefined || !sawOwned(claim) || lastSend?.claim === claim) return false;
  return claim.replied.atMs - claim.called.atMs >= (claim.request as ClaimRequest).leaseMs;
}

/** Whether the writer's last word from the gateway was a look-up that found something. */
function wasLookedUp(write: Crossing, { intent }: SlotView): boolean {
  const lookup = intent?.lookups.findLast(
    ({ actor, replied }) =>
      actor === write.actor && replied !== undefined && replied.order < write.called.order,
  );
  if (lookup?.reply?.ok !== true) return false;
  const { kind } = lookup.reply.value as LookupResult;
  return kind === 'found' || kind === 'answered';
}

function hasRestarted(incidents: View['history']['incidents']): boolean {
  return incidents.some(
    ({ kind, process }, index) =>
      kind === 'started' &&
      incidents.some(
        (other, earlier) => earlier < index && other.kind === 'started' && other.process === process,
      ),
  );
}
