// What the hand-made histories of checker tests are made of: answers, outcomes and a record.

import type { IdempotencyRecord } from '../../src/idempotency/store.ts';
import type { Answer, ChargeIntent, Outcome, SeenError } from '../history/history.ts';

/** The purchase that everything is about unless a test says otherwise: 5.00 dollars under k1. */
export const purchase: ChargeIntent = {
  paymentToken: 'tok:shop:k1',
  scope: 'shop',
  key: 'k1',
  amountMinor: 500,
  currency: 'USD',
};

/** A successful outcome. */
export function good(value: unknown): Outcome {
  return { ok: true, value };
}

/** A failed outcome; without an effect it is an error that proves nothing. */
export function bad(code: string, effect?: SeenError['effect'], more: Partial<SeenError> = {}): Outcome {
  return { ok: false, error: { name: 'Error', code, message: code, ...(effect && { effect }), ...more } };
}

/** Told that charge `chargeId` was made. */
export function okAnswer(chargeId = 'ch_1', more: Partial<Extract<Answer, { kind: 'ok' }>> = {}): Answer {
  const body = `{"id":"${chargeId}"}`;
  return { kind: 'ok', chargeId, amountMinor: 500, currency: 'USD', body, replayed: false, ...more };
}

/** Told anything else. */
export function toldAnswer(kind: Exclude<Answer['kind'], 'ok'>, code: string, replayed = false): Answer {
  const body = `{"code":"${code}"}`;
  return kind === 'failed' ? { kind, code, body, replayed } : { kind, code, body };
}

/** A charge as the gateway reports it. */
export function chargeResult(id = 'ch_1'): Readonly<Record<string, unknown>> {
  return {
    id,
    status: 'captured',
    amountMinor: 500,
    capturedMinor: 500,
    currency: 'USD',
    merchantReference: 'ref',
  };
}

/** A record as a first claim makes it. */
export const freshRecord: IdempotencyRecord = {
  key: 'shop/k1',
  state: 'IN_FLIGHT',
  fingerprint: 'sha-500',
  request: '{}',
  token: 1,
  attemptId: 'attempt-1',
  epoch: 0,
  generation: 0,
  leaseUntilMs: 90_000,
  sendableUntilMs: 0,
  keyUsedFromMs: 0,
  unresolved: false,
};
