// What a request to Stripe's API asks for, in the words of the gateway port. The inverse of what the SDK writes;
// what this emulation cannot do is refused, as Stripe refuses what it does not know.

import type {
  CaptureRequest,
  ChargeRequest,
  LookupRequest,
  RefundRequest,
  VoidRequest,
} from '../../src/gateway/port.ts';

/** One request, with the operation that it is for. */
export type StripeRequest =
  | { readonly operation: 'authorize'; readonly request: ChargeRequest }
  /** `releaseRest`: unless told otherwise, Stripe lets go what a capture does not take. */
  | { readonly operation: 'capture'; readonly request: CaptureRequest; readonly releaseRest: boolean }
  | { readonly operation: 'void'; readonly request: VoidRequest }
  | { readonly operation: 'refund'; readonly request: RefundRequest }
  | { readonly operation: 'lookup'; readonly request: LookupRequest }
  | { readonly operation: 'lookup-refund'; readonly request: RefundPage }
  /** Refused before the provider proper sees it; `parameter` is the one that is at fault. */
  | { readonly operation: 'refused'; readonly status: 400 | 404; readonly parameter: string };

/** Stripe cannot be asked for one refund by reference; it lists those of a payment, a page at a time. */
export interface RefundPage {
  readonly chargeId: string;
  /** Most refunds on a page. */
  readonly limit: number;
  /** Id of the last refund of the page before. */
  readonly startingAfter?: string;
}

/** The part of an HTTP request that matters. */
export interface HttpAsk {
  readonly method: string;
  readonly url: string;
  /** Value of the `Idempotency-Key` header. */
  readonly idempotencyKey: string | null;
  /** The body of a POST, form-encoded. */
  readonly body: string;
}

/** Reads one request. */
export function readStripeRequest({ method, url, idempotencyKey, body }: HttpAsk): StripeRequest {
  const { pathname, searchParams } = new URL(url);
  if (method === 'GET' && pathname === '/v1/payment_intents/search') return search(searchParams);
  if (method === 'GET' && pathname === '/v1/refunds') return listing(searchParams);
  if (method !== 'POST') return refused(404, pathname);
  const form = new URLSearchParams(body);
  const key = idempotencyKey ?? '';
  if (pathname === '/v1/payment_intents') return creation(form, key);
  if (pathname === '/v1/refunds') return refund(form, key);
  const [, id, action] = /^\/v1\/payment_intents\/([^/]+)\/(capture|cancel)$/.exec(pathname) ?? [];
  if (id === undefined) return refused(404, pathname);
  const chargeId = decodeURIComponent(id);
  return action === 'cancel' ? cancellation(chargeId, key) : capture(form, { chargeId, key });
}

function refused(status: 400 | 404, parameter: string): StripeRequest {
  return { operation: 'refused', status, parameter };
}

function creation(form: URLSearchParams, idempotencyKey: string): StripeRequest {
  const amountMinor = amountIn(form, 'amount');
  const currency = form.get('currency');
  const capture = form.get('capture_method');
  if (amountMinor === undefined) return refused(400, 'amount');
  if (currency === null || !/^[a-z]{3}$/.test(currency)) return refused(400, 'currency');
  if (capture !== 'automatic' && capture !== 'manual') return refused(400, 'capture_method');
  if (form.get('confirm') !== 'true') return refused(400, 'confirm');
  const request: ChargeRequest = {
    amountMinor,
    currency: currency.toUpperCase(),
    paymentToken: form.get('payment_method') ?? '',
    capture,
    idempotencyKey,
    merchantReference: referenceIn(form),
    ...(form.get('payment_method_options[card][request_three_d_secure]') === 'challenge'
      ? { challenge: true }
      : {}),
  };
  return { operation: 'authorize', request };
}

function capture(
  form: URLSearchParams,
  of: { readonly chargeId: string; readonly key: string },
): StripeRequest {
  const amountMinor = amountIn(form, 'amount_to_capture');
  if (amountMinor === undefined) return refused(400, 'amount_to_capture');
  const merchantReference = form.get('metadata[capture_reference]') ?? '';
  const request = { chargeId: of.chargeId, amountMinor, idempotencyKey: of.key, merchantReference };
  return { operation: 'capture', request, releaseRest: form.get('final_capture') !== 'false' };
}

/** Stripe's cancellation has no place for a reference. */
function cancellation(chargeId: string, idempotencyKey: string): StripeRequest {
  return { operation: 'void', request: { chargeId, idempotencyKey, merchantReference: '' } };
}

function refund(form: URLSearchParams, idempotencyKey: string): StripeRequest {
  const amountMinor = amountIn(form, 'amount');
  const chargeId = form.get('payment_intent');
  if (amountMinor === undefined) return refused(400, 'amount');
  if (chargeId === null) return refused(400, 'payment_intent');
  const request = { chargeId, amountMinor, idempotencyKey, merchantReference: referenceIn(form) };
  return { operation: 'refund', request };
}

/** One clause on the merchant reference is all that is understood of Stripe's query language. */
function search(parameters: URLSearchParams): StripeRequest {
  const clause = /^metadata\['merchant_reference'\]:'((?:[^'\\]|\\.)*)'$/s.exec(
    parameters.get('query') ?? '',
  );
  if (clause?.[1] === undefined) return refused(400, 'query');
  const merchantReference = clause[1].replace(/\\(.)/gs, '$1');
  return { operation: 'lookup', request: { by: 'reference', merchantReference } };
}

function listing(parameters: URLSearchParams): StripeRequest {
  const chargeId = parameters.get('payment_intent');
  const limit = Number(parameters.get('limit') ?? 10);
  const startingAfter = parameters.get('starting_after');
  if (chargeId === null) return refused(400, 'payment_intent');
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return refused(400, 'limit');
  const request = { chargeId, limit, ...(startingAfter === null ? {} : { startingAfter }) };
  return { operation: 'lookup-refund', request };
}

function amountIn(form: URLSearchParams, name: string): number | undefined {
  const text = form.get(name) ?? '';
  return /^[0-9]{1,16}$/.test(text) ? Number(text) : undefined;
}

function referenceIn(form: URLSearchParams): string {
  return form.get('metadata[merchant_reference]') ?? '';
}
