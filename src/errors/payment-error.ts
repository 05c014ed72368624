// The family of errors that payment code throws. What matters most about an error is not its name but what
// it proves about money: nothing happened, it is finally decided, or nobody knows yet.

/**
 * What an error proves about the operation it ended.
 *
 * - `none`: nothing happened at the gateway; the slot may be cleared and the call repeated.
 * - `final`: the gateway has decided; the answer may be stored and replayed.
 * - `unknown`: the money may have moved; neither clear nor store it, resolve it.
 */
export type Effect = 'none' | 'unknown' | 'final';

/** Optional facts that an error may carry. */
export interface ErrorDetails {
  readonly cause?: unknown;
  /** The raw `Retry-After` header: seconds or an HTTP date (RFC 9110, 10.2.3). */
  readonly retryAfter?: string;
  /**
   * True when this answer shows that the gateway has finally answered the idempotency key that was sent:
   * it is marked as a replay of a stored answer. A bare 5xx, 504 or 409 never seals a key.
   */
  readonly sealed?: boolean;
  /**
   * True when one of our own layers refused and sent nothing, such as an open breaker. Whoever refuses writes the
   * audit record of it, so that layers further out need not.
   */
  readonly local?: boolean;
  /** The gateway's id of the payment, when it gave one. */
  readonly gatewayId?: string;
  /** The gateway's own reason, such as `insufficient_funds` or `do_not_honor`. */
  readonly declineCode?: string;
}

interface Kind {
  readonly code: string;
  readonly retriable: boolean;
  readonly effect: Effect;
}

let traced = true;

/**
 * Sets whether payment errors record where they were made, and returns what was set before. They do unless told
 * otherwise. A stack takes longer to record than a simulated gateway call, and in a simulation an outcome such as a
 * decline is ordinary; other errors keep their stacks, so a mistake still shows where it was made.
 */
export function tracePaymentErrors(on: boolean): boolean {
  const before = traced;
  traced = on;
  return before;
}

/** Base of every error that a paystorm primitive throws on purpose. */
export class PaymentError extends Error {
  /** Stable machine-readable code; survives serialisation. */
  readonly code: string;
  /** Whether the *client* may try the same request again later. */
  readonly retriable: boolean;
  /** What the error proves about money. */
  readonly effect: Effect;
  /** See {@link ErrorDetails.retryAfter}. */
  readonly retryAfter: string | undefined;
  /** See {@link ErrorDetails.sealed}. */
  readonly sealed: boolean;
  /** See {@link ErrorDetails.local}. */
  readonly local: boolean;
  /** See {@link ErrorDetails.gatewayId}. */
  readonly gatewayId: string | undefined;
  /** See {@link ErrorDetails.declineCode}. */
  readonly declineCode: string | undefined;

  constructor(message: string, kind: Kind, details: ErrorDetails = {}) {
    const limit = Error.stackTraceLimit;
    if (!traced) Error.stackTraceLimit = 0;
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    if (!traced) Error.stackTraceLimit = limit;
    this.name = new.target.name;
    this.code = kind.code;
    this.retriable = kind.retriable;
    this.effect = kind.effect;
    this.retryAfter = details.retryAfter;
    this.sealed = details.sealed ?? false;
    this.local = details.local ?? false;
    this.gatewayId = details.gatewayId;
    this.declineCode = details.declineCode;
  }
}

/** The gateway could not be reached (`none`: refused, DNS) or the connection broke after sending (`unknown`). */
export class NetworkError extends PaymentError {
  constructor(message: string, details: ErrorDetails & { readonly effect: 'none' | 'unknown' }) {
    super(message, { code: 'network_error', retriable: true, effect: details.effect }, details);
  }
}

/** No answer in time. The charge may exist or may still land. */
export class GatewayTimeoutError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'gateway_timeout', retriable: true, effect: 'unknown' }, details);
  }
}

/** A 5xx or an unreadable answer. A 500 can follow a commit, and an edge 504 says nothing about the origin. */
export class GatewayServerError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'gateway_error', retriable: true, effect: 'unknown' }, details);
  }
}

/** The gateway's 409: the same key is still executing there, or was refused as a duplicate. */
export class GatewayBusyError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'gateway_busy', retriable: true, effect: 'unknown' }, details);
  }
}

/** The gateway's 429, or (`local`) our own limiter: nothing was executed. */
export class RateLimitedError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'rate_limited', retriable: true, effect: 'none' }, details);
  }
}

