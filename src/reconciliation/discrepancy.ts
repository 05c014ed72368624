// What is wrong with a row or a pair, and the name under which it is known from run to run.

import { hash } from 'node:crypto';
import { byText } from './compare-records.ts';
import type { Joined, MarkedPair, UnmatchedRow } from './join-engine.ts';
import type { InvalidRow, Row, Side, TransactionRecord } from './record.ts';

/** In the order in which summaries name them. */
export const discrepancyTypes = [
  'MISSING_INTERNAL',
  'MISSING_GATEWAY',
  'AMOUNT_MISMATCH',
  'STATUS_MISMATCH',
  'DUPLICATE',
  'NOT_YET_DUE',
] as const;

/**
 * - `MISSING_INTERNAL`: the gateway has it and we don't;
 * - `MISSING_GATEWAY`: we have it and the gateway doesn't, though it is due;
 * - `AMOUNT_MISMATCH`: both have it, with another amount or currency (and perhaps another status);
 * - `STATUS_MISMATCH`: both have it, and only the status differs;
 * - `DUPLICATE`: one side has it once more than the other, under the same id;
 * - `NOT_YET_DUE`: we have it, and the gateway may still report it.
 */
export type DiscrepancyType = (typeof discrepancyTypes)[number];

/** One discrepancy. Each row without a partner and each pair that differs is exactly one. */
export interface Discrepancy {
  readonly type: DiscrepancyType;
  /** The same in every run that finds it, whatever the order of rows; at most 255 printable characters. */
  readonly id: string;
  readonly internal: Row | null;
  readonly gateway: Row | null;
  /** When a row that is `NOT_YET_DUE` becomes due, milliseconds since the epoch. */
  readonly dueAtMs?: number;
  /** A row of the other side with this id that can't be read, and may be what is missing. Correct it first. */
  readonly hiddenBy?: InvalidRow;
}

/** What tells a row that is missing from one that is not due yet. */
export interface Settlement {
  /** Up to when both books are complete. */
  readonly asOfMs: number;
  /** How much later than we the gateway may report a movement. */
  readonly lagMs: number;
}

/** All discrepancies of a join, ordered by time, then id. */
export function discrepanciesOf(joined: Joined, settlement: Settlement): readonly Discrepancy[] {
  const hides = hidden(joined.invalid);
  const found = [
    ...joined.unmatched.map((row) => unmatchedProblem(row, settlement, hides)),
    ...joined.differing.map(differenceOf),
  ];
  return named(found);
}

/** A discrepancy whose name still lacks the number that tells it from others like it. */
export interface Unnamed<Value> {
  /** How many others like it need no name, because they are in order. */
  readonly settledAlike: number;
  /** What names it. */
  readonly parts: readonly unknown[];
  readonly prefix: string;
  readonly atMs: number;
  readonly value: Value;
}

/**
 * Gives each an id: of `n` movements that can't be told apart, those that are in order come first, so that repairing
 * one leaves the others their names.
 */
export function named<Value>(found: readonly Unnamed<Value>[]): readonly (Value & { readonly id: string })[] {
  const seen = new Map<string, number>();
  return found
    .map((item) => ({ ...item, text: JSON.stringify(item.parts) }))
    .sort((a, b) => a.atMs - b.atMs || byText(a.text, b.text))
    .map(({ text, prefix, value, settledAlike }) => {
      const nth = seen.get(text) ?? settledAlike;
      seen.set(text, nth + 1);
      return { ...value, id: `${prefix}:${hash('sha256', `${text}#${nth}`, 'hex').slice(0, 40)}` };
    });
}

/** What names a row: not its time, which a report may correct, nor its status, which changes. */
export function identityOf({
  kind,
  gatewayId,
  merchantReference,
  amountMinor,
  currency,
}: TransactionRecord): readonly unknown[] {
  return [kind, gatewayId ?? null, merchantReference ?? null, amountMinor, currency];
}

type Found = Unnamed<Omit<Discrepancy, 'id'>>;

function unmatchedProblem(
  { side, row, record, isCopy }: UnmatchedRow,
  { asOfMs, lagMs }: Settlement,
  hides: (side: Side, record: TransactionRecord) => InvalidRow | undefined,
): Found {
  const dueAtMs = record.atMs + lagMs;
  const isEarly = side === 'internal' && !isCopy && dueAtMs > asOfMs;
  const missing = side === 'gateway' ? 'MISSING_INTERNAL' : 'MISSING_GATEWAY';
  const type = isCopy ? 'DUPLICATE' : isEarly ? 'NOT_YET_DUE' : missing;
  const place = { row, record };
  const hiddenBy = hides(side === 'internal' ? 'gateway' : 'internal', record);
  return {
    parts: [type, side, ...identityOf(record)],
    prefix: type.toLowerCase(),
    atMs: record.atMs,
    settledAlike: 0,
    value: {
      type,
      internal: side === 'internal' ? place : null,
      gateway: side === 'gateway' ? place : null,
      ...(isEarly ? { dueAtMs } : {}),
      ...(hiddenBy === undefined ? {} : { hiddenBy }),
    },
  };
}

function differenceOf({ internal, gateway, settledAlike }: MarkedPair): Found {
  const [ours, theirs] = [internal.record, gateway.record];
  const isAmount = ours.amountMinor !== theirs.amountMinor || ours.currency !== theirs.currency;
  const type = isAmount ? 'AMOUNT_MISMATCH' : 'STATUS_MISMATCH';
  return {
    parts: [type, ...identityOf(theirs), theirs.status, ...identityOf(ours), ours.status],
    prefix: type.toLowerCase(),
    atMs: ours.atMs,
    settledAlike,
    value: { type, internal, gateway },
  };
}

function hidden(
  invalid: readonly InvalidRow[],
): (side: Side, record: TransactionRecord) => InvalidRow | undefined {
  const byId = new Map<string, InvalidRow>();
  for (const row of invalid) {
    if (row.gatewayId !== undefined) byId.set(`${row.side} gateway ${row.gatewayId}`, row);
    if (row.merchantReference !== undefined) byId.set(`${row.side} merchant ${row.merchantReference}`, row);
  }
  return (side, { gatewayId, merchantReference }) =>
    byId.get(`${side} gateway ${gatewayId ?? ''}`) ?? byId.get(`${side} merchant ${merchantReference ?? ''}`);
}
