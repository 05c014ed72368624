// Errors on their way between two processes: a payment error arrives with its class, anything else with its name.

import { PaymentError } from '../../../src/errors/payment-error.ts';
import { deserialiseError, type SerialisedError, serialiseError } from '../../../src/errors/serialise.ts';

/** An error as data. */
export type PackedError =
  | { readonly kind: 'payment'; readonly error: SerialisedError }
  | {
      readonly kind: 'other';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

/** Turns anything thrown into data. */
export function packError(error: unknown): PackedError {
  if (error instanceof PaymentError) return { kind: 'payment', error: serialiseError(error) };
  if (error instanceof Error)
    return { kind: 'other', name: error.name, message: error.message, stack: error.stack };
  return { kind: 'other', name: 'thrown', message: String(error), stack: undefined };
}

/** The error again; of another class than those of payment errors only the name is kept. */
export function unpackError(packed: PackedError): Error {
  if (packed.kind === 'payment') return deserialiseError(packed.error);
  const error = new Error(packed.message);
  error.name = packed.name;
  if (packed.stack !== undefined) error.stack = packed.stack;
  return error;
}
