// A Stripe PaymentIntent as the gateway port sees it. One reading for first answers, replays and look-ups, so
// that a charge is equal however it was learned.

import type Stripe from 'stripe';
import {
  AuthenticationRequiredError,
  NotChargedError,
  type PaymentError,
  PaymentPendingError,
} from '../errors/payment-error.ts';
import type { ChargeResult, LookupResult } from './port.ts';
import { declineOf } from './stripe-error.ts';

/** The metadata member that holds the merchant reference of the operation that created the object. */
export const referenceMember = 'merchant_reference';

const statuses: Readonly<Record<string, ChargeResult['status']>> = {
  succeeded: 'captured',
  requires_capture: 'authorized',
  canceled: 'voided',
};

/** The charge, or undefined while the payment is undecided or has failed. */
export function chargeOf(intent: Stripe.PaymentIntent): ChargeResult | undefined {
  // Between captures a payment still requires one, and cancelling what is open of it leaves it cancelled (API
  // reference, "Cancel a PaymentIntent"); what was received is captured all the same.
  const known = statuses[intent.status];
  const status = known !== undefined && intent.amount_received > 0 ? 'captured' : known;
  if (status === undefined) return undefined;
  const held = intent.status === 'requires_capture' ? intent.amount_capturable : 0;
  // An issuer may approve less than was asked for (documentation of partial authorization), and no more can be captured.
  const openMinor = status === 'captured' || held < intent.amount ? held : 0;
  return {
    id: intent.id,
    status,
    amountMinor: intent.amount,
    capturedMinor: intent.amount_received,
    currency: intent.currency.toUpperCase(),
    merchantReference: intent.metadata[referenceMember] ?? '',
    ...(openMinor > 0 ? { openMinor } : {}),
  };
}

/**
 * Reads the answer to an authorisation.
 *
 * @throws AuthenticationRequiredError, PaymentPendingError, or the decline, where there is no charge (yet);
 * NotChargedError for a payment that was cancelled meanwhile.
 */
export function authorised(intent: Stripe.PaymentIntent): ChargeResult {
  const charge = chargeOf(intent);
  if (charge === undefined) throw undecided(intent);
  if (charge.status !== 'voided') return charge;
  throw new NotChargedError(`Stripe shows ${intent.id} as cancelled: it took no money.`, {
    gatewayId: intent.id,
  });
}

function undecided(intent: Stripe.PaymentIntent): PaymentError {
  const gatewayId = intent.id;
  if (intent.status === 'requires_action') {
    return new AuthenticationRequiredError(
      'The payer has to authenticate (3-D Secure). Send the payer there, then look the payment up.',
      { gatewayId },
    );
  }
  if (hasFailed(intent)) return declineOf(intent.last_payment_error, { gatewayId });
  return new PaymentPendingError(
    'Stripe accepted the payment and decides later. Look it up, or wait for its webhook.',
    { gatewayId },
  );
}

/** What a look-up says of one payment. */
function lookedUp(intent: Stripe.PaymentIntent): LookupResult {
  const charge = chargeOf(intent);
  if (charge !== undefined) return { kind: 'found', charge };
  if (!hasFailed(intent)) return { kind: 'pending', gatewayId: intent.id };
  return { kind: 'answered', error: declineOf(intent.last_payment_error, { sealed: true }) };
}

/**
 * What the payments of one merchant reference say together. Several share a reference when an operation was
 * charged twice, or was sent again after it failed: the one that stands speaks for them, the earliest if there
 * are more.
 */
export function strongest(intents: readonly Stripe.PaymentIntent[]): LookupResult {
  const earliestFirst = intents.toSorted((a, b) => a.created - b.created);
  let best: LookupResult = { kind: 'absent' };
  for (const intent of earliestFirst) {
    const seen = lookedUp(intent);
    if (weight(seen) > weight(best)) best = seen;
  }
  return best;
}

function weight(seen: LookupResult): number {
  if (seen.kind === 'found') return seen.charge.status === 'voided' ? 2 : 4;
  if (seen.kind === 'pending') return 3;
  return seen.kind === 'answered' ? 1 : 0;
}

type Failed = Stripe.PaymentIntent & { readonly last_payment_error: Stripe.PaymentIntent.LastPaymentError };

/** Without an error it was never confirmed, which is no failure yet. */
function hasFailed(intent: Stripe.PaymentIntent): intent is Failed {
  return intent.status === 'requires_payment_method' && intent.last_payment_error !== null;
}
