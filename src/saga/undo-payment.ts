// Undoing a payment by what is true at the gateway: void what is authorised, refund what was captured, release what
// is left, and look again where the gateway says that the state was another.

import { PaymentError, ValidationError } from '../errors/payment-error.ts';
import type { ChargeResult, GatewayCallOptions, LookupRequest, PaymentGateway } from '../gateway/port.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { Compensation, UndoCall, Undone } from './step.ts';
import { operationKey } from './step-key.ts';
import { refundOwed } from './undo-refund.ts';
import {
  type FencedSend,
  fence,
  isRefused,
  pending,
  Refused,
  type Undoing,
  type UndoNote,
} from './undoing.ts';

/** How a charge can be found. */
export interface ChargeName {
  /** The merchant reference that it was authorised under. */
  readonly merchantReference: string;
  /** The idempotency key that it was sent under; needed to look up by key and to cancel by key. */
  readonly idempotencyKey?: string;
}

/** Options of {@link undoPayment}. */
export interface UndoPaymentOptions<Context> {
  readonly gateway: PaymentGateway;
  /** Names the charge. Default: it was sent under the step's own key and reference. */
  readonly charge?: (context: Context, call: UndoCall) => ChargeName;
  /**
   * Cancels whatever was or will be sent under a key, where the gateway can (`capabilities.cancelByKey`). Resolves
   * when the gateway has acknowledged it; from then on nothing can take effect under that key.
   */
  readonly cancelByKey?: (
    request: { readonly idempotencyKey: string },
    options: GatewayCallOptions,
  ) => Promise<unknown>;
  /**
   * Whether the payer's bank is known to hold money of the charge (a dispute that was not won). Nothing is refunded then,
   * for the payer would have it twice where the gateway does not see to it: the step is stuck, and people decide. Default:
   * nothing is known.
   */
  readonly isContested?: (charge: ChargeResult) => Promise<boolean>;
  /** Told of each send that the saga's fence stopped, for the audit log: nothing below hears of it. Default: nobody is. */
  readonly onFenced?: (stopped: FencedSend) => unknown;
}

const check = optionCheck('undoPayment');

/**
 * A compensation that undoes a payment. It has succeeded when the gateway says so: nothing is authorised any more and
 * every refund has succeeded, or the charge is proven never to have happened. It is pending while a refund is, and
 * while an absent charge may still appear.
 *
 * Keys and references follow from the charge's reference and stay the same in every attempt; only what is known to have failed
 * for good is tried under a fresh one. Give the money of one charge back by this compensation alone: refunds made
 * elsewhere are not seen, and the gateway's refusal of what exceeds the captured amount leaves the step stuck.
 *
 * @throws ValidationError when an option is missing, or when the gateway cannot cancel by key.
 */
export function undoPayment<Context>(options: UndoPaymentOptions<Context>): Compensation<Context> {
  const { gateway, charge = ofStep, cancelByKey, isContested = never, onFenced = () => {} } = options;
  check.callback('charge', charge);
  check.callback('isContested', isContested);
  check.callback('onFenced', onFenced);
  for (const name of ['void', 'refund', 'lookup', 'lookupRefund'] as const)
    check.callback(`gateway.${name}`, gateway?.[name]);
  if (cancelByKey !== undefined) {
    check.callback('cancelByKey', cancelByKey);
    if (!gateway.capabilities.cancelByKey)
      throw new ValidationError(
        'undoPayment: the gateway does not declare cancelByKey, so a cancellation would prove nothing; leave the option out',
      );
  }
  return async (context, call) => {
    const name = charge(context, call);
    const { merchantReference } = name;
    if (typeof merchantReference !== 'string' || merchantReference === '')
      throw new ValidationError(
        'undoPayment: charge names no merchant reference; it is how the charge is found',
      );
    const subject = `undo ${merchantReference}`;
    const known = call.recall(subject) as UndoNote | undefined;
    let note: UndoNote = known ?? { sinceMs: call.nowMs, voids: 0, refunds: [] };
    const undoing: Undoing = {
      gateway,
      call,
      merchantReference,
      isContested,
      onFenced,
      note: () => note,
      keep: async (next) => {
        note = next;
        await call.keep(subject, next);
      },
    };
    // When the charge was last touched must not move with each attempt, or a horizon would never pass.
    if (known === undefined) await undoing.keep(note);
    return undo(undoing, name, cancelByKey);
  };
}

async function never(): Promise<boolean> {
  return false;
}

