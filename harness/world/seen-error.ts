// An error as the history keeps it.

import { PaymentError } from '../../src/errors/payment-error.ts';
import type { SeenError } from '../history/history.ts';

/** Turns anything thrown into plain data; stacks and causes are left out, as they differ between platforms. */
export function seenError(error: unknown): SeenError {
  if (error instanceof PaymentError) {
    return {
      name: error.name,
      code: error.code,
      message: error.message,
      effect: error.effect,
      ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
      ...(error.sealed ? { sealed: true } : {}),
      ...(error.local ? { local: true } : {}),
    };
  }
  if (error instanceof Error) return { name: error.name, code: 'error', message: error.message };
  return { name: 'thrown', code: 'error', message: String(error) };
}
