// What the tests of the Stripe adapter share: the real SDK over a wire that is played.

import type Stripe from 'stripe';
import { PaymentError } from '../errors/payment-error.ts';
import type { ChargeRequest, PaymentGateway } from './port.ts';
import { stripeCapabilities, stripeGateway } from './stripe-adapter.ts';
import { stripeClient } from './stripe-client.ts';

/** One request as it went over the wire. */
export interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly form: URLSearchParams;
}

/** Answers one request. */
export type Play = (sent: Sent, init: RequestInit) => Response | Promise<Response>;

/** A gateway whose wire is `play`, and everything that was sent. */
export function wired(
  play: Play,
  timeoutMs = 5_000,
  capabilities = stripeCapabilities,
): { gateway: PaymentGateway; sent: Sent[] } {
  const sent: Sent[] = [];
  const exchange = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const one: Sent = {
      method: init.method ?? 'GET',
      url: new URL(String(url)),
      headers: new Headers(init.headers),
      form: new URLSearchParams(String(init.body ?? '')),
    };
    sent.push(one);
    return play(one, init);
  };
  const stripe = stripeClient({ apiKey: 'sk_test_x', timeoutMs, fetch: exchange });
  return { gateway: stripeGateway({ stripe, capabilities }), sent };
}

/** A JSON answer. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

/** An answer with a Stripe error. */
export function failure(
  error: Record<string, unknown>,
  status: number,
  headers: Record<string, string> = {},
): Response {
  return json({ error: { message: 'from Stripe', ...error } }, status, headers);
}

/** Five dollars under one key. */
export const charge: ChargeRequest = {
  idempotencyKey: 'shop/k1/charge/0.0',
  merchantReference: "shop/o'k1/charge/0",
  amountMinor: 500,
  currency: 'USD',
  paymentToken: 'pm_1',
  capture: 'automatic',
};

/** The captured payment of {@link charge}, changed at will. */
export function intent(changed: Partial<Stripe.PaymentIntent> = {}): Record<string, unknown> {
  return {
    id: 'pi_1',
    object: 'payment_intent',
    amount: 500,
    amount_received: 500,
    currency: 'usd',
    created: 1,
    status: 'succeeded',
    metadata: { merchant_reference: charge.merchantReference },
    last_payment_error: null,
    ...changed,
  };
}

/** A search result of one page. */
export function search(...data: Record<string, unknown>[]): Response {
  return json({
    object: 'search_result',
    url: '/v1/payment_intents/search',
    has_more: false,
    next_page: null,
    data,
  });
}

/** The payment error that `work` ends in; throws when it ends otherwise. */
export async function errorOf(work: Promise<unknown>): Promise<PaymentError> {
  const error = await work.then(
    (value) => new Error(`resolved with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof PaymentError) return error;
  throw error;
}

/** The error of one charge that was answered by `play`. */
export async function chargeAnswered(play: Play): Promise<PaymentError> {
  return errorOf(wired(play).gateway.authorize(charge));
}
