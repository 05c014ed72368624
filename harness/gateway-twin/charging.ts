// Taking a payment: what the twin books for an authorisation, and how the payments that are not decided at once
// come to an end.

import type { ChargeRequest, GatewayCapabilities } from '../../src/gateway/port.ts';
import { currencyExponents } from '../../src/kernel/currencies.ts';
import type { Injection } from '../faults/decide.ts';
import type { FarSide } from '../world/boundary.ts';
import { decline, refusal, type WaitsFor, type WireAnswer } from './answer.ts';
import type { Ledger } from './books.ts';
import type { ChallengeDesk } from './challenges.ts';
import { chargeOf, type Payment } from './payment.ts';

/** What is wrong with the request, or undefined: it is refused before anything is executed. */
export function refuseCharge(request: ChargeRequest, rules: GatewayCapabilities): WireAnswer | undefined {
  const sound =
    isAmount(request.amountMinor) &&
    currencyExponents.has(request.currency) &&
    request.paymentToken !== '' &&
    rules.captureModes.includes(request.capture);
  return sound ? undefined : refusal(400, 'parameter_invalid');
}

/** Whether an amount can be moved: a positive safe integer of minor units. */
export function isAmount(amountMinor: number): boolean {
  return Number.isSafeInteger(amountMinor) && amountMinor > 0;
}

/** What charges work on. */
export interface ChargingParts {
  readonly books: Ledger;
  readonly far: FarSide;
  readonly challenges: ChallengeDesk;
}

/** Books the payment and answers; `inject` decides only how much is approved and when. */
export function charge(
  request: ChargeRequest,
  inject: Injection | undefined,
  { books, far, challenges }: ChargingParts,
): WireAnswer {
  const approved = request.capture === 'automatic' ? 'captured' : 'authorized';
  const asked = request.amountMinor;

  function waiting(waitsFor: WaitsFor, decide: (payment: Payment) => void): WireAnswer {
    const payment = books.open({ request, status: 'pending', authorizedMinor: asked, waitsFor });
    decide(payment);
    const code = waitsFor === 'payer' ? 'authentication_required' : 'processing';
    return { status: 202, code, paymentId: payment.id, replayed: false };
  }

  function decidedAfter(ms: number, status: 'captured' | 'authorized' | 'failed') {
    return (payment: Payment): void =>
      far.after(ms, () => books.move(payment, status, status === 'captured' ? asked : 0));
  }

  switch (inject?.kind) {
    case '3ds-required':
      return waiting('payer', decidedAfter(inject.ms, approved));
    case '3ds-abandoned':
      return waiting('payer', decidedAfter(inject.ms, 'failed'));
    case '3ds-challenge':
      return waiting('payer', (payment) => challenges.open(payment, approved));
    case 'pending':
      return waiting('gateway', decidedAfter(inject.ms, approved));
    case 'late-authorization': {
      // The issuer could not be reached, and approves when it can be: a hold that nobody counts on any more. It is never
      // captured by itself.
      const declineCode = 'issuer_not_available';
      const payment = books.open({ request, status: 'failed', authorizedMinor: asked, declineCode });
      far.after(inject.ms, () => books.move(payment, 'authorized', 0));
      return decline(declineCode);
    }
    default: {
      if (request.challenge === true)
        return waiting('payer', (payment) => challenges.open(payment, approved));
      const authorizedMinor = inject?.kind === 'partial-approval' ? Math.ceil(asked / 2) : asked;
      const payment = books.open({ request, status: approved, authorizedMinor });
      if (inject?.kind === 'authorization-expires') books.expire(payment, inject.ms);
      return booked(payment);
    }
  }
}

/** The answer that shows a payment as it now stands. */
export function booked(payment: Payment): WireAnswer {
  const version = payment.versions.at(-1);
  const shown = version === undefined ? undefined : chargeOf(payment, version);
  return { status: 200, ...(shown === undefined ? {} : { charge: shown }), replayed: false };
}
