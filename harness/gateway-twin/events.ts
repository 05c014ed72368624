// What a provider announces: one event for every change of one of its objects, with the object as it then stood.

import type { RefundResult } from '../../src/gateway/port.ts';
import type { BookedDispute } from '../history/history.ts';
import type { FarSide } from '../world/boundary.ts';
import type { Change, Ledger } from './books.ts';
import type { Payment, PaymentStatus } from './payment.ts';

/** A payment as an event shows it. Amounts are minor units. */
export interface PaymentSnapshot {
  readonly object: 'payment';
  readonly id: string;
  readonly status: PaymentStatus;
  readonly amountMinor: number;
  readonly capturedMinor: number;
  /** Authorised, and neither captured nor released. */
  readonly openMinor: number;
  readonly currency: string;
  readonly merchantReference: string;
  /** Counts the changes of this object, from 1. */
  readonly version: number;
}

/** A refund as an event shows it. */
export interface RefundSnapshot {
  readonly object: 'refund';
  readonly id: string;
  readonly chargeId: string;
  readonly status: RefundResult['status'];
  readonly amountMinor: number;
  readonly currency: string;
  readonly merchantReference: string;
  readonly version: number;
}

/** A dispute as an event shows it; the merchant has given it no reference. */
export interface DisputeSnapshot {
  readonly object: 'dispute';
  readonly id: string;
  readonly chargeId: string;
  readonly status: BookedDispute['status'];
  readonly amountMinor: number;
  readonly currency: string;
  readonly version: number;
}

/** One announcement. */
export interface ProviderEvent {
  /** Unique: `evt_1`, `evt_2`, … in the order of the changes. */
  readonly id: string;
  /** The object and what became of it: `payment.captured`, `refund.failed`, `dispute.open`. */
  readonly type: string;
  /** When it happened, virtual milliseconds. */
  readonly createdMs: number;
  readonly object: PaymentSnapshot | RefundSnapshot | DisputeSnapshot;
}

/** The announcements of one provider. */
export interface ProviderEvents {
  /**
   * From now on `listener` is told of every change, at the instant at which it happens and before the request that
   * made it is answered. That an authorisation has reached the end of its lifetime is seen when it is next asked for,
   * and not announced: a timer for it would make every simulated run seven days long.
   */
  listen(listener: (event: ProviderEvent) => void): void;
}

/** The announcements of what is booked. */
export function providerEvents({
  books,
  far,
}: {
  readonly books: Ledger;
  readonly far: FarSide;
}): ProviderEvents {
  const listeners: ((event: ProviderEvent) => void)[] = [];
  let events = 0;

  function announce(change: Change): void {
    events += 1;
    const object = snapshotOf(change);
    const became = change.object === 'payment' && change.released ? 'released' : object.status;
    const event = {
      id: `evt_${events}`,
      type: `${object.object}.${became}`,
      createdMs: far.nowMs(),
      object,
    };
    for (const listener of listeners) listener(event);
  }

  return {
    listen(listener) {
      if (listeners.length === 0) books.observe(announce);
      listeners.push(listener);
    },
  };
}

function snapshotOf(change: Change): ProviderEvent['object'] {
  if (change.object === 'payment') return paymentSnapshot(change.payment);
  if (change.object === 'refund') {
    const { id, payment, request, stages } = change.refund;
    const { amountMinor, merchantReference } = request;
    const { currency } = payment.request;
    const { status, version } = latest(stages);
    return {
      object: 'refund',
      id,
      chargeId: payment.id,
      status,
      amountMinor,
      currency,
      merchantReference,
      version,
    };
  }
  const { id, payment, amountMinor, stages } = change.dispute;
  const { currency } = payment.request;
  const { status, version } = latest(stages);
  return { object: 'dispute', id, chargeId: payment.id, status, amountMinor, currency, version };
}

function paymentSnapshot({ id, request, versions }: Payment): PaymentSnapshot {
  const { amountMinor, currency, merchantReference } = request;
  const { status, capturedMinor, openMinor, version } = latest(versions);
  return {
    object: 'payment',
    id,
    status,
    amountMinor,
    capturedMinor,
    openMinor,
    currency,
    merchantReference,
    version,
  };
}

function latest<State>(states: readonly State[]): State & { readonly version: number } {
  const state = states.at(-1);
  if (state === undefined) throw new Error('an object without a state cannot be announced');
  return { ...state, version: states.length };
}
