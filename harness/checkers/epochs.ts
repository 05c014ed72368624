// When a record's time to live has passed, its key names a new purchase: the same intent in another epoch.
// Nearly every history knows one epoch only, and then all of these answer 0 at once. Epochs are numbered here as
// the declared time to live tells them apart, not as the record does.

import type { BookedCharge, Crossing, History } from '../history/history.ts';
import { type IntentView, recordAfter, type Send } from './view.ts';

/** Whether the trace shows more than one epoch of the intent. */
export function hasSeveralEpochs(intent: IntentView): boolean {
  const { slots } = intent;
  return slots.some((slot) => slot.purchases !== undefined);
}

/**
 * Whether epochs may have passed unseen: without a trace, requests that lie further apart than the time to
 * live may rightly have become two purchases.
 */
export function mayHaveLapsed(history: History, intent: IntentView): boolean {
  if (history.terms.trace) return false;
  const first = intent.requests[0];
  const last = intent.requests.at(-1);
  if (first === undefined || last === undefined) return false;
  return (last.replied ?? last.called).atMs - first.called.atMs >= history.terms.ttlMs;
}

/** The epoch in which a charge was sent. */
export function epochOfSend(intent: IntentView, { claim, crossing }: Send): number {
  if (!hasSeveralEpochs(intent)) return 0;
  return (
    (claim === undefined ? undefined : epochOfOperation(intent, claim)) ??
    epochAt(intent, crossing.called.order)
  );
}

/** The epoch of the record that a store operation left or found; undefined when it left and found none. */
export function epochOfOperation(intent: IntentView, operation: Crossing): number | undefined {
  const record = recordAfter(operation);
  if (record === undefined) return undefined;
  for (const { key, purchases } of intent.slots)
    if (key === record.key) return purchases?.get(record.epoch) ?? 0;
  return 0;
}

/** The epoch of the send that brought a charge about. */
export function epochOfCharge(intent: IntentView, charge: BookedCharge): number {
  if (!hasSeveralEpochs(intent)) return 0;
  let cause: Send | undefined;
  for (const send of intent.sends) {
    if (send.request.idempotencyKey !== charge.idempotencyKey) continue;
    const { applied } = send.crossing;
    if (cause === undefined || (applied !== undefined && applied.order <= charge.at.order)) cause = send;
  }
  return cause === undefined ? epochAt(intent, charge.at.order) : epochOfSend(intent, cause);
}

/** The epoch that a request was answered in; undefined when its actor saw none, or several. */
export function epochOfRequest(intent: IntentView, request: Crossing): number | undefined {
  if (!hasSeveralEpochs(intent)) return 0;
  let seen: number | undefined;
  for (const slot of intent.slots) {
    for (const operation of slot.operations) {
      if (operation.actor !== request.actor) continue;
      const epoch = epochOfOperation(intent, operation);
      if (epoch === undefined) continue;
      if (seen !== undefined && seen !== epoch) return undefined;
      seen = epoch;
    }
  }
  return seen;
}

function epochAt(intent: IntentView, order: number): number {
  let epoch = 0;
  for (const slot of intent.slots) {
    for (const operation of slot.operations) {
      if ((operation.applied?.order ?? 0) > order) break;
      epoch = epochOfOperation(intent, operation) ?? epoch;
    }
  }
  return epoch;
}
