// From what the twin says on the wire to what it proves about money (the tables of the gateway port).

import {
  AuthenticationRequiredError,
  CardDeclinedError,
  GatewayBusyError,
  GatewayKeyReuseError,
  GatewayRejectedError,
  GatewayServerError,
  InsufficientFundsError,
  NetworkError,
  type PaymentError,
  PaymentPendingError,
  RateLimitedError,
} from '../../src/errors/payment-error.ts';
import type { WireFailure } from '../faults/decide.ts';
import type { WireAnswer } from './answer.ts';

/**
 * The error that an answer stands for. Its message is the same for a first answer and its replay, because stored
 * failures are compared byte by byte; only `sealed` tells them apart.
 */
export function errorOf(answer: WireAnswer): PaymentError {
  if (answer.status === 202) return undecided(answer);
  if (answer.status === 402) return declined(answer);
  const sealed = { sealed: answer.replayed };
  if (answer.status === 429) return rateLimited(answer);
  if (answer.status === 409)
    return new GatewayBusyError(
      'The gateway answered 409: this idempotency key is in use or spent there. Ask again with the same key.',
    );
  if (answer.status >= 500)
    return new GatewayServerError(
      `The gateway answered ${answer.status}. The operation may have been carried out: look it up.`,
      sealed,
    );
  if (answer.code === 'idempotency_error')
    return new GatewayKeyReuseError(
      'The gateway knows this idempotency key with other parameters. Look up what the earlier request did.',
    );
  return new GatewayRejectedError(
    `The gateway refused the request (${answer.status} ${answer.code ?? 'without a code'}). Nothing was done; correct the request.`,
    sealed,
  );
}

/** The error that the caller sees when the wire fails: what it proves depends on how far the request came. */
export function wireError(failure: WireFailure): PaymentError {
  switch (failure) {
    case 'refused':
      return new NetworkError('The gateway refused the connection, so nothing was sent. Try again later.', {
        effect: 'none',
      });
    case 'dns':
      return new NetworkError("The gateway's name was not resolved, so nothing was sent. Try again later.", {
        effect: 'none',
      });
    case 'reset':
      return new NetworkError(
        'The connection broke after the request was sent. It may have been carried out: look it up.',
        { effect: 'unknown' },
      );
    case 'cut':
      return new GatewayServerError(
        "The gateway's answer broke off. The operation may have been carried out: look it up.",
      );
    case 'malformed':
      return new GatewayServerError(
        "The gateway's answer was not JSON. The operation may have been carried out: look it up.",
      );
  }
}

function undecided({ code, paymentId }: WireAnswer): PaymentError {
  const details = paymentId === undefined ? {} : { gatewayId: paymentId };
  return code === 'authentication_required'
    ? new AuthenticationRequiredError(
        'The payer has to authenticate (3-D Secure). Send the payer there, then look the payment up.',
        details,
      )
    : new PaymentPendingError(
        'The gateway accepted the payment and decides later. Look it up, or wait for its webhook.',
        details,
      );
}

function declined({ declineCode, replayed }: WireAnswer): PaymentError {
  const details = { sealed: replayed, ...(declineCode === undefined ? {} : { declineCode }) };
  return declineCode === 'insufficient_funds'
    ? new InsufficientFundsError('The issuer declined for lack of funds. Ask for another card.', details)
    : new CardDeclinedError(
        `The issuer declined the payment (${declineCode ?? 'no reason given'}). Ask for another card; do not retry.`,
        details,
      );
}

function rateLimited({ retryAfter }: WireAnswer): PaymentError {
  return new RateLimitedError(
    'The gateway answered 429, so nothing was done. Slow down and honour Retry-After.',
    retryAfter === undefined ? {} : { retryAfter },
  );
}
