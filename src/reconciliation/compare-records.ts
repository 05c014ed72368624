// One order of rows that depends on nothing but what they hold, so that reports don't depend on the order of input.

import type { TransactionRecord } from './record.ts';

/** Orders rows by time, kind, amount, currency, status, ids, fee and net. Zero only for rows that are equal in all. */
export function compareRecords(a: TransactionRecord, b: TransactionRecord): number {
  return (
    a.atMs - b.atMs ||
    byText(a.kind, b.kind) ||
    byNumber(a.amountMinor, b.amountMinor) ||
    byText(a.currency, b.currency) ||
    byText(a.status, b.status) ||
    byText(a.gatewayId ?? '', b.gatewayId ?? '') ||
    byText(a.merchantReference ?? '', b.merchantReference ?? '') ||
    byNumber(a.feeMinor ?? Number.NaN, b.feeMinor ?? Number.NaN) ||
    byNumber(a.netMinor ?? Number.NaN, b.netMinor ?? Number.NaN)
  );
}

/** Code units, not a language's order, which would differ between machines. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What is not a number comes first. */
function byNumber(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a < b ? -1 : Number(a > b);
}
