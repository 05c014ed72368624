// What a reconciliation has to come to, by the rows that were there to be read and the ledger as it stood: a second matching, by what moved
// and nothing else, that shares no code with the one that is judged. Where several movements look alike it knows bounds only.

import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import type { History } from '../history/history.ts';
import { bookedFacts, movedMinor, type Transition, transitionOf } from './booked-facts.ts';
import type { ReconcileRun } from './reconcile-runs.ts';

/** How many discrepancies of a type there must be at least, and may be at most. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** See the file comment. */
export interface Expected {
  /** At least the movements with one row and one entry that say the same. */
  readonly matched: Bounds;
  /** Of movements that only the ledger has. */
  readonly missingGateway: Bounds;
  readonly notYetDue: Pick<Bounds, 'most'>;
  readonly missingInternal: Bounds;
  readonly amountMismatch: Bounds;
  readonly statusMismatch: Bounds;
}

/** How much later than the ledger a gateway reports a card payment: two days, in which they settle. */
const settlementLagMs = 172_800_000;

const dayMs = 86_400_000;

/** What the wall clock of a world says at virtual time 0. */
const startOfTimeMs = Date.parse('2026-01-01T00:00:00Z');

/** How long after it was asked for a reconciliation may look at the clock: nobody waits for longer, milliseconds. */
const patienceMs = 60_000;

/** How wrong a process's wall clock may be at most, either way. */
function clockErrorMs({ terms, incidents }: History): number {
  const skews = Object.values(terms.clockSkewMs ?? {}).map(Math.abs);
  const jumps = incidents.map(({ kind, ms = 0 }) => (kind === 'clock-jumped' ? Math.abs(ms) : 0));
  return Math.max(0, ...skews) + jumps.reduce((sum, ms) => sum + ms, 0);
}

/** Everything about one transition of one object. */
interface Movement {
  readonly rows: TransactionRecord[];
  readonly entries: PostedEntry[];
}

/** What `run` has to come to; it must have been alone, for what others book meanwhile it may have seen or not. */
export function expectedOf(history: History, run: ReconcileRun): Expected {
  const fromMs = Date.parse(`${run.day}T00:00:00Z`);
  const isOfDay = (atMs: number): boolean => atMs >= fromMs && atMs < fromMs + dayMs;
  const nowMs = startOfTimeMs + run.crossing.called.atMs;
  const slackMs = clockErrorMs(history);
  const isDue = ({ occurredAtMs }: PostedEntry): boolean => occurredAtMs + settlementLagMs + slackMs <= nowMs;
  const mayBeDue = ({ occurredAtMs }: PostedEntry): boolean =>
    occurredAtMs + settlementLagMs - slackMs - patienceMs <= nowMs;
  const sum = {
    matched: 0,
    alike: 0,
    leastMissing: 0,
    mostMissing: 0,
    early: 0,
    internal: 0,
    leastInternal: 0,
    mayDiffer: 0,
  };
  const certain = { amount: 0, status: 0 };
  for (const { rows, entries } of movementsOf(history, run).values()) {
    const own = entries.filter(({ occurredAtMs }) => isOfDay(occurredAtMs));
    const theirs = rows.filter(({ atMs }) => isOfDay(atMs));
    const lonely = Math.min(own.length, Math.max(0, entries.length - rows.length));
    const pairs = Math.min(own.length, rows.length);
    sum.mostMissing += Math.min(lonely, own.filter(mayBeDue).length);
    if (!own.every(isDue)) sum.early += lonely;
    // The second of two is a duplicate.
    if (rows.length === 0 && own.length === entries.length && own.every(isDue))
      sum.leastMissing += Math.min(1, lonely);
    sum.internal += Math.min(theirs.length, Math.max(0, rows.length - entries.length));
    const isPair = rows.length === 1 && entries.length === 1 && own.length === 1;
    const difference = isPair ? differenceOf(rows[0], entries[0]) : undefined;
    if (difference === undefined) sum.matched += pairs;
    else certain[difference] += 1;
    if (!isPair) sum.mayDiffer += pairs;
    else if (difference === undefined && theirs.length === 1) sum.alike += 1;
    if (entries.length === 0 && theirs.length > 0 && theirs.length === rows.length) sum.leastInternal += 1;
  }
  const fees = run.known.filter(({ kind }) => !moving.has(kind)).length;
  return {
    matched: { least: sum.alike, most: sum.matched + fees },
    missingGateway: { least: sum.leastMissing, most: sum.mostMissing },
    notYetDue: { most: sum.early },
    missingInternal: { least: sum.leastInternal, most: sum.internal + fees },
    amountMismatch: { least: certain.amount, most: certain.amount + sum.mayDiffer },
    statusMismatch: { least: certain.status, most: certain.status + sum.mayDiffer },
  };
}

const moving: ReadonlySet<string> = new Set(['charge', 'refund', 'dispute', 'adjustment']);

const transitions: Readonly<Record<string, Transition>> = {
  charge: 'captured',
  refund: 'refunded',
  dispute: 'disputed',
};

function movementsOf(
  history: History,
  { crossing, known: read }: ReconcileRun,
): ReadonlyMap<string, Movement> {
  const movements = new Map<string, Movement>();
  const at = (transition: string, object: string): Movement => {
    const key = `${transition} ${object}`;
    const known = movements.get(key) ?? { rows: [], entries: [] };
    movements.set(key, known);
    return known;
  };
  for (const row of read) {
    if (!moving.has(row.kind)) continue;
    const back = row.status === 'won' ? 'dispute-won' : 'refund-failed';
    at(transitions[row.kind] ?? back, row.gatewayId ?? '').rows.push(row);
  }
  const { facts, strays } = bookedFacts(history);
  const wasThere = ({ postedAtMs }: PostedEntry): boolean => postedAtMs <= crossing.called.atMs;
  for (const { transition, object, entries } of facts) {
    const known = entries.filter(wasThere);
    if (known.length > 0) at(transition, object).entries.push(...known);
  }
  for (const entry of strays)
    if (wasThere(entry)) at(transitionOf(entry) ?? '', entry.operation ?? entry.key).entries.push(entry);
  return movements;
}

/** Where the amount differs, nothing is said of the status. */
function differenceOf(
  row: TransactionRecord | undefined,
  entry: PostedEntry | undefined,
): 'amount' | 'status' | undefined {
  if (row === undefined || entry === undefined) return undefined;
  const { currency } = entry.postings[0] ?? {};
  if (Math.abs(row.amountMinor) !== movedMinor(entry) || row.currency !== currency) return 'amount';
  const booked = statuses[row.kind];
  return booked === undefined || booked === row.status ? undefined : 'status';
}

/** What a row says of a movement that is booked. */
const statuses: Readonly<Record<string, string>> = {
  charge: 'captured',
  refund: 'succeeded',
  dispute: 'opened',
};
