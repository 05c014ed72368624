// One row of a book: ours (internal) or the gateway's report. The columns are checked before anything is compared.

import { exponentOf } from '../kernel/money.ts';

/** What kind of movement a row is about. Only rows of one kind are compared. */
export type TransactionKind = 'charge' | 'refund' | 'dispute' | 'fee' | 'adjustment';

/**
 * One row. At least one of `gatewayId` and `merchantReference` is needed. Both sides use one convention for signs and
 * one set of words for `status`: map rows before, where they differ.
 */
export interface TransactionRecord {
  readonly kind: TransactionKind;
  /** The gateway's id of this movement; unique within a kind. */
  readonly gatewayId?: string;
  /** Our own reference of the operation. */
  readonly merchantReference?: string;
  /** Gross, in minor units of the currency: a safe integer, ≥ 0 for charges. */
  readonly amountMinor: number;
  /** ISO 4217 code, upper case. */
  readonly currency: string;
  /** How far the movement has come, such as `captured`. Compared as it is. */
  readonly status: string;
  /** When it happened, milliseconds since the Unix epoch (UTC). */
  readonly atMs: number;
  /** What the gateway keeps of it; negative when it gives a fee back. */
  readonly feeMinor?: number;
  /** What the gateway pays out for it: gross less fee. */
  readonly netMinor?: number;
}

/** One of the two books. */
export type Side = 'internal' | 'gateway';

/** A row with its place. */
export interface Row {
  /** Place in its input, counted from 1. */
  readonly row: number;
  readonly record: TransactionRecord;
}

/** A row that cannot be compared. */
export interface InvalidRow {
  readonly side: Side;
  readonly row: number;
  readonly reason: string;
  /** As far as they can be read: nothing that may be this row should be reported as missing. */
  readonly gatewayId?: string;
  readonly merchantReference?: string;
}

const kinds: ReadonlySet<unknown> = new Set<TransactionKind>([
  'charge',
  'refund',
  'dispute',
  'fee',
  'adjustment',
]);

/** Which currencies were found to exist; asking the table each time would cost more than the rest of a check. */
const known = new Set<unknown>();

/** Why `value` is no `TransactionRecord`; undefined when it is one. */
export function recordProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is not an object';
  const { kind, gatewayId, merchantReference, amountMinor, currency, status, atMs, feeMinor, netMinor } =
    value as { readonly [Name in keyof TransactionRecord]?: unknown };
  if (!kinds.has(kind)) return `kind is none of ${[...kinds].join(', ')}`;
  if (gatewayId === undefined && merchantReference === undefined)
    return 'it has neither gatewayId nor merchantReference';
  if (gatewayId !== undefined && !isText(gatewayId)) return 'gatewayId is not a text, or empty';
  if (merchantReference !== undefined && !isText(merchantReference))
    return 'merchantReference is not a text, or empty';
  if (!Number.isSafeInteger(amountMinor)) return 'amountMinor is not a whole number below 2^53';
  if (kind === 'charge' && (amountMinor as number) < 0) return 'amountMinor of a charge is negative';
  if (!isCurrency(currency)) return 'currency is not an ISO 4217 code in upper case';
  if (!isText(status)) return 'status is not a text, or empty';
  if (!Number.isSafeInteger(atMs)) return 'atMs is not a whole number of milliseconds';
  if (feeMinor !== undefined && !Number.isSafeInteger(feeMinor))
    return 'feeMinor is not a whole number below 2^53';
  if (netMinor !== undefined && !Number.isSafeInteger(netMinor))
    return 'netMinor is not a whole number below 2^53';
  return undefined;
}

/** Reads what can be read of a row that has a problem. */
export function invalidRow(side: Side, row: number, given: { value: unknown; reason: string }): InvalidRow {
  const { value, reason } = given;
  const { gatewayId, merchantReference } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Partial<Record<string, unknown>>;
  return {
    side,
    row,
    reason,
    ...(isText(gatewayId) ? { gatewayId } : {}),
    ...(isText(merchantReference) ? { merchantReference } : {}),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isCurrency(value: unknown): boolean {
  if (known.has(value)) return true;
  if (typeof value !== 'string') return false;
  try {
    exponentOf(value);
  } catch {
    return false;
  }
  known.add(value);
  return true;
}
