// Tells movements apart that share ids. Of those that are equal in everything that names them, only their number says
// which is already in order.

import { alone, type Book, recordAt } from './book.ts';
import { compareRecords } from './compare-records.ts';
import type { Books } from './match.ts';
import type { TransactionRecord } from './record.ts';

/**
 * The rows without a partner that share an id, kind, amount and currency with a row of their book that has one, or that
 * comes before them.
 */
export function copiesIn(book: Book): ReadonlySet<number> {
  const lonely: number[] = [];
  for (let index = 0; index < book.records.length; index += 1)
    if (book.partners[index] === alone) lonely.push(index);
  const claimed = new Set<string>();
  visitLike(book, lonely, (record) => {
    for (const key of copyKeys(record)) claimed.add(key);
  });
  const copies = new Set<number>();
  lonely.sort((a, b) => compareRecords(recordAt(book, a), recordAt(book, b)));
  for (const index of lonely) {
    const keys = copyKeys(recordAt(book, index));
    if (keys.some((key) => claimed.has(key))) copies.add(index);
    for (const key of keys) claimed.add(key);
  }
  return copies;
}

/**
 * For some rows of the gateway's book: how many pairs are settled whose gateway row has the same kind, ids, amount and
 * currency.
 */
export function settledAlike(
  { internal, gateway }: Books,
  indexes: readonly number[],
  isSettled: (internal: TransactionRecord, gateway: TransactionRecord) => boolean,
): (index: number) => number {
  const counts = new Map<string, number>();
  visitLike(gateway, indexes, (record, partner) => {
    if (!isSettled(recordAt(internal, partner), record)) return;
    const key = alikeKey(record);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  return (index) => counts.get(alikeKey(recordAt(gateway, index))) ?? 0;
}

/** Visits the rows with a partner that share an amount and an id with some of the rows at `indexes`, and a few more. */
function visitLike(
  book: Book,
  indexes: readonly number[],
  visit: (record: TransactionRecord, partner: number) => void,
): void {
  if (indexes.length === 0) return;
  const amounts = new Set<number>();
  const ids = new Set<string | undefined>();
  for (const index of indexes) {
    const { amountMinor, gatewayId, merchantReference } = recordAt(book, index);
    amounts.add(amountMinor);
    ids.add(gatewayId).add(merchantReference);
  }
  ids.delete(undefined);
  for (let index = 0; index < book.records.length; index += 1) {
    const record = recordAt(book, index);
    const partner = book.partners[index] ?? alone;
    if (partner === alone || !amounts.has(record.amountMinor)) continue;
    if (ids.has(record.gatewayId) || ids.has(record.merchantReference)) visit(record, partner);
  }
}

function alikeKey({ kind, gatewayId, merchantReference, amountMinor, currency }: TransactionRecord): string {
  return JSON.stringify([kind, gatewayId ?? null, merchantReference ?? null, amountMinor, currency]);
}

/** One for each id that the row has. */
function copyKeys({
  kind,
  gatewayId,
  merchantReference,
  amountMinor,
  currency,
}: TransactionRecord): string[] {
  const keys: string[] = [];
  if (gatewayId !== undefined) keys.push(JSON.stringify(['gateway', gatewayId, kind, amountMinor, currency]));
  if (merchantReference !== undefined)
    keys.push(JSON.stringify(['merchant', merchantReference, kind, amountMinor, currency]));
  return keys;
}
