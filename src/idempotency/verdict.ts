// What a stored record answers.

import {
  IdempotencyConflictError,
  IdempotencyInProgressError,
  OutcomeUnknownError,
} from '../errors/payment-error.ts';
import { deserialiseError } from '../errors/serialise.ts';
import { parseJson } from '../kernel/parse-json.ts';
import type { Call } from '../resilience/operation.ts';
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
 * undecided or gone.
 */
export function verdictOf<Result>(record: IdempotencyRecord | null, call: Call): Result {
  if (record?.state === 'COMPLETED' && record.result !== undefined) {
    call.onReplay?.();
    return decodeResult<Result>(record.result);
  }
  if (record?.state === 'FAILED' && record.failure !== undefined) {
    call.onReplay?.();
    throw deserialiseError(record.failure);
  }
  throw new OutcomeUnknownError('the outcome is not known yet; ask again with the same key');
}

/**
 * Answers a caller whose claim was not granted: a conflict when the payload differs, whatever the state; else
 * the record's verdict, or `IdempotencyInProgressError` while somebody else holds it.
 */
export function refusedVerdict<Result>(record: IdempotencyRecord, fingerprint: string, call: Call): Result {
  if (record.fingerprint !== fingerprint) {
    throw new IdempotencyConflictError(`${record.key}: the key was used with another payload; use a new key`);
  }
  if (record.state === 'IN_FLIGHT') {
    throw new IdempotencyInProgressError(`${record.key}: the same request is still running; try again later`);
  }
  return verdictOf<Result>(record, call);
}
