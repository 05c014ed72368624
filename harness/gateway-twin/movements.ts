// What can be done to a payment that exists. The state machine is strict, because a forgiving one hides bugs: void
// only what is open, refund only what was captured, never more than was authorised or captured.

import type {
  CaptureRequest,
  GatewayCapabilities,
  RefundRequest,
  VoidRequest,
} from '../../src/gateway/port.ts';
import type { Injection } from '../faults/decide.ts';
import type { FarSide } from '../world/boundary.ts';
import { refusal, type WireAnswer } from './answer.ts';
import type { Ledger } from './books.ts';
import { booked, isAmount } from './charging.ts';
import { disputedMinor, type Payment, refundOf, type Version } from './payment.ts';

/** A capture as a provider takes it. */
export interface TwinCapture extends CaptureRequest {
  /**
   * Whether what it does not take is let go. By default it is where the gateway knows single captures only, and may be
   * captured later elsewhere.
   */
  readonly releaseRest?: boolean;
}

/** Captures, voids and refunds. Each answers at once. */
export interface Movements {
  /** Refuses to leave something open where the gateway knows single captures only. */
  capture(request: TwinCapture): WireAnswer;
  /** Releases an authorisation, or what captures have left open of one. */
  void(request: VoidRequest): WireAnswer;
  /**
   * Under `pending` the money is back only later. Under `refund-fails-later` it never comes back, and neither does it
   * under `refund-bounces`, where the gateway had said at first that it had.
   */
  refund(request: RefundRequest, inject: Injection | undefined): WireAnswer;
}

/** What {@link movements} work on. */
export interface MovementParts {
  readonly books: Ledger;
  readonly far: FarSide;
  readonly capabilities: GatewayCapabilities;
  /** Whether the gateway itself refuses to capture or refund more than there is. */
  readonly enforceLimits: boolean;
}

/** The movements over one book. */
export function movements({ books, far, capabilities, enforceLimits }: MovementParts): Movements {
  const severalCaptures = capabilities.captureModes.includes('multiple');

  function on(id: string, act: (payment: Payment, version: Version) => WireAnswer): WireAnswer {
    const payment = books.byId(id);
    const version = payment && books.versionAt(payment, far.nowMs());
    return payment && version ? act(payment, version) : refusal(404, 'resource_missing');
  }

  function mayCapture({ status, openMinor }: Version): boolean {
    if (status === 'authorized') return true;
    return severalCaptures && status === 'captured' && (openMinor > 0 || !enforceLimits);
  }

  return {
    capture: (request) =>
      on(request.chargeId, (payment, version) => {
        const { amountMinor, releaseRest = !severalCaptures } = request;
        if (!mayCapture(version)) return refusal(400, 'unexpected_state');
        if (!isAmount(amountMinor) || !(releaseRest || severalCaptures))
          return refusal(400, 'parameter_invalid');
        if (enforceLimits && amountMinor > version.openMinor) return refusal(400, 'amount_too_large');
        const restMinor = releaseRest ? 0 : Math.max(version.openMinor - amountMinor, 0);
        books.capture(payment, request, restMinor);
        return booked(payment);
      }),
    void: ({ chargeId }) =>
      on(chargeId, (payment, { openMinor }) => {
        if (openMinor === 0) return refusal(400, 'unexpected_state');
        books.release(payment);
        return booked(payment);
      }),
    refund: (request, inject) =>
      on(request.chargeId, (payment, { status, capturedMinor }) => {
        const { amountMinor } = request;
        if (status !== 'captured') return refusal(400, 'unexpected_state');
        if (!isAmount(amountMinor)) return refusal(400, 'parameter_invalid');
        const leftMinor = capturedMinor - payment.reservedMinor - disputedMinor(payment);
        if (enforceLimits && amountMinor > leftMinor) return refusal(400, 'amount_too_large');
        const { acknowledged, end } = courseOf(inject);
        const refund = books.refund(payment, request, acknowledged);
        const answer: WireAnswer = {
          status: 200,
          refund: refundOf(refund, { status: acknowledged }),
          replayed: false,
        };
        if (inject !== undefined && end !== undefined)
          far.after(inject.ms, () => books.settleRefund(refund, end));
        return answer;
      }),
  };
}

interface Course {
  readonly acknowledged: 'pending' | 'succeeded';
  /** How it comes out later, where that is another thing. */
  readonly end?: 'succeeded' | 'failed';
}

function courseOf(inject: Injection | undefined): Course {
  switch (inject?.kind) {
    case 'pending':
      return { acknowledged: 'pending', end: 'succeeded' };
    case 'refund-fails-later':
      return { acknowledged: 'pending', end: 'failed' };
    case 'refund-bounces':
      return { acknowledged: 'succeeded', end: 'failed' };
    default:
      return { acknowledged: 'succeeded' };
  }
}
