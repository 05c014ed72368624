// A day of our books against the gateway's report of it, and what is done about each difference.

import { OutcomeUnknownError } from '../errors/payment-error.ts';
import type { PaymentGateway } from '../gateway/port.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { Books } from '../ledger/books.ts';
import type { PostedEntry } from '../ledger/ledger-store.ts';
import type { Discrepancy } from '../reconciliation/discrepancy.ts';
import { reconciler } from '../reconciliation/reconciler.ts';
import type { TransactionRecord } from '../reconciliation/record.ts';
import { defaultRemedies, type RemedyEnd } from '../reconciliation/remedies.ts';
import { type RepairReport, repair } from '../reconciliation/repair.ts';
import type { ReconciliationReport, UnbookedFee } from '../reconciliation/report.ts';
import type { TicketStore } from '../reconciliation/ticket-store.ts';
import { dayWindow, widened } from '../reconciliation/window.ts';
import type { WebhookInbox } from '../webhooks/inbox.ts';
import { feeOperation, rowsOf } from './book-rows.ts';
import type { PaymentBooks } from './payment-books.ts';

/** Names what moved at the gateway: a `payment`, `refund` or `dispute`. */
export interface GatewayObject {
  readonly kind: string;
  readonly id: string;
}

/** Days in UTC, both included, such as from `2026-03-28` to `2026-03-30`. */
export interface DaySpan {
  readonly fromDay: string;
  readonly toDay: string;
}

/** The rows that stand in the gateway's report of a day, which may be dated on another. */
export interface DayReport {
  readonly day: string;
  readonly rows: readonly TransactionRecord[];
}

/** What a reconciliation works with. */
export interface ReconciliationParts {
  readonly runtime: Runtime;
  /** Its calls are bounded in time. */
  readonly gateway: PaymentGateway;
  readonly books: PaymentBooks;
  readonly ledgerBooks: Books;
  readonly inbox: WebhookInbox;
  readonly tickets: TicketStore;
  /** The gateway's reports of all days of a span. */
  readonly report: (span: DaySpan) => Promise<readonly DayReport[]>;
  /** Has the gateway announce once more what became of an object. */
  readonly redeliver: (object: GatewayObject) => Promise<unknown>;
  readonly page: (about: string) => Promise<unknown>;
  /** How much later than our books the gateway may report a movement, milliseconds. */
  readonly settlementLagMs: number;
}

/** What a reconciliation found, and what was done about it. */
export interface DayReconciled {
  readonly report: ReconciliationReport;
  readonly repairs: RepairReport;
}

/** Builds the reconciliation of a day; see `CheckoutSystem.reconcile`. */
export function dayReconciliation(parts: ReconciliationParts): (day: string) => Promise<DayReconciled> {
  const { runtime, ledgerBooks, tickets, settlementLagMs } = parts;
  const compare = reconciler({ runtime, settlementLagMs });
  return async (day) => {
    const window = dayWindow(day);
    const { fromMs, toMs } = widened(window, settlementLagMs);
    const days = daysIn(fromMs, Math.min(toMs, runtime.wallMs() + dayMs));
    const reported = await reportedOn(parts, days);
    // Not cut to the span: whatever was dated late here is still the partner of what the gateway reports.
    const entries = await allEntries(ledgerBooks);
    const internal = rowsOf(entries);
    const found = await compare.reconcile({ internal, gateway: reported, window });
    const remedies = defaultRemedies({
      replay: (missing) => replayed({ ...parts, entries }, missing),
      resolve: (differing) => resolved(parts, differing),
      page: (discrepancy) => paged(parts, discrepancy),
      bookFee: (fee) => feeBooked({ ...parts, entries }, fee),
    });
    return { report: found, repairs: await repair(found, { runtime, tickets, remedies }) };
  };
}

const dayMs = 86_400_000;

function daysIn(fromMs: number, toMs: number): readonly string[] {
  const days: string[] = [];
  for (let atMs = Math.floor(fromMs / dayMs) * dayMs; atMs < toMs; atMs += dayMs)
    days.push(new Date(atMs).toISOString().slice(0, 10));
  return days;
}

/** A report that leaves out a day would have everything of it missing at the gateway. */
async function reportedOn(
  { report }: ReconciliationParts,
  days: readonly string[],
): Promise<readonly TransactionRecord[]> {
  const [fromDay] = days;
  const toDay = days.at(-1);
  if (fromDay === undefined || toDay === undefined) return [];
  const reports = await report({ fromDay, toDay });
  const missing = days.find((wanted) => !reports.some(({ day }) => day === wanted));
  if (missing === undefined) return reports.flatMap(({ rows }) => rows);
  throw new OutcomeUnknownError(
    `reconciliation: the report from ${fromDay} to ${toDay} lacks ${missing}; reconcile again later`,
  );
}

async function allEntries(books: Books): Promise<readonly PostedEntry[]> {
  const entries: PostedEntry[] = [];
  for await (const entry of books.entries()) entries.push(entry);
  return entries;
}

/** How often a redelivered event is waited for, and how long each time, milliseconds. */
const waits = 5;
const waitMs = 2_000;

