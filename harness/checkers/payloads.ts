// Whose payload owns a record, and since when: what S6 judges by, and what keeps other checkers from calling a
// rightful conflict a fault.

import type { ClaimAnswer } from '../../src/idempotency/store.ts';
import type { ChargeIntent, Crossing, History } from '../history/history.ts';
import { toldBy } from './verdicts.ts';
import { type IntentView, recordAfter, type SlotView, wasWritten } from './view.ts';
import { viewOf } from './view-of.ts';

/** A stretch of time through which a record existed under one payload. */
export interface Tenure {
  /** The request whose claim made the record; its payload owns it. */
  readonly owner: ChargeIntent;
  readonly claim: Crossing;
  /** Order of the claim's application. */
  readonly fromOrder: number;
  /** Order of what ended it: a release, or the claim that found it lapsed. */
  untilOrder: number;
  /** When its time to live ran out, milliseconds. */
  lapsesAtMs: number;
}

/** Whether two requests ask for the same amount and currency. */
export function samePayload(a: ChargeIntent, b: ChargeIntent): boolean {
  return a.amountMinor === b.amountMinor && a.currency === b.currency;
}

/**
 * The tenures of a record, in order. A stretch whose owner can't be told (claimed by a background actor when
 * it was free) is left out.
 */
export function tenuresOf(history: History, slot: SlotView): readonly Tenure[] {
  const { actors } = viewOf(history);
  const payloads = new Map<string, ChargeIntent>();
  const tenures: Tenure[] = [];
  let present: Tenure | undefined;
  let epoch = 0;
  let free = true;
  for (const operation of slot.operations) {
    const applied = operation.applied;
    if (applied === undefined) continue;
    if (operation.site === 'store.claim') {
      const answer = operation.effect?.ok === true ? (operation.effect.value as ClaimAnswer) : undefined;
      if (answer?.owned !== true) continue;
      const { fingerprint } = answer.record;
      if (!free && answer.record.epoch === epoch) continue;
      if (present !== undefined) present.untilOrder = Math.min(present.untilOrder, applied.order);
      const asked = actors.get(operation.actor)?.intent?.requests;
      const own = asked?.find((request) => request.actor === operation.actor)?.request as
        | ChargeIntent
        | undefined;
      const owner = own ?? payloads.get(fingerprint);
      if (own !== undefined) payloads.set(fingerprint, own);
      const untilOrder = Number.POSITIVE_INFINITY;
      present =
        owner === undefined
          ? undefined
          : {
              owner,
              claim: operation,
              fromOrder: applied.order,
              untilOrder,
              lapsesAtMs: Number.POSITIVE_INFINITY,
            };
      if (present !== undefined) tenures.push(present);
      free = false;
      epoch = answer.record.epoch;
    } else if (wasWritten(operation)) {
      const { ttlMs } = operation.request as { readonly ttlMs?: number };
      if (operation.site === 'store.release') {
        free = true;
        if (present !== undefined) present.untilOrder = applied.order;
        present = undefined;
      } else if (present !== undefined && ttlMs !== undefined) {
        present.lapsesAtMs = applied.atMs + ttlMs;
      }
    }
  }
  return tenures;
}

/** The tenure that held `order` and `atMs`, if any. */
export function tenureAt(tenures: readonly Tenure[], order: number, atMs: number): Tenure | undefined {
  return tenures.find(
    (tenure) => tenure.fromOrder < order && order < tenure.untilOrder && atMs < tenure.lapsesAtMs,
  );
}

/**
 * Whether `request` may rightly have been answered with a conflict: its answer says so, and another payload
 * of the same key owned the record, or may have owned it.
 */
export function mayConflict(history: History, intent: IntentView, request: Crossing): boolean {
  const told = toldBy(request);
  if (told?.kind !== 'rejected' || told.code !== 'idempotency_conflict') return false;
  if (!intent.severalPayloads) return false;
  const asked = request.request as ChargeIntent;
  let known = false;
  for (const slot of intent.slots) {
    const seen = slot.operations.findLast((operation) => operation.actor === request.actor);
    if (seen?.applied === undefined || recordAfter(seen) === undefined) continue;
    const { order, atMs } = seen.applied;
    const tenure = tenureAt(tenuresOf(history, slot), order, atMs);
    if (tenure === undefined) continue;
    known = true;
    if (!samePayload(tenure.owner, asked)) return true;
  }
  return !known;
}
