// How the textbook words a failure.

import { PaymentError } from '../../src/errors/payment-error.ts';
import type { Answer } from '../history/history.ts';

/** The textbook knows no others: something was done, or it was not. */
export type FinalAnswer = Extract<Answer, { readonly kind: 'ok' | 'failed' }>;

/**
 * "Your order failed and was rolled back." Weakness: every error is told as a failure, also one that proves nothing, so that
 * a customer who was charged is told that he was not (S13).
 */
export function failed(error: unknown): FinalAnswer {
  const code = error instanceof PaymentError ? error.code : 'internal_error';
  return { kind: 'failed', code, body: JSON.stringify({ status: 'failed', code }), replayed: false };
}
