// The audit log: one record for every attempt, replay, conflict and local rejection, written by whoever decides.

import { PaymentError } from '../errors/payment-error.ts';
import type { LogSink } from '../kernel/runtime.ts';
import type { Call } from './operation.ts';
import { quietly } from './quietly.ts';

/** One line of the audit log. */
export type AuditRecord = {
  /**
   * - `attempt`: the operation below was called and has settled;
   * - `replay`: the caller was answered from a stored record;
   * - `conflict`: the key was used with another payload;
   * - `rejected`: one of our own layers refused, and nothing was sent.
   */
  readonly audit: 'attempt' | 'replay' | 'conflict' | 'rejected';
  /** Name of the operation, such as `charge`. */
  readonly operation: string;
  /** `ok`, or the code of the error that ended it; `error` for what is not a `PaymentError`. */
  readonly code: string;
  /**
   * Of an attempt and of what is refused below the claim: the key that the gateway was to be sent. Of what the
   * idempotent layer decides: scope and key of the record, with which the other begins.
   */
  readonly idempotencyKey?: string;
  /** How long the attempt took, milliseconds of the monotonic clock. */
  readonly ms?: number;
  /** What `logExecution` was told to record of the request. */
  readonly args?: unknown;
  /** What `logExecution` was told to record of the result. */
  readonly result?: unknown;
};

/** Writes a record. What the sink throws is dropped: the log is not worth a payment. */
export function writeAudit(sink: LogSink, record: AuditRecord): void {
  quietly(sink.log, record, sink);
}

/** Writes that one of our own layers refused `call` with an error of `code`, and nothing was sent. */
export function writeRejection(
  sink: LogSink,
  {
    operation,
    code,
    call,
  }: { readonly operation: string; readonly code: string; readonly call: Call | undefined },
): void {
  const idempotencyKey = call?.idempotencyKey;
  const named = idempotencyKey === undefined ? {} : { idempotencyKey };
  writeAudit(sink, { audit: 'rejected', operation, code, ...named });
}

/** The code under which `error` is recorded. */
export function codeOf(error: unknown): string {
  return error instanceof PaymentError ? error.code : 'error';
}
