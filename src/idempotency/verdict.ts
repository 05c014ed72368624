// What a stored record answers.

import {
  IdempotencyConflictError,
  IdempotencyInProgressError,
  OutcomeUnknownError,
  type PaymentError,
} from '../errors/payment-error.ts';
import { deserialiseError } from '../errors/serialise.ts';
import { parseJson } from '../kernel/parse-json.ts';
import type { IdempotencyRecord } from './store.ts';

/** Encodes a result so that `null`, `undefined` and everything JSON can say come back as they were. */
export function encodeResult(result: unknown): string {
  return JSON.stringify({ v: result });
}

/** Inverse of {@link encodeResult}. */
export function decodeResult<Result>(text: string): Result {
  return (parseJson(text) as { readonly v: Result }).v;
}

/**
 * Answers with what the record says: its result, its failure (thrown), or `OutcomeUnknownError` when it is
 * undecided or gone. `replayed` is told first, with the code of the stored failure or `ok`.
 */
export function verdictOf<Result>(
  record: IdempotencyRecord | null,
  replayed: (code: string) => void,
): Result {
  if (record?.state === 'COMPLETED' && record.result !== undefined) {
    replayed('ok');
    return decodeResult<Result>(record.result);
  }
  if (record?.state === 'FAILED' && record.failure !== undefined) {
    replayed(record.failure.code);
    throw deserialiseError(record.failure);
  }
  throw new OutcomeUnknownError('the outcome is not known yet; ask again with the same key');
}

/**
 * Why a caller whose claim was not granted gets no verdict of the record: a conflict when the payload differs, whatever
 * the state; `IdempotencyInProgressError` while somebody else holds it; else undefined.
 */
export function refusalOf(record: IdempotencyRecord, fingerprint: string): PaymentError | undefined {
  if (record.fingerprint !== fingerprint) {
    return new IdempotencyConflictError(
      `${record.key}: the key was used with another payload; use a new key`,
    );
  }
  if (record.state === 'IN_FLIGHT') {
    return new IdempotencyInProgressError(
      `${record.key}: the same request is still running; try again later`,
    );
  }
  return undefined;
}