/** The circuit breaker is open, or half-open with all its probes under way: nothing was sent. */
export class CircuitOpenError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'circuit_open', retriable: true, effect: 'none' }, { ...details, local: true });
  }
}

/** The gateway refused the request as malformed or unauthorised (400, 401, 403): nothing was executed. */
export class GatewayRejectedError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'gateway_rejected', retriable: false, effect: 'none' }, details);
  }
}

/**
 * The gateway says that this idempotency key was used with other parameters. It says nothing about what the
 * earlier request did, so the effect is unknown.
 */
export class GatewayKeyReuseError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'gateway_key_reuse', retriable: false, effect: 'unknown' }, details);
  }
}

/** The issuer declined. Surface it; a retry cannot help and may be penalised by card schemes. */
export class CardDeclinedError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'card_declined', retriable: false, effect: 'final' }, details);
  }
}

/** A decline for lack of money: the same treatment as {@link CardDeclinedError}, a different message to show. */
export class InsufficientFundsError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'insufficient_funds', retriable: false, effect: 'final' }, details);
  }
}

/** The payer has to authenticate (3-D Secure, EMV 3DS): this attempt is over, the payment has not failed. */
export class AuthenticationRequiredError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'authentication_required', retriable: false, effect: 'final' }, details);
  }
}

/** The gateway accepted the payment and will decide later; ask again with the same key. */
export class PaymentPendingError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'payment_pending', retriable: true, effect: 'unknown' }, details);
  }
}

/** Proven never to have happened, and never to happen: a new key may be used. */
export class NotChargedError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'not_charged', retriable: false, effect: 'final' }, details);
  }
}

/** It is not known yet whether the charge exists. Ask again with the same key. */
export class OutcomeUnknownError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'outcome_unknown', retriable: true, effect: 'unknown' }, details);
  }
}

/** Same idempotency key, other payload (HTTP 422 in draft-ietf-httpapi-idempotency-key-header). */
export class IdempotencyConflictError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(
      message,
      { code: 'idempotency_conflict', retriable: false, effect: 'none' },
      { ...details, local: true },
    );
  }
}

/** The same key is still executing here (HTTP 409 in draft-ietf-httpapi-idempotency-key-header). */
export class IdempotencyInProgressError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(
      message,
      { code: 'idempotency_in_progress', retriable: true, effect: 'none' },
      { ...details, local: true },
    );
  }
}

/** The owner's lease ran out before it sent, so it did not send: somebody else may own the operation now. */
export class LeaseLostError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'lease_lost', retriable: false, effect: 'none' }, { ...details, local: true });
  }
}

/** The idempotency store could not be reached or did not answer; nothing is charged without a claim. */
export class StoreUnavailableError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(
      message,
      { code: 'store_unavailable', retriable: true, effect: 'none' },
      { ...details, local: true },
    );
  }
}

/**
 * A store that answers, but cannot serve as it is set up: a wrong password, a missing right, a version that is too old, a key
 * or table of another shape. Nothing was done; asking again is of no use before people have changed what the message says.
 */
export class StoreMisconfiguredError extends StoreUnavailableError {
  override readonly code: string = 'store_misconfigured';
  override readonly retriable: boolean = false;
}

/** Our own fraud rules refused the payment before anything was sent; whatever was reserved for it is undone. */
export class FraudBlockedError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'fraud_blocked', retriable: false, effect: 'final' }, { ...details, local: true });
  }
}

/** A fraud rule or its store did not answer, so nothing was sent and nothing is decided: the same key may ask again. */
export class FraudUndecidedError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'fraud_undecided', retriable: true, effect: 'none' }, { ...details, local: true });
  }
}

/** A saga ended in FAILED_COMPENSATION: money or goods may be left where they do not belong. Page the on-call. */
export class SagaCompensationError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'saga_compensation', retriable: false, effect: 'final' }, details);
  }
}

/** A webhook whose signature does not verify, or whose headers cannot be read: answer 4xx, do nothing. */
export class WebhookSignatureError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'webhook_signature', retriable: false, effect: 'none' }, details);
  }
}

/** A webhook that was signed too long ago, or in the future: answer 4xx, do nothing. */
export class WebhookReplayError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'webhook_replay', retriable: false, effect: 'none' }, details);
  }
}

/** Bad input, rejected before any effect; nothing is stored. */
export class ValidationError extends PaymentError {
  constructor(message: string, details?: ErrorDetails) {
    super(message, { code: 'validation_error', retriable: false, effect: 'none' }, details);
  }
}
