// From the outcome of a payment call to what the client is told.

import { PaymentError, SagaCompensationError } from '../../src/errors/payment-error.ts';
import type { ChargeResult } from '../../src/gateway/port.ts';
import type { Call } from '../../src/resilience/operation.ts';
import type { Answer } from '../history/history.ts';

/**
 * Runs one payment call and words its outcome as an answer. Anything that is not a `PaymentError` is told as
 * unknown: the handler does not know what it interrupted.
 */
export async function answerOf(charge: (call: Call) => Promise<ChargeResult>): Promise<Answer> {
  let replayed = false;
  try {
    const result = await charge({ onReplay: () => (replayed = true) });
    return {
      kind: 'ok',
      chargeId: result.id,
      amountMinor: result.capturedMinor,
      currency: result.currency,
      body: JSON.stringify(result),
      replayed,
    };
  } catch (error) {
    return failedAnswer(error, replayed);
  }
}

const waiting = new Set(['payment_pending', 'authentication_required']);

/** Words what ended a payment call in place of its result. */
export function failedAnswer(error: unknown, replayed: boolean): Answer {
  if (!(error instanceof PaymentError)) {
    return { kind: 'unknown', code: 'internal_error', body: JSON.stringify({ code: 'internal_error' }) };
  }
  const { code, message, effect } = error;
  const body = JSON.stringify({ code, message });
  if (waiting.has(code)) return { kind: 'pending', code, body };
  // People were called, and nobody knows where the money is before they are through.
  if (error instanceof SagaCompensationError) return { kind: 'unknown', code, body };
  if (effect === 'final') return { kind: 'failed', code, body, replayed };
  return { kind: effect === 'none' ? 'rejected' : 'unknown', code, body };
}
