// The gateway port over the real `stripe` SDK: PaymentIntents that are created and confirmed in one request, and
// found again by the merchant reference in their metadata.

import type Stripe from 'stripe';
import { OutcomeUnknownError, ValidationError } from '../errors/payment-error.ts';
import type {
  ChargeRequest,
  ChargeResult,
  GatewayCapabilities,
  LookupRequest,
  LookupResult,
  Mutation,
  PaymentGateway,
} from './port.ts';
import { boundedCalls, type Sending } from './stripe-call.ts';
import { stripeCurrency } from './stripe-currency.ts';
import { authorised, chargeOf, referenceMember, strongest } from './stripe-payment.ts';
import { findRefund, refunded } from './stripe-refund.ts';

/**
 * What Stripe promises, on the careful side.
 *
 * - Keys are kept for at least 24 hours, and the first answer is replayed, 500s included (API reference, "Idempotent
 *   requests").
 * - Search shows a payment "in under 1 minute" in normal operation and later during an outage (documentation of
 *   search, "Data freshness"); an hour is assumed. Merchants in India have no search and need other capabilities.
 * - Nothing is said of how late a request may take effect. Linux gives an unanswered connection up after about a
 *   quarter of an hour (tcp_retries2); twice that is assumed.
 */
export const stripeCapabilities: GatewayCapabilities = {
  dedup: 'every-answer',
  lookup: { by: ['reference'], consistentAfterMs: 3_600_000 },
  keyRetentionMs: 86_400_000,
  maxEffectDelayMs: 1_800_000,
  cancelByKey: false,
  captureModes: ['automatic', 'manual'],
};

/** What a {@link stripeGateway} is made of. */
export interface StripeGatewayOptions {
  /** Build it with `stripeClient`; with any other, an abort ends the call but leaves the request to the SDK. */
  readonly stripe: Stripe;
  /** Default {@link stripeCapabilities}. */
  readonly capabilities?: GatewayCapabilities;
}

/**
 * The gateway port over Stripe.
 *
 * Every method rejects with a `PaymentError` and nothing else: `ValidationError` before anything is sent for what
 * Stripe cannot hold, otherwise what the SDK's error proves (see `stripeErrorOf`). The reference of a capture is
 * kept in the payment's metadata as `capture_reference`; a cancellation cannot carry one.
 *
 * Where the capabilities name the capture mode `multiple`, captures leave the rest of the authorisation open, which
 * Stripe allows for some accounts and cards only (documentation of multicapture, "Availability") and otherwise refuses
 * with a 400. Elsewhere a capture releases what it does not take.
 */
export function stripeGateway({
  stripe,
  capabilities = stripeCapabilities,
}: StripeGatewayOptions): PaymentGateway {
  const { paymentIntents, refunds } = stripe;
  const bounded = boundedCalls(stripe);
  const severalCaptures = capabilities.captureModes.includes('multiple');

  return {
    capabilities,
    async authorize(request, options) {
      insist(request);
      const params = creation(request, severalCaptures);
      return bounded(options, async (send) =>
        authorised(await paymentIntents.create(params, { ...send, idempotencyKey: request.idempotencyKey })),
      );
    },
    async capture(request, options) {
      insist(request);
      const { chargeId, idempotencyKey } = request;
      const params = {
        amount_to_capture: wholeAmount(request.amountMinor),
        ...(severalCaptures ? { final_capture: false } : {}),
        metadata: { capture_reference: request.merchantReference },
      };
      return bounded(options, async (send) =>
        authorised(await paymentIntents.capture(chargeId, params, { ...send, idempotencyKey })),
      );
    },
    async void(request, options) {
      insist(request);
      const { chargeId, idempotencyKey } = request;
      return bounded(options, async (send) =>
        cancelled(await paymentIntents.cancel(chargeId, {}, { ...send, idempotencyKey })),
      );
    },
    async refund(request, options) {
      insist(request);
      const { chargeId, idempotencyKey } = request;
      const params = {
        payment_intent: chargeId,
        amount: wholeAmount(request.amountMinor),
        metadata: { [referenceMember]: request.merchantReference },
      };
      return bounded(options, async (send) =>
        refunded(await refunds.create(params, { ...send, idempotencyKey }), chargeId),
      );
    },
    async lookup(request, options) {
      const reference = referenceIn(request);
      return bounded(options, (send) => find(stripe, reference, send));
    },
    async lookupRefund(request, options) {
      insistOnReference(request.merchantReference);
      return bounded(options, (send) => findRefund(stripe, request, send));
    },
  };
}

