// What a provider reports as settled on a day: one row for every movement of money, derived from the books, so that the
// rows of all days add up to what the books say.

import type { Striking } from '../faults/decide.ts';
import { faultFacts } from '../faults/kinds.ts';
import type { FarSide } from '../world/boundary.ts';
import type { Ledger } from './books.ts';
import type { Dispute, Payment, Refund } from './payment.ts';

/**
 * One row of a report. Amounts are minor units, positive where money comes to the merchant; `netMinor` is what is
 * paid out of it: `grossMinor - feeMinor`.
 */
export interface SettlementRow {
  /** Unique among all rows of all days. */
  readonly id: string;
  /** `refund-failure` and `dispute-reversal` bring back what a refund or a dispute has taken. */
  readonly kind: 'charge' | 'refund' | 'refund-failure' | 'dispute' | 'dispute-reversal' | 'fee';
  /** The object that the money moved for: a charge, a refund or a dispute. */
  readonly gatewayId: string;
  readonly chargeId: string;
  /** The reference of the request that moved the money; absent where the merchant made none. */
  readonly merchantReference?: string;
  readonly grossMinor: number;
  readonly feeMinor: number;
  readonly netMinor: number;
  readonly currency: string;
  /** Where the row says so: the movement is not final. */
  readonly status?: 'pending';
  /** When the money moved, milliseconds since the epoch. */
  readonly occurredAtMs: number;
}

/** The faults that rows carry, by the row's id. The same row must carry the same faults whichever day is asked for. */
export type RowFaults = (rowId: string) => readonly Striking[];

/**
 * The report of a day, `YYYY-MM-DD` in UTC, as far as it is known now: in the order of time, from midnight up to but
 * not including the next. A row that is `row-late` is missing until its duration after that day has passed, and is
 * added to the report of its day then; one that is `row-next-day` stands in the next day's report instead. One that is
 * `row-other-amount`, `row-other-currency` or `row-other-status` says other than the books, as rows do that are corrected
 * by hand.
 *
 * @throws RangeError for what is not a day.
 */
export type Settlement = (dayUtc: string, faultsOn?: RowFaults) => readonly SettlementRow[];

/** What reports are made of. */
export interface SettlementParts {
  readonly books: Ledger;
  readonly far: FarSide;
  /** The wall-clock time at which virtual time began, milliseconds since the epoch. */
  readonly epochMs: number;
}

const dayMs = 86_400_000;

/** What a charge costs the merchant: 2.9 % and thirty minor units, as card payments commonly do. */
const fee = { perMille: 29n, fixedMinor: 30n };

/** What a dispute costs the merchant whoever wins it, minor units. */
const disputeFeeMinor = 1_500;

/** The reports over one book. */
export function settlement({ books, far, epochMs }: SettlementParts): Settlement {
  // Days are asked for far more often than anything changes.
  let known: readonly SettlementRow[] | undefined;
  books.observe(() => {
    known = undefined;
  });
  const allRows = (): readonly SettlementRow[] =>
    books
      .payments()
      .flatMap(rowsOf)
      .map((row): SettlementRow => ({ ...row, occurredAtMs: epochMs + row.occurredAtMs }))
      .toSorted((a, b) => a.occurredAtMs - b.occurredAtMs);

  return (dayUtc, faultsOn = none) => {
    const fromMs = Date.parse(`${dayUtc}T00:00:00Z`);
    if (Number.isNaN(fromMs) || !new Date(fromMs).toISOString().startsWith(`${dayUtc}T`))
      throw new RangeError(`${dayUtc} is not a day: give one as YYYY-MM-DD, in UTC.`);
    const nowMs = epochMs + far.nowMs();
    known ??= allRows();
    return known.flatMap((row) => {
      const faults = faultsOn(row.id);
      const { copies, atMs, knownAtMs } = fateOf(row, faults);
      const isShown = atMs >= fromMs && atMs < fromMs + dayMs && nowMs >= knownAtMs;
      return isShown ? Array<SettlementRow>(copies).fill(faults.reduce(misread, row)) : [];
    });
  };
}

const none: RowFaults = () => [];

interface Fate {
  readonly copies: number;
  /** An instant of the day in whose report it stands. */
  readonly atMs: number;
  readonly knownAtMs: number;
}

function fateOf({ occurredAtMs }: SettlementRow, faults: readonly Striking[]): Fate {
  let fate: Fate = { copies: 1, atMs: occurredAtMs, knownAtMs: occurredAtMs };
  for (const { kind, ms = faultFacts[kind].defaultMs ?? 0 } of faults) {
    if (kind === 'row-missing') fate = { ...fate, copies: 0 };
    if (kind === 'row-duplicated') fate = { ...fate, copies: fate.copies * 2 };
    if (kind === 'row-next-day') fate = { ...fate, atMs: occurredAtMs + dayMs };
    if (kind === 'row-late')
      fate = { ...fate, knownAtMs: (Math.floor(occurredAtMs / dayMs) + 1) * dayMs + ms };
  }
  return fate;
}

