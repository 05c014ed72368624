// What an error of the `stripe` SDK proves about money. Read structurally, not with `instanceof`: an application
// may hold a second copy of the SDK. Messages hold nothing that differs between a first answer and its replay,
// because stored failures are compared byte by byte.

import {
  AuthenticationRequiredError,
  CardDeclinedError,
  type ErrorDetails,
  GatewayBusyError,
  GatewayKeyReuseError,
  GatewayRejectedError,
  GatewayServerError,
  GatewayTimeoutError,
  InsufficientFundsError,
  NetworkError,
  OutcomeUnknownError,
  PaymentError,
  RateLimitedError,
} from '../errors/payment-error.ts';

/** The part of the SDK's errors that matters here. */
interface StripeFailure {
  readonly type: string;
  readonly statusCode?: number;
  readonly code?: string;
  readonly decline_code?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payment_intent?: { readonly id: string };
  readonly detail?: unknown;
}

/** Failures after which nothing can have been sent: connecting, or resolving the name, had not succeeded. */
const unsentCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/**
 * The payment error that stands for anything a call of the SDK may throw. What is not recognised proves nothing,
 * so its effect is unknown.
 */
export function stripeErrorOf(error: unknown): PaymentError {
  if (error instanceof PaymentError) return error;
  if (!isStripeFailure(error)) {
    return new OutcomeUnknownError('The Stripe SDK failed in an unexpected way. Look the operation up.', {
      cause: error,
    });
  }
  if (error.type === 'StripeConnectionError') return connectionError(error);
  const details = detailsOf(error);
  switch (error.type) {
    case 'StripeCardError':
      return declined(error, details);
    case 'StripeRateLimitError':
      return new RateLimitedError('Stripe answered 429, so nothing was done. Slow down.', details);
    case 'StripeIdempotencyError':
      return new GatewayKeyReuseError(
        'Stripe knows this idempotency key with other parameters. Look up what the earlier request did.',
        details,
      );
    case 'StripeInvalidRequestError':
    case 'StripeAuthenticationError':
    case 'StripePermissionError':
      return new GatewayRejectedError(
        `Stripe refused the request (${error.statusCode} ${error.code ?? 'without a code'}). ` +
          `Nothing was done; correct the request.`,
        details,
      );
    default:
      return serverError(error, details);
  }
}

/** A decline as the payment itself shows it: Stripe's `last_payment_error`. */
export function declineOf(
  failure: { readonly code?: string | undefined; readonly decline_code?: string | undefined },
  details: ErrorDetails = {},
): PaymentError {
  const declineCode = failure.decline_code || failure.code;
  const known = { ...details, ...(declineCode === undefined ? {} : { declineCode }) };
  if (failure.decline_code === 'insufficient_funds')
    return new InsufficientFundsError('The issuer declined for lack of funds. Ask for another card.', known);
  return new CardDeclinedError(
    `The issuer declined the payment (${declineCode ?? 'no reason given'}). Ask for another card; do not retry.`,
    known,
  );
}

function declined(error: StripeFailure, details: ErrorDetails): PaymentError {
  const { code, decline_code } = error;
  if (code !== 'authentication_required' && decline_code !== 'authentication_required')
    return declineOf(error, details);
  return new AuthenticationRequiredError(
    'The payer has to authenticate (3-D Secure). Send the payer there, then look the payment up.',
    details,
  );
}

function serverError(error: StripeFailure, details: ErrorDetails): PaymentError {
  if (error.statusCode === 409) {
    return new GatewayBusyError(
      'Stripe answered 409: a request with this idempotency key is still running. Ask again with the same key.',
      details,
    );
  }
  if (error.statusCode === undefined) {
    return new GatewayServerError(
      "Stripe's answer was not JSON. The operation may have been carried out: look it up.",
      details,
    );
  }
  return new GatewayServerError(
    `Stripe answered ${error.statusCode}. The operation may have been carried out: look it up.`,
    details,
  );
}

function connectionError(error: StripeFailure): PaymentError {
  const codes = codesOf(error.detail);
  if (codes.includes('ETIMEDOUT')) {
    return new GatewayTimeoutError('Stripe did not answer in time. The charge may exist: look it up.', {
      cause: error,
    });
  }
  if (codes.some((code) => unsentCodes.has(code))) {
    return new NetworkError('Stripe could not be reached, so nothing was sent. Try again later.', {
      effect: 'none',
      cause: error,
    });
  }
  // The SDK wraps what fails after the headers came: the answer had begun, so the request was carried out.
  if (isRecord(error.detail) && 'exception' in error.detail) {
    return new GatewayServerError(
      "Stripe's answer broke off. The operation may have been carried out: look it up.",
      { cause: error },
    );
  }
  return new NetworkError(
    'The connection to Stripe broke after the request was sent. It may have been carried out: look it up.',
    { effect: 'unknown', cause: error },
  );
}

function detailsOf(error: StripeFailure): ErrorDetails {
  const replayed = error.headers?.['idempotent-replayed'] === 'true';
  const retryAfter = error.headers?.['retry-after'];
  const gatewayId = error.payment_intent?.id;
  return {
    cause: error,
    ...(sealsKey(error) && replayed ? { sealed: true } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(gatewayId === undefined ? {} : { gatewayId }),
  };
}

/** Answers about the key itself say nothing final about the request that it belongs to. */
function sealsKey({ type, statusCode }: StripeFailure): boolean {
  return type !== 'StripeIdempotencyError' && statusCode !== 409 && statusCode !== 429;
}

/** Error codes along the chain of causes: Node's `fetch` keeps the socket's error in `cause`. */
function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  let link = error;
  for (let depth = 0; depth < 8 && isRecord(link); depth++) {
    if (typeof link['code'] === 'string') codes.push(link['code']);
    link = link['cause'] ?? link['exception'];
  }
  return codes;
}

function isStripeFailure(error: unknown): error is StripeFailure {
  return isRecord(error) && typeof error['type'] === 'string' && error['type'].startsWith('Stripe');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
