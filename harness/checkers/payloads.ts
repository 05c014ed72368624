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
 * The tenures of a record, in order. One ends with a release, or with a new epoch that comes no sooner than the
 * declared time to live. A stretch whose owner can't be told (claimed by a background actor when it was free) is
 * left out.
 */
export function tenuresOf(history: History, slot: SlotView): readonly Tenure[] {
  const { ttlMs } = history.terms;
  const tenures: Tenure[] = [];
  const owners = ownersIn(history);
  let present: Tenure | undefined;
  let holder: { readonly epoch: number; lapsesAtMs: number } | undefined;
  for (const operation of slot.operations) {
    const record = recordAfter(operation);
    const { applied } = operation;
    if (record === undefined || applied === undefined) continue;
    if (operation.site === 'store.claim') {
      if (!wasGranted(operation)) continue;
      const owner = owners(operation, record.fingerprint);
      if (holder !== undefined && (record.epoch === holder.epoch || applied.atMs < holder.lapsesAtMs))
        continue;
      if (present !== undefined) present.untilOrder = applied.order;
      holder = { epoch: record.epoch, lapsesAtMs: Number.POSITIVE_INFINITY };
      present = owner && begun(owner, operation, applied.order);
      if (present !== undefined) tenures.push(present);
    } else if (wasWritten(operation)) {
      if (operation.site === 'store.release') {
        if (present !== undefined) present.untilOrder = applied.order;
        present = undefined;
        holder = undefined;
      } else if (operation.site === 'store.complete' || operation.site === 'store.fail') {
        const lapsesAtMs = applied.atMs + ttlMs;
        if (holder !== undefined) holder.lapsesAtMs = lapsesAtMs;
        if (present !== undefined) present.lapsesAtMs = lapsesAtMs;
      }
    }
  }
  return tenures;
}

function begun(owner: ChargeIntent, claim: Crossing, fromOrder: number): Tenure {
  const never = Number.POSITIVE_INFINITY;
  return { owner, claim, fromOrder, untilOrder: never, lapsesAtMs: never };
}

function wasGranted(claim: Crossing): boolean {
  return claim.effect?.ok === true && (claim.effect.value as ClaimAnswer).owned;
}

/** Tells whose payload a granted claim was made with: the client's own, or the one whose fingerprint it bears. */
function ownersIn(history: History): (claim: Crossing, fingerprint: string) => ChargeIntent | undefined {
  const { actors } = viewOf(history);
  const payloads = new Map<string, ChargeIntent>();
  return (claim, fingerprint) => {
    const asked = actors.get(claim.actor)?.intent?.requests;
    const own = asked?.find((request) => request.actor === claim.actor)?.request as ChargeIntent | undefined;
    if (own !== undefined && !payloads.has(fingerprint)) payloads.set(fingerprint, own);
    return own ?? payloads.get(fingerprint);
  };
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
