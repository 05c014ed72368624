// Takes care of what a reconciliation found: each discrepancy once, however often it is found and whoever crashes.
//
// A remedy runs while its ticket is held, and the ticket is left only afterwards. A crash in between lets the remedy run
// again under the same idempotency key, which is why a remedy must give that key to whatever it changes.

import type { Chance, Clock } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { Discrepancy } from './discrepancy.ts';
import type { Remedies, RemedyCall, RemedyEnd } from './remedies.ts';
import type { ReconciliationReport, UnbookedFee } from './report.ts';
import type { TicketAnswer, TicketStore } from './ticket-store.ts';

/** What {@link repair} works with. */
export interface RepairOptions {
  readonly runtime: Pick<Chance, 'id'> & Pick<Clock, 'monotonicMs'>;
  readonly tickets: TicketStore;
  readonly remedies: Remedies;
  /** How long a remedy may take before another process may run it as well. Default 60 000. */
  readonly leaseMs?: number;
}

/** What a repair did. Ids of discrepancies and fees, in the order of the report, each in one list. */
export interface RepairReport {
  /** Taken care of just now. */
  readonly repaired: readonly string[];
  /** Taken care of by an earlier repair. Found again in a fresh report, they have come back: look into them. */
  readonly repairedBefore: readonly string[];
  /** Left to people, who were told just now or before. */
  readonly open: readonly string[];
  readonly notYetDue: readonly string[];
  /** Being worked on by somebody else. */
  readonly busy: readonly string[];
  /** Their remedy failed, or the ticket store did; the next run tries again. */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
}

/**
 * Applies the remedies to what a report found. Repairing the same report again has no new effect, and once the remedies
 * have worked a fresh report holds only what is open or not yet due.
 *
 * A discrepancy that a row which can't be read may explain is left open without a remedy other than `page`: booking what
 * is missing could book it twice.
 *
 * @throws ValidationError when an option is unusable.
 */
export async function repair(
  report: Pick<ReconciliationReport, 'discrepancies' | 'fees'>,
  options: RepairOptions,
): Promise<RepairReport> {
  const settings = validated(options);
  const { bookFee, page } = settings.remedies;
  const done = outcomes();
  for (const found of report.discrepancies) {
    if (found.type === 'NOT_YET_DUE') {
      done.notYetDue.push(found.id);
      continue;
    }
    const remedy = found.hiddenBy === undefined ? settings.remedies[found.type] : page;
    await settle(done, settings, { id: found.id, type: found.type, remedy: (call) => remedy(found, call) });
  }
  if (bookFee === undefined) return done;
  for (const fee of report.fees)
    await settle(done, settings, { id: fee.id, type: 'FEE', remedy: (call) => bookFee(fee, call) });
  return done;
}

type Outcomes = { [Name in keyof RepairReport]: RepairReport[Name][number][] };

interface Task {
  readonly id: Discrepancy['id'] | UnbookedFee['id'];
  readonly type: string;
  readonly remedy: (call: RemedyCall) => Promise<RemedyEnd>;
}

function outcomes(): Outcomes {
  return { repaired: [], repairedBefore: [], open: [], notYetDue: [], busy: [], failed: [] };
}

async function settle(done: Outcomes, settings: Required<RepairOptions>, task: Task): Promise<void> {
  const { id } = task;
  try {
    done[await worked(settings, task)].push(id);
  } catch (error) {
    done.failed.push({ id, error });
  }
}

async function worked(
  { runtime, tickets, leaseMs }: Required<RepairOptions>,
  { id, type, remedy }: Task,
): Promise<'repaired' | 'repairedBefore' | 'open' | 'busy'> {
  const askedAtMs = runtime.monotonicMs();
  const { taken, ticket } = await takeTwice(tickets, { id, type, attemptId: runtime.id('repair'), leaseMs });
  if (!taken) return ticket.state === 'CLOSED' ? 'repairedBefore' : ticket.state === 'OPEN' ? 'open' : 'busy';
  // Whoever stalled for longer than the lease must not begin: another process may be at it.
  if (runtime.monotonicMs() - askedAtMs >= leaseMs) return 'busy';
  const { token } = ticket;
  let end: RemedyEnd;
  try {
    end = ended(await remedy({ idempotencyKey: `repair/${id}` }));
  } catch (error) {
    // If this is lost as well, the lease ends and the next run tries again.
    await tickets.leave({ id, token, state: 'RETRY' }).catch(() => false);
    throw error;
  }
  const isLeft = await tickets.leave({ id, token, state: end === 'repaired' ? 'CLOSED' : 'OPEN' });
  return isLeft ? end : 'busy';
}

/** Takes, and once more if the reply was lost: the same attempt recognises the ticket as its own. */
async function takeTwice(
  tickets: TicketStore,
  request: Parameters<TicketStore['take']>[0],
): Promise<TicketAnswer> {
  try {
    return await tickets.take(request);
  } catch {
    return tickets.take(request);
  }
}

function ended(end: unknown): RemedyEnd {
  if (end === 'repaired' || end === 'open') return end;
  throw new TypeError("a remedy must answer 'repaired' or 'open'; whatever it did will be tried again");
}

const check = optionCheck('repair');

function validated(options: RepairOptions): Required<RepairOptions> {
  const settled = { leaseMs: 60_000, ...options };
  check.runtime(settled.runtime, ['id', 'monotonicMs']);
  check.span('leaseMs', settled.leaseMs);
  for (const method of ['take', 'leave'] as const)
    check.callback(`tickets.${method}`, settled.tickets?.[method]);
  const { bookFee, ...remedies } = settled.remedies;
  for (const [name, remedy] of Object.entries(remedies)) check.callback(`remedies.${name}`, remedy);
  if (bookFee !== undefined) check.callback('remedies.bookFee', bookFee);
  return settled;
}