function ofStep(_: unknown, { stepKey }: UndoCall): ChargeName {
  return { merchantReference: stepKey, idempotencyKey: stepKey };
}

async function undo(
  undoing: Undoing,
  name: ChargeName,
  cancelByKey: UndoPaymentOptions<never>['cancelByKey'],
): Promise<Undone> {
  const { gateway, call } = undoing;
  const request = lookupOf(undoing, name);
  for (let refusals = 0; ; refusals += 1) {
    const found = await gateway.lookup(request, { signal: call.signal });
    try {
      if (found.kind === 'found') return await settle(undoing, found.charge);
      if (found.kind === 'pending') return await stop(undoing, found.gatewayId);
      return await provenAbsent(undoing, name, cancelByKey);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (refusals === 0) continue;
      // What the look-up showed may be as old as the gateway says, so the refusal proves no fault yet.
      if (isConsistent(undoing)) throw error.cause;
      return pending(false);
    }
  }
}

function lookupOf({ gateway }: Undoing, { merchantReference, idempotencyKey }: ChargeName): LookupRequest {
  if (gateway.capabilities.lookup.by.includes('reference')) return { by: 'reference', merchantReference };
  if (idempotencyKey !== undefined) return { by: 'key', idempotencyKey };
  throw new ValidationError(
    'undoPayment: the gateway looks up by key alone; let charge name the idempotency key',
  );
}

/** Undoes a charge that exists. */
async function settle(undoing: Undoing, seen: ChargeResult): Promise<Undone> {
  const { captureModes } = undoing.gateway.capabilities;
  const isOpen = seen.status === 'authorized' || (seen.openMinor ?? 0) > 0;
  const charge = isOpen ? await release(undoing, seen.id) : seen;
  const undone = await refundOwed(undoing, charge);
  if (undone.kind === 'pending') return undone;
  // Another capture may have been made that an older state does not show.
  if (captureModes.includes('multiple') && charge.status === 'captured' && !isConsistent(undoing))
    return pending(true);
  return undone;
}

/** Stops a payment that waits for the payer or the gateway, where the gateway allows that. */
async function stop(undoing: Undoing, gatewayId: string): Promise<Undone> {
  try {
    return await settle(undoing, await release(undoing, gatewayId));
  } catch (error) {
    if (error instanceof Refused) return pending(false);
    throw error;
  }
}

async function release(undoing: Undoing, chargeId: string): Promise<ChargeResult> {
  const { gateway, call, merchantReference, note, keep } = undoing;
  const key = operationKey('undo', merchantReference, 'void', String(note().voids));
  fence(undoing, { operation: 'void', idempotencyKey: key });
  try {
    return await gateway.void(
      { chargeId, idempotencyKey: key, merchantReference: key },
      { signal: call.signal },
    );
  } catch (error) {
    const refused = isRefused(error);
    // A spent key would only be answered again; to void twice does no harm.
    if (refused || (error instanceof PaymentError && error.sealed))
      await keep({ ...note(), voids: note().voids + 1 });
    throw refused ? new Refused(error) : error;
  }
}

/** The charge is not to be seen: it never happened, once nothing that was sent for it can still take effect. */
async function provenAbsent(
  undoing: Undoing,
  { idempotencyKey }: ChargeName,
  cancelByKey: UndoPaymentOptions<never>['cancelByKey'],
): Promise<Undone> {
  const { gateway, call, note, keep } = undoing;
  const { maxEffectDelayMs, lookup } = gateway.capabilities;
  const { sinceMs, cancelled } = note();
  if (call.nowMs >= sinceMs + maxEffectDelayMs + lookup.consistentAfterMs) return { kind: 'undone' };
  if (cancelled !== undefined) {
    const untilMs = cancelled.untilMs ?? call.nowMs;
    if (call.nowMs >= untilMs + lookup.consistentAfterMs) return { kind: 'undone' };
    if (cancelled.untilMs === undefined) await keep({ ...note(), cancelled: { untilMs } });
    return pending(false);
  }
  if (cancelByKey === undefined || idempotencyKey === undefined) return pending(false);
  fence(undoing, { operation: 'cancel', idempotencyKey });
  await cancelByKey({ idempotencyKey }, { signal: call.signal });
  await keep({ ...note(), cancelled: {} });
  return pending(false);
}

/** Whether a look-up of this attempt shows everything that the steps have done. */
function isConsistent({ gateway, call, note }: Undoing): boolean {
  return call.nowMs >= note().sinceMs + gateway.capabilities.lookup.consistentAfterMs;
}
