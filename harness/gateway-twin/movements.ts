// What can be done to a payment that exists. The state machine is strict, because a forgiving one hides bugs:
// void only before capture, refund only after it, never more than was authorised or captured.

import type {
  CaptureRequest,
  GatewayCapabilities,
  RefundRequest,
  RefundResult,
  VoidRequest,
} from '../../src/gateway/port.ts';
import type { Injection } from '../faults/decide.ts';
import type { FarSide } from '../world/boundary.ts';
import { refusal, type WireAnswer } from './answer.ts';
import type { Ledger, Payment, Version } from './books.ts';
import { booked, isAmount } from './charging.ts';

/** Captures, voids and refunds. Each answers at once. */
export interface Movements {
  capture(request: CaptureRequest): WireAnswer;
  void(request: VoidRequest): WireAnswer;
  /** Under `pending` the money is back only later. */
  refund(request: RefundRequest, inject: Injection | undefined): WireAnswer;
}

/** What {@link movements} work on. */
export interface MovementParts {
  readonly books: Ledger;
  readonly far: FarSide;
  readonly capabilities: GatewayCapabilities;
}

/** The movements over one book. */
export function movements({ books, far, capabilities }: MovementParts): Movements {
  const severalCaptures = capabilities.captureModes.includes('multiple');
  let refunds = 0;

  function on(id: string, act: (payment: Payment, version: Version) => WireAnswer): WireAnswer {
    const payment = books.byId(id);
    const version = payment && books.versionAt(payment, far.nowMs());
    return payment && version ? act(payment, version) : refusal(404, 'resource_missing');
  }

  return {
    capture: ({ chargeId, amountMinor }) =>
      on(chargeId, (payment, { status, capturedMinor }) => {
        if (status !== 'authorized' && !(severalCaptures && status === 'captured'))
          return refusal(400, 'unexpected_state');
        if (!isAmount(amountMinor)) return refusal(400, 'parameter_invalid');
        if (amountMinor > payment.authorizedMinor - capturedMinor) return refusal(400, 'amount_too_large');
        books.move(payment, 'captured', capturedMinor + amountMinor);
        return booked(payment);
      }),
    void: ({ chargeId }) =>
      on(chargeId, (payment, { status }) => {
        if (status !== 'authorized') return refusal(400, 'unexpected_state');
        books.move(payment, 'voided', 0);
        return booked(payment);
      }),
    refund: ({ chargeId, amountMinor }, inject) =>
      on(chargeId, (payment, { status, capturedMinor }) => {
        if (status !== 'captured') return refusal(400, 'unexpected_state');
        if (!isAmount(amountMinor)) return refusal(400, 'parameter_invalid');
        if (amountMinor > capturedMinor - payment.reservedMinor) return refusal(400, 'amount_too_large');
        payment.reservedMinor += amountMinor;
        refunds += 1;
        const settle = () => {
          payment.refundedMinor += amountMinor;
        };
        const later = inject?.kind === 'pending';
        if (later) far.after(inject.ms, settle);
        else settle();
        const refund: RefundResult = {
          id: `re_${refunds}`,
          chargeId,
          amountMinor,
          status: later ? 'pending' : 'succeeded',
        };
        return { status: 200, refund, replayed: false };
      }),
  };
}