/** Books what only the gateway has: by asking for the charge, else by the event that tells of it. */
async function replayed(parts: FeeParts, { gateway: row }: Discrepancy): Promise<RemedyEnd> {
  if (row === null)
    throw new OutcomeUnknownError('reconciliation: a row that is missing here was not reported');
  const { record } = row;
  if (record.kind === 'fee') return feeOfItsOwn(parts, record);
  await lookedUp(parts, record);
  if (await isBooked(parts, record)) return 'repaired';
  await redelivered(parts, record);
  if (await isBooked(parts, record)) return 'repaired';
  throw new OutcomeUnknownError('reconciliation: the missed event has not come yet; reconcile again later');
}

/** Asks for the charge. A state that the gateway's report alone has, and that no look-up brings about here, is for people. */
async function resolved(parts: ReconciliationParts, differing: Discrepancy): Promise<RemedyEnd> {
  const record = differing.gateway?.record;
  if (record === undefined)
    throw new OutcomeUnknownError('reconciliation: a row whose state differs was not reported');
  await lookedUp(parts, record);
  if (await isBooked(parts, record)) return 'repaired';
  await paged(parts, differing);
  return 'open';
}

async function paged({ page }: ReconciliationParts, { type, id, gateway, internal }: Discrepancy) {
  await page(`reconciliation: ${type} ${(gateway ?? internal)?.record.gatewayId ?? ''} (${id})`);
}

/** Books a charge that the gateway confirms, on the day of the row: dated today it would be missed on its own day for ever. */
async function lookedUp({ gateway, books }: ReconciliationParts, record: TransactionRecord): Promise<void> {
  const { kind, merchantReference, gatewayId, atMs } = record;
  if (kind !== 'charge' || merchantReference === undefined) return;
  if (!gateway.capabilities.lookup.by.includes('reference')) return;
  const found = await gateway.lookup({ by: 'reference', merchantReference });
  if (found.kind !== 'found' || found.charge.id !== gatewayId || found.charge.capturedMinor === 0) return;
  await books.captured({ ...found.charge, atMs });
}

async function redelivered({ inbox, redeliver, runtime }: ReconciliationParts, record: TransactionRecord) {
  const object = objectOf(record);
  if (object === undefined) return;
  // An event that was given up is here already: sent again it would be a duplicate.
  for (const { id, object: name } of await inbox.deadLetters())
    if (name === `${object.kind}/${encodeURIComponent(object.id)}`) await inbox.requeue(id);
  await redeliver(object);
  for (let wait = 0; wait < waits; wait += 1) {
    await runtime.sleep(waitMs);
    const { done } = await inbox.work();
    if (done > 0) return;
  }
}

function objectOf({ kind, status, gatewayId }: TransactionRecord): GatewayObject | undefined {
  if (gatewayId === undefined) return undefined;
  if (kind === 'charge') return { kind: 'payment', id: gatewayId };
  if (kind === 'adjustment') return { kind: status === 'won' ? 'dispute' : 'refund', id: gatewayId };
  return { kind, id: gatewayId };
}

async function isBooked(
  { ledgerBooks }: ReconciliationParts,
  { kind, status, gatewayId }: TransactionRecord,
): Promise<boolean> {
  const rows = rowsOf(await allEntries(ledgerBooks));
  return rows.some((row) => row.kind === kind && row.status === status && row.gatewayId === gatewayId);
}

/** With the books as they were read before anything was repaired. */
interface FeeParts extends ReconciliationParts {
  readonly entries: readonly PostedEntry[];
}

/** A fee on a movement that both have. */
async function feeBooked(parts: FeeParts, fee: UnbookedFee): Promise<RemedyEnd> {
  const { kind, gatewayId = '' } = fee.gateway.record;
  // Books are only ever added to: a fee that was booked and has changed since is for people.
  if (fee.bookedMinor !== 0 || fee.feeMinor <= 0) {
    await parts.page(`reconciliation: the fee of ${kind} ${gatewayId} has changed (${fee.id})`);
    return 'open';
  }
  const { atMs } = fee.gateway.record;
  return feeOf(parts, {
    operation: feeOperation(kind, gatewayId),
    of: gatewayId,
    amountMinor: fee.feeMinor,
    atMs,
  });
}

/** A fee that the gateway reports in a row of its own, such as that of a dispute. */
async function feeOfItsOwn(parts: FeeParts, record: TransactionRecord): Promise<RemedyEnd> {
  const { gatewayId = '', amountMinor, feeMinor, atMs } = record;
  const takenMinor = feeMinor || Math.abs(amountMinor);
  return feeOf(parts, {
    operation: feeOperation('fee', gatewayId),
    of: gatewayId,
    amountMinor: takenMinor,
    atMs,
  });
}

interface Fee {
  readonly operation: string;
  /** The gateway's id of what it is a fee on. */
  readonly of: string;
  readonly amountMinor: number;
  readonly atMs: number;
}

async function feeOf({ ledgerBooks, books, entries }: FeeParts, fee: Fee): Promise<RemedyEnd> {
  const isOwner = ({ operation, kind }: PostedEntry): boolean => operation === fee.of && kind !== 'fee';
  // What was missed may have been booked by the repair itself.
  const owner = entries.find(isOwner) ?? (await allEntries(ledgerBooks)).find(isOwner);
  const chargeId = owner?.payment?.gatewayId;
  if (chargeId === undefined)
    throw new OutcomeUnknownError(
      'reconciliation: what the fee is on is not booked yet; reconcile again later',
    );
  const { operation, amountMinor, atMs } = fee;
  await books.feeCharged({ id: operation, chargeId, amountMinor, atMs });
  return 'repaired';
}
