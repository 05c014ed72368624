// Fees stand in columns of their own and are booked, each once: what the gateway keeps of a payment is in the ledger when its
// report has been reconciled, and no more than that ever is.

import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import type { BookedCharge, History } from '../history/history.ts';
import { datedOn, type ReconcileRun } from './reconcile-runs.ts';

/**
 * What is wrong with the fees that were booked, after all of `runs`; undefined when nothing is. Only a target that declares to
 * book fees is asked for all of them; others leave them to their accountants.
 */
export function wrongFees(history: History, runs: readonly ReconcileRun[]): string | undefined {
  const booked = feesIn(history.books.shop?.entries ?? []);
  const isDue = history.terms.booksFees === true && history.incidents.some(({ kind }) => kind === 'settled');
  const reported = feesOf(
    history,
    runs.flatMap(({ read }) => read),
  );
  for (const [name, own] of booked) {
    const most = reported.get(name) ?? 0;
    if (own > most) return `books ${own} of fees on ${name}, and ${most} were reported`;
  }
  if (!isDue) return undefined;
  const due = feesOf(
    history,
    runs.flatMap(({ isCalm, day, read }) => (isCalm ? datedOn(day, read) : [])),
  );
  for (const [name, least] of due) {
    const own = booked.get(name) ?? 0;
    if (own < least)
      return `leaves ${least - own} of the fees on ${name} unbooked, of ${least} that were reported`;
  }
  return undefined;
}

function feesIn(entries: readonly PostedEntry[]): ReadonlyMap<string, number> {
  const fees = new Map<string, number>();
  for (const { payment, postings } of entries)
    for (const { account, amountMinor } of postings)
      if (account === 'fees') {
        const id = payment === undefined ? 'no payment' : `charge ${payment.gatewayId}`;
        fees.set(id, (fees.get(id) ?? 0) + amountMinor);
      }
  return fees;
}

/** By charge. A row that was read several times, or reported twice, is one movement and has one fee. */
function feesOf({ books }: History, rows: readonly TransactionRecord[]): ReadonlyMap<string, number> {
  const fees = new Map<string, number>();
  const seen = new Set<string>();
  for (const { kind, status, gatewayId = '', atMs, amountMinor, feeMinor = 0 } of rows) {
    const name = JSON.stringify([kind, status, gatewayId, atMs, amountMinor]);
    const charge = books.charges.find((one) => isOf(gatewayId, one))?.id;
    if (seen.has(name) || charge === undefined) continue;
    seen.add(name);
    fees.set(`charge ${charge}`, (fees.get(`charge ${charge}`) ?? 0) + feeMinor);
  }
  return fees;
}

function isOf(object: string, { id, refunds = [], disputes = [] }: BookedCharge): boolean {
  return id === object || [...refunds, ...disputes].some((one) => one.id === object);
}
