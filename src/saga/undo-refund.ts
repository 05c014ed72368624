// Giving captured money back, each refund under a key of its own that stays the same until that refund is known to
// have failed.

import { effectOf } from '../errors/join.ts';
import { GatewayRejectedError, PaymentError } from '../errors/payment-error.ts';
import type { ChargeResult, RefundResult } from '../gateway/port.ts';
import type { Undone } from './step.ts';
import { operationKey } from './step-key.ts';
import { fence, isRefused, pending, type RefundNote, Refused, type Undoing } from './undoing.ts';

/**
 * Refunds what was captured and not refunded yet by this compensation. A refund whose fate is not known counts as made
 * until the opposite is proven, so that no money is given back twice. One that has succeeded may yet come back, so it is
 * looked at for as long as anything of the charge is undone.
 */
export async function refundOwed(undoing: Undoing, charge: ChargeResult): Promise<Undone> {
  for (const [index, { state }] of undoing.note().refunds.entries()) {
    if (state === 'sent') await resolveSent(undoing, charge.id, index);
    else if (state !== 'failed') await record(undoing, index, await found(undoing, charge.id, index));
  }
  const verdict = standing(undoing, charge);
  if (verdict !== 'owed') return verdict;
  await begin(undoing, charge);
  const after = standing(undoing, charge);
  return after === 'owed' ? pending(true) : after;
}

function standing({ note }: Undoing, charge: ChargeResult): Undone | 'owed' {
  const { refunds } = note();
  if (refunds.some(({ state }) => state === 'sent')) return pending(false);
  if (owedMinor(refunds, charge) > 0) return 'owed';
  return refunds.some(({ state }) => state === 'pending') ? pending(true) : { kind: 'undone' };
}

function owedMinor(refunds: readonly RefundNote[], { capturedMinor }: ChargeResult): number {
  return refunds.reduce(
    (owed, { state, amountMinor }) => (state === 'failed' ? owed : owed - amountMinor),
    capturedMinor,
  );
}

async function begin(undoing: Undoing, charge: ChargeResult): Promise<void> {
  const { note, keep, call, merchantReference } = undoing;
  const { refunds } = note();
  if (await undoing.isContested(charge))
    throw new GatewayRejectedError(
      `the payer's bank has taken money of ${merchantReference} back; see what is left to refund`,
    );
  const amountMinor = owedMinor(refunds, charge);
  await keep({ ...note(), refunds: [...refunds, { amountMinor, state: 'sent', keyUsedFromMs: call.nowMs }] });
  try {
    await send(undoing, charge.id, refunds.length);
  } catch (error) {
    if (isRefused(error)) {
      await change(undoing, refunds.length, { state: 'failed' });
      throw new Refused(error);
    }
    // Nothing happened under this key, so it is free for the next attempt.
    if (effectOf(error) === 'none') await keep({ ...note(), refunds });
    throw error;
  }
  demandStanding(undoing, refunds.length);
}

/** A refund that fails as soon as it is made is a failed attempt; the next makes another, under a fresh key. */
function demandStanding({ note, merchantReference }: Undoing, index: number): void {
  if (note().refunds[index]?.state !== 'failed') return;
  throw new GatewayRejectedError(`the gateway took a refund of ${merchantReference}, and the refund failed`);
}

/** A refund that was begun, by an attempt that did not learn how it ended. */
async function resolveSent(undoing: Undoing, chargeId: string, index: number): Promise<void> {
  const { gateway, call, note } = undoing;
  const { dedup, keyRetentionMs, maxEffectDelayMs, lookup } = gateway.capabilities;
  const refund = note().refunds[index];
  if (refund === undefined) return;
  const known = await found(undoing, chargeId, index);
  if (known !== undefined) return record(undoing, index, known);
  const sentUntilMs = refund.sentUntilMs ?? call.nowMs;
  // A send may arrive late, and must not arrive when its key is forgotten; half is left for clocks that differ.
  const heldBackMs = Number.isFinite(maxEffectDelayMs) ? maxEffectDelayMs : 0;
  const isKeyFresh =
    call.nowMs - refund.keyUsedFromMs + Math.max(heldBackMs, keyRetentionMs / 2) < keyRetentionMs;
  if (dedup === 'every-answer' && isKeyFresh && !refund.sealed) {
    const { sentUntilMs: _, ...again } = refund;
    if (refund.sentUntilMs !== undefined) await replace(undoing, index, again);
    await send(undoing, chargeId, index);
    return demandStanding(undoing, index);
  }
  const lateMs = refund.sealed ? 0 : maxEffectDelayMs;
  const isOver = call.nowMs >= sentUntilMs + lateMs + lookup.consistentAfterMs;
  if (isOver) await change(undoing, index, { state: 'failed' });
  else if (refund.sentUntilMs === undefined) await change(undoing, index, { sentUntilMs });
}

async function send(undoing: Undoing, chargeId: string, index: number): Promise<void> {
  const { gateway, call, note } = undoing;
  const key = keyOf(undoing, index);
  const amountMinor = note().refunds[index]?.amountMinor ?? 0;
  fence(undoing, { operation: 'refund', idempotencyKey: key });
  let refund: RefundResult;
  try {
    refund = await gateway.refund(
      { chargeId, amountMinor, idempotencyKey: key, merchantReference: key },
      { signal: call.signal },
    );
  } catch (error) {
    if (error instanceof PaymentError && error.sealed && error.effect === 'unknown')
      await change(undoing, index, { sealed: true });
    throw error;
  }
  await record(undoing, index, refund);
}

async function found(
  { gateway, call, ...undoing }: Undoing,
  chargeId: string,
  index: number,
): Promise<RefundResult | undefined> {
  const merchantReference = keyOf(undoing, index);
  const answer = await gateway.lookupRefund({ chargeId, merchantReference }, { signal: call.signal });
  return answer.kind === 'found' ? answer.refund : undefined;
}

/**
 * Takes in what the gateway says of a refund. What it acknowledged and does not show is under way, and what it shows under
 * way after it has succeeded is old.
 */
async function record(undoing: Undoing, index: number, refund: RefundResult | undefined): Promise<void> {
  if (refund === undefined) return;
  const { status, amountMinor } = refund;
  const known = undoing.note().refunds[index]?.state;
  if (known === status || (known === 'succeeded' && status === 'pending')) return;
  await change(undoing, index, { state: status, amountMinor });
}

async function change(undoing: Undoing, index: number, what: Partial<RefundNote>): Promise<void> {
  const refund = undoing.note().refunds[index];
  if (refund !== undefined) await replace(undoing, index, { ...refund, ...what });
}

async function replace({ note, keep }: Undoing, index: number, refund: RefundNote): Promise<void> {
  await keep({ ...note(), refunds: note().refunds.with(index, refund) });
}

function keyOf({ merchantReference }: Pick<Undoing, 'merchantReference'>, index: number): string {
  return operationKey('undo', merchantReference, 'refund', String(index));
}
