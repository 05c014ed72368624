// A stored failure must come back as the same class, code and message, in another process and version.

import * as family from './payment-error.ts';
import { type Effect, PaymentError } from './payment-error.ts';

/** A `PaymentError` as plain JSON. */
export interface SerialisedError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean;
  readonly effect: Effect;
  readonly retryAfter?: string;
  readonly sealed?: boolean;
  readonly local?: boolean;
  readonly gatewayId?: string;
  readonly declineCode?: string;
}

/** Turns an error into JSON. The cause and the stack are left behind: they may hold data not meant to be stored. */
export function serialiseError(error: PaymentError): SerialisedError {
  return {
    name: error.name,
    code: error.code,
    message: error.message,
    retriable: error.retriable,
    effect: error.effect,
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
    ...(error.sealed ? { sealed: true } : {}),
    ...(error.local ? { local: true } : {}),
    ...(error.gatewayId === undefined ? {} : { gatewayId: error.gatewayId }),
    ...(error.declineCode === undefined ? {} : { declineCode: error.declineCode }),
  };
}

/**
 * Rebuilds the error with its class, so that `instanceof` works on a replayed failure. A class that this
 * version does not know comes back as a plain `PaymentError` with the stored code and effect.
 */
export function deserialiseError(stored: SerialisedError): PaymentError {
  const known = (family as Readonly<Record<string, unknown>>)[stored.name];
  const prototype = isErrorClass(known) ? (known.prototype as PaymentError) : PaymentError.prototype;
  const error = new PaymentError(stored.message, stored, stored);
  Object.setPrototypeOf(error, prototype);
  error.name = stored.name;
  return error;
}

function isErrorClass(value: unknown): value is { readonly prototype: unknown } {
  return typeof value === 'function' && (value === PaymentError || value.prototype instanceof PaymentError);
}