/**
 * Refuses what Stripe cannot recognise again. The SDK replaces an empty key by a random one, so that a repeated
 * request would charge twice, and a header loses the white space around its value, so that two keys could become
 * one.
 */
function insist({ idempotencyKey, merchantReference }: Mutation): void {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(idempotencyKey)) {
    throw new ValidationError(
      `The idempotency key ${JSON.stringify(idempotencyKey)} cannot be sent: Stripe takes 1 to 255 printable ` +
        `ASCII characters without white space around them. Nothing was sent.`,
    );
  }
  insistOnReference(merchantReference);
}

// Stripe cuts nothing off, but its metadata values end at 500 characters.
function insistOnReference(reference: string): void {
  if (reference.length > 0 && reference.length <= 500) return;
  throw new ValidationError(
    `The merchant reference has ${reference.length} characters; Stripe holds 1 to 500, and without one a lost ` +
      `charge cannot be found again. Nothing was sent.`,
  );
}

function wholeAmount(amountMinor: number): number {
  if (Number.isSafeInteger(amountMinor) && amountMinor > 0) return amountMinor;
  throw new ValidationError(
    `The amount ${amountMinor} is not a positive whole number of minor units. Nothing was sent.`,
  );
}

function creation(request: ChargeRequest, severalCaptures: boolean): Stripe.PaymentIntentCreateParams {
  const several = severalCaptures && request.capture === 'manual';
  return {
    amount: wholeAmount(request.amountMinor),
    currency: stripeCurrency(request.currency),
    payment_method: request.paymentToken,
    confirm: true,
    capture_method: request.capture,
    // A redirect would need a page to return to, which a server-side charge does not have.
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...(several || request.challenge
      ? { payment_method_options: { card: cardOptions(request, several) } }
      : {}),
    metadata: { [referenceMember]: request.merchantReference },
  };
}

function cardOptions(
  { challenge = false }: ChargeRequest,
  several: boolean,
): Stripe.PaymentIntentCreateParams.PaymentMethodOptions.Card {
  return {
    ...(several ? { request_multicapture: 'if_available' } : {}),
    ...(challenge ? { request_three_d_secure: 'challenge' } : {}),
  };
}

function cancelled(intent: Stripe.PaymentIntent): ChargeResult {
  const charge = chargeOf(intent);
  // What was captured stays captured; there is nothing left to release.
  if (charge?.status === 'voided' || (charge?.status === 'captured' && charge.openMinor === undefined))
    return charge;
  throw new OutcomeUnknownError(
    `Stripe answered the cancellation of ${intent.id} with status ${intent.status}. Look it up.`,
  );
}

function referenceIn(request: LookupRequest): string {
  if (request.by === 'key') {
    throw new ValidationError(
      'Stripe cannot be asked by idempotency key. Look up by merchant reference, as the capabilities say.',
    );
  }
  insistOnReference(request.merchantReference);
  return request.merchantReference;
}

/** Stripe's search ignores case, so what it finds is compared once more. */
async function find(stripe: Stripe, reference: string, send: Sending): Promise<LookupResult> {
  const query = `metadata['${referenceMember}']:'${reference.replace(/[\\']/g, '\\$&')}'`;
  const found: Stripe.PaymentIntent[] = [];
  for (let page: string | undefined; ; ) {
    const answer = await stripe.paymentIntents.search(
      { query, limit: 100, ...(page === undefined ? {} : { page }) },
      send,
    );
    found.push(...answer.data.filter(({ metadata }) => metadata[referenceMember] === reference));
    page = answer.next_page ?? undefined;
    if (!answer.has_more || page === undefined) return strongest(found);
  }
}
