// The twin's answers in Stripe's wire format: status, headers and JSON as the real API sends them.

import type { ChargeResult } from '../../src/gateway/port.ts';
import type { BookedCharge, Books } from '../history/history.ts';
import type { LookupAnswer, WireAnswer, WireCode } from './answer.ts';
import type { ListedRefund, RefundListing } from './refund-lookup.ts';
import type { RefundPage } from './stripe-requests.ts';

/** One HTTP answer. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a payment looks like where the answer itself does not say. */
export interface Asked {
  readonly amountMinor: number;
  readonly currency: string;
  readonly merchantReference: string;
}

type Json = Readonly<Record<string, unknown>>;

const types: Readonly<Record<WireCode, string>> = {
  card_declined: 'card_error',
  authentication_required: 'card_error',
  processing: 'api_error',
  rate_limit: 'invalid_request_error',
  idempotency_key_in_use: 'idempotency_error',
  idempotency_error: 'idempotency_error',
  parameter_invalid: 'invalid_request_error',
  resource_missing: 'invalid_request_error',
  unexpected_state: 'invalid_request_error',
  amount_too_large: 'invalid_request_error',
  api_error: 'api_error',
};

/** Stripe's own codes, where they are not the twin's. */
const codes: Partial<Readonly<Record<WireCode, string | undefined>>> = {
  idempotency_error: undefined,
  parameter_invalid: 'parameter_invalid_integer',
  unexpected_state: 'payment_intent_unexpected_state',
  api_error: undefined,
};

/** The answer to a mutation. `asked` describes a payment that the answer only names. */
export function mutationReply(answer: WireAnswer, asked: Asked): HttpReply {
  if (answer.charge !== undefined) return json(answer, paymentIntent(answer.charge));
  if (answer.refund !== undefined)
    return json(answer, refund({ ...answer.refund, merchantReference: asked.merchantReference }));
  if (answer.paymentId !== undefined && answer.status === 202) {
    const status = answer.code === 'processing' ? 'processing' : 'requires_action';
    return json(answer, undecided({ ...asked, id: answer.paymentId, status }));
  }
  return failure(answer);
}

/** The answer to a search by merchant reference: one payment at most, the one that speaks for the reference. */
export function searchReply(answer: LookupAnswer, merchantReference: string, books: Books): HttpReply {
  const siblings = books.charges.filter((charge) => charge.merchantReference === merchantReference);
  switch (answer.kind) {
    case 'found':
      return searchResult([paymentIntent(answer.charge)]);
    case 'absent':
      return searchResult([]);
    case 'refused':
      return failure(answer.answer);
    case 'pending': {
      const status = answer.waitsFor === 'payer' ? 'requires_action' : 'processing';
      const waiting = siblings.filter(({ id }) => id === answer.paymentId);
      return searchResult(waiting.map((charge) => undecided({ ...charge, status })));
    }
    case 'answered': {
      const failed = siblings.filter(({ status }) => status === 'failed').slice(0, 1);
      return searchResult(failed.map((charge) => failedOf(charge, answer.answer)));
    }
  }
}

/** The answer to a listing of the refunds of a payment: one page of them, the latest first. */
export function refundsReply(listing: RefundListing, { limit, startingAfter }: RefundPage): HttpReply {
  if (listing.kind === 'refused') return failure(listing.answer);
  const latestFirst = listing.refunds.toReversed();
  const from = startingAfter === undefined ? 0 : latestFirst.findIndex(({ id }) => id === startingAfter) + 1;
  const data = latestFirst.slice(from, from + limit).map(refund);
  const body = { object: 'list', url: '/v1/refunds', has_more: from + limit < latestFirst.length, data };
  return json({ status: 200, replayed: false }, body);
}

/** Stripe's answer to what the emulation cannot read. */
export function refusedReply(status: 400 | 401 | 404, parameter: string): HttpReply {
  const message = status === 404 ? `Unrecognized request URL (${parameter}).` : `Invalid: ${parameter}`;
  const error = { type: 'invalid_request_error', message, param: parameter };
  return json({ status, replayed: false }, { error });
}

function refund({ id, chargeId, amountMinor, status, merchantReference }: ListedRefund): Json {
  const metadata = { merchant_reference: merchantReference };
  return { id, object: 'refund', amount: amountMinor, payment_intent: chargeId, status, metadata };
}

const statuses = { captured: 'succeeded', authorized: 'requires_capture', voided: 'canceled' } as const;

/** Redirects are not allowed, so the payer is challenged in the shop's own page. */
const payerAction = { type: 'use_stripe_sdk', use_stripe_sdk: {} } as const;

function paymentIntent(charge: ChargeResult): Json {
  const { id, amountMinor, capturedMinor, currency, merchantReference, openMinor } = charge;
  // Between captures a payment still requires one (documentation of multicapture).
  const status = openMinor === undefined ? statuses[charge.status] : 'requires_capture';
  return {
    ...undecided({ id, amountMinor, currency, merchantReference, status }),
    amount_capturable: openMinor ?? (charge.status === 'authorized' ? amountMinor : 0),
    amount_received: capturedMinor,
  };
}

function undecided(payment: Asked & { readonly id: string; readonly status: string }): Json {
  return {
    id: payment.id,
    object: 'payment_intent',
    amount: payment.amountMinor,
    amount_capturable: 0,
    amount_received: 0,
    // The twin's books have an order and no date.
    created: 0,
    currency: payment.currency.toLowerCase(),
    last_payment_error: null,
    livemode: false,
    metadata: { merchant_reference: payment.merchantReference },
    next_action: payment.status === 'requires_action' ? payerAction : null,
    status: payment.status,
  };
}

function failedOf(charge: BookedCharge, { declineCode }: WireAnswer): Json {
  const code =
    declineCode === 'authentication_failed' ? 'payment_intent_authentication_failure' : 'card_declined';
  const last_payment_error = {
    type: 'card_error',
    code,
    decline_code: declineCode,
    message: `The twin says ${code}.`,
  };
  return { ...undecided({ ...charge, status: 'requires_payment_method' }), last_payment_error };
}

function searchResult(data: readonly Json[]): HttpReply {
  const body = {
    object: 'search_result',
    url: '/v1/payment_intents/search',
    has_more: false,
    next_page: null,
    data,
  };
  return json({ status: 200, replayed: false }, body);
}

function failure(answer: WireAnswer): HttpReply {
  const { status, code, declineCode } = answer;
  if (code === undefined) return { status, headers: headersOf(answer), body: '' };
  // What stands before Stripe's own servers answers in HTML.
  if (status === 504) {
    return {
      status,
      headers: { 'content-type': 'text/html' },
      body: '<html><h1>504 Gateway Time-out</h1></html>',
    };
  }
  const known = code in codes ? codes[code] : code;
  const error = {
    type: types[code],
    ...(known === undefined ? {} : { code: known }),
    ...(declineCode === undefined ? {} : { decline_code: declineCode }),
    message: `The twin says ${code}.`,
  };
  return json(answer, { error });
}

function json(answer: WireAnswer, body: Json): HttpReply {
  // Stripe has no 202: a payment that is not decided yet is an ordinary 200.
  const status = answer.status === 202 ? 200 : answer.status;
  return { status, headers: headersOf(answer), body: JSON.stringify(body) };
}

function headersOf({ replayed, retryAfter }: WireAnswer): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  };
}