/** The row as a report has it that is wrong in one column. What an adjustment adjusts is told by its status, so that stays. */
function misread(row: SettlementRow, { kind }: Striking): SettlementRow {
  if (kind === 'row-other-currency') return { ...row, currency: row.currency === 'EUR' ? 'USD' : 'EUR' };
  if (kind === 'row-other-status') return adjusting.has(row.kind) ? row : { ...row, status: 'pending' };
  if (kind !== 'row-other-amount') return row;
  // Never nothing, and never more than a number can hold.
  const away = Math.abs(row.grossMinor) > 1 ? -1 : 1;
  const grossMinor = row.grossMinor + away * Math.sign(row.grossMinor);
  return { ...row, grossMinor, netMinor: grossMinor - row.feeMinor };
}

const adjusting: ReadonlySet<SettlementRow['kind']> = new Set(['refund-failure', 'dispute-reversal']);

/** All rows of a payment, in virtual time. */
function rowsOf(payment: Payment): readonly SettlementRow[] {
  const { sequel } = payment;
  return [
    ...captureRows(payment),
    ...(sequel?.refunds ?? []).flatMap(refundRows),
    ...(sequel?.disputes ?? []).flatMap(disputeRows),
  ];
}

function captureRows({ id, request, versions, sequel }: Payment): readonly SettlementRow[] {
  const rows: SettlementRow[] = [];
  let beforeMinor = 0;
  for (const { sinceMs, capturedMinor } of versions) {
    if (capturedMinor > beforeMinor) {
      // A charge that was captured as it was authorised has no requests of their own for its captures.
      const { merchantReference } = sequel?.captures[rows.length]?.request ?? request;
      const moved = { grossMinor: capturedMinor - beforeMinor, occurredAtMs: sinceMs };
      const object = { gatewayId: id, chargeId: id, merchantReference, currency: request.currency };
      rows.push(row('charge', object, { ...moved, feeMinor: feeOn(moved.grossMinor), nth: rows.length + 1 }));
    }
    beforeMinor = capturedMinor;
  }
  return rows;
}

function refundRows({ id, payment, request, stages }: Refund): readonly SettlementRow[] {
  const { merchantReference, amountMinor } = request;
  const { currency } = payment.request;
  const object = { gatewayId: id, chargeId: payment.id, merchantReference, currency };
  const rows: SettlementRow[] = [];
  for (const { status, sinceMs } of stages) {
    const moved = { occurredAtMs: sinceMs, feeMinor: 0, nth: rows.length + 1 };
    if (status === 'succeeded') rows.push(row('refund', object, { ...moved, grossMinor: -amountMinor }));
    // A refund that fails before it was made has moved nothing.
    if (status === 'failed' && rows.length > 0)
      rows.push(row('refund-failure', object, { ...moved, grossMinor: amountMinor }));
  }
  return rows;
}

function disputeRows({ id, payment, amountMinor, stages }: Dispute): readonly SettlementRow[] {
  const object = { gatewayId: id, chargeId: payment.id, currency: payment.request.currency };
  return stages.flatMap(({ status, sinceMs }): SettlementRow[] => {
    const moved = { occurredAtMs: sinceMs, feeMinor: 0 };
    if (status === 'won')
      return [row('dispute-reversal', object, { ...moved, grossMinor: amountMinor, nth: 3 })];
    if (status === 'lost') return [];
    return [
      row('dispute', object, { ...moved, grossMinor: -amountMinor, nth: 1 }),
      row('fee', object, { ...moved, grossMinor: 0, feeMinor: disputeFeeMinor, nth: 2 }),
    ];
  });
}

type ObjectOfRow = Pick<SettlementRow, 'gatewayId' | 'chargeId' | 'merchantReference' | 'currency'>;
type MovedMoney = Pick<SettlementRow, 'grossMinor' | 'feeMinor' | 'occurredAtMs'> & {
  /** Which of the object's rows it is, from 1. */
  readonly nth: number;
};

function row(kind: SettlementRow['kind'], object: ObjectOfRow, { nth, ...moved }: MovedMoney): SettlementRow {
  const id = `txn_${object.gatewayId}_${nth}`;
  return { id, kind, ...object, ...moved, netMinor: moved.grossMinor - moved.feeMinor };
}

/** Half a minor unit is rounded up. */
function feeOn(amountMinor: number): number {
  return Number((BigInt(amountMinor) * fee.perMille + 500n) / 1_000n + fee.fixedMinor);
}
