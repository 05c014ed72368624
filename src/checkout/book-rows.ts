// Our side of a reconciliation: the books as the rows that a gateway reports.

import type { PostedEntry } from '../ledger/ledger-store.ts';
import type { TransactionKind, TransactionRecord } from '../reconciliation/record.ts';

/** How an entry of a kind is reported. */
interface Reported {
  readonly kind: TransactionKind;
  readonly status: string;
  /** 1 where money comes to the merchant, -1 where it leaves. */
  readonly sign: 1 | -1;
}

const reported: ReadonlyMap<string, Reported> = new Map([
  ['capture', { kind: 'charge', status: 'captured', sign: 1 }],
  ['refund', { kind: 'refund', status: 'succeeded', sign: -1 }],
  ['refund-failed', { kind: 'adjustment', status: 'failed', sign: 1 }],
  ['chargeback', { kind: 'dispute', status: 'opened', sign: -1 }],
  ['chargeback-won', { kind: 'adjustment', status: 'won', sign: 1 }],
]);

/** Booked under this name, a fee is one of the row that it names. */
export function feeOperation(kind: TransactionKind, gatewayId: string): string {
  return `${kind} ${gatewayId}`;
}

/**
 * The rows of the books, in their order. Amounts are positive where money comes to the merchant and negative where it
 * leaves: charges are `captured`, refunds `succeeded`, disputes `opened`; what a failed refund or a won dispute brings back is
 * an `adjustment`, called `failed` or `won`. A fee stands on the row that it is of; one of its own is a row of kind `fee`
 * without an amount.
 */
export function rowsOf(entries: readonly PostedEntry[]): readonly TransactionRecord[] {
  const fees = new Map<string, number>();
  for (const entry of entries)
    if (entry.kind === 'fee' && entry.operation !== undefined) fees.set(entry.operation, amountOf(entry));
  return entries.flatMap((entry) => rowOf(entry, fees));
}

function rowOf(entry: PostedEntry, fees: ReadonlyMap<string, number>): readonly TransactionRecord[] {
  const { kind, operation, occurredAtMs: atMs, postings } = entry;
  const currency = postings[0]?.currency;
  if (operation === undefined || currency === undefined) return [];
  const as = reported.get(kind);
  if (as !== undefined) {
    const feeMinor = fees.get(feeOperation(as.kind, operation));
    const fee = feeMinor === undefined ? {} : { feeMinor };
    const amountMinor = as.sign * amountOf(entry);
    return [{ kind: as.kind, gatewayId: operation, amountMinor, currency, status: as.status, atMs, ...fee }];
  }
  const [owner, gatewayId] = operation.split(' ');
  if (kind !== 'fee' || owner !== 'fee' || gatewayId === undefined) return [];
  const feeMinor = amountOf(entry);
  return [{ kind: 'fee', gatewayId, amountMinor: 0, currency, status: 'charged', atMs, feeMinor }];
}

function amountOf({ postings }: PostedEntry): number {
  return Math.abs(postings[0]?.amountMinor ?? 0);
}
