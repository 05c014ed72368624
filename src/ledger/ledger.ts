// Writing the books: everything is checked before the store sees it, and the store commits it as one.

import { IdempotencyConflictError, ValidationError } from '../errors/payment-error.ts';
import { hashPayload } from '../idempotency/fingerprint.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { checkedName } from './checked-name.ts';
import { chartOf, checkedEntry, type Entry } from './entry.ts';
import type { EntryWrite, EventWrite, LedgerStore, UnitOutcome, UnitWrite } from './ledger-store.ts';

/** Something that others have to be told once it is true. */
export interface LedgerEvent {
  /** Unique, and the same when the unit is committed again: derive it from the effect. */
  readonly id: string;
  readonly type: string;
  /** What it is about, such as a payment's reference; its events are delivered in order. */
  readonly aggregate: string;
  /** Plain data that JSON can hold. Tokens only, never card data. */
  readonly payload: unknown;
}

/** What has to become true together: money in the books, the mark that it happened, and the news of it. */
export interface UnitOfWork {
  /**
   * Names the effect as (object, transition), such as `re_1/succeeded`. It happens once, whatever tells of it how
   * often: a unit whose effect has happened changes nothing.
   */
  readonly effect: string;
  readonly entries: readonly Entry[];
  readonly events: readonly LedgerEvent[];
}

/** Writes to the books. */
export interface Ledger {
  /**
   * Commits all units in their order, or none of them, and tells what was new. Safe to repeat when it is not known
   * whether it was applied.
   *
   * @throws ValidationError for bad input; nothing was written.
   * @throws IdempotencyConflictError when an entry's key or an event's id stands for something else already; nothing
   * was written.
   * @throws StoreUnavailableError when the store did not answer; repeat the same call.
   */
  commit(units: readonly UnitOfWork[]): Promise<readonly UnitOutcome[]>;
  /** Commits one entry and the events that tell of it, with the entry's key for the effect. Throws as `commit`. */
  post(entry: Entry, events?: readonly LedgerEvent[]): Promise<UnitOutcome>;
}

/** Options of {@link ledger}. */
export interface LedgerOptions {
  readonly store: LedgerStore;
  /** Accounts besides the standard ones. */
  readonly accounts?: readonly string[];
}

/**
 * A double-entry ledger over `store`, append-only, with a transactional outbox: one commit holds entries, the mark of
 * the effect and events, and is atomic.
 *
 * @throws ValidationError when an account has no usable name.
 */
export function ledger({ store, accounts = [] }: LedgerOptions): Ledger {
  const chart = chartOf(accounts);
  const commit: Ledger['commit'] = async (units) => {
    if (!Array.isArray(units)) throw new ValidationError('ledger: pass the units of work as an array');
    if (units.length === 0) return [];
    const answer = await store.commit(units.map((unit: UnitOfWork) => written(unit, chart)));
    if (answer.committed) return answer.outcomes;
    const { kind, name } = answer.conflict;
    throw new IdempotencyConflictError(
      `ledger: ${kind} ${name} stands with other content already; nothing was committed. Leave what is posted, and ` +
        'post a correction under a name of its own',
    );
  };
  return {
    commit,
    async post(entry, events = []) {
      const [outcome] = await commit([{ effect: entry?.key, entries: [entry], events }]);
      return outcome as UnitOutcome;
    },
  };
}

function written(unit: UnitOfWork, chart: ReadonlySet<string>): UnitWrite {
  const name = checkedName('unit of work', 'effect', unit?.effect);
  const { entries, events } = unit;
  if (!Array.isArray(entries) || !Array.isArray(events)) {
    throw new ValidationError(`unit of work ${name}: pass its entries and its events as arrays`);
  }
  return {
    effect: name,
    entries: entries.map((entry: Entry) => fingerprinted(checkedEntry(entry, chart))),
    events: events.map(eventWrite),
  };
}

function fingerprinted(entry: Entry): EntryWrite {
  const { key: _, occurredAtMs: __, ...content } = entry;
  return { ...entry, fingerprint: hashPayload(content) };
}

function eventWrite(event: LedgerEvent): EventWrite {
  const id = checkedName('event', 'id', event?.id);
  const type = checkedName(`event ${id}`, 'type', event.type);
  const aggregate = checkedName(`event ${id}`, 'aggregate', event.aggregate);
  const payload = canonicalJson(event.payload);
  return { id, type, aggregate, payload, fingerprint: hashPayload({ type, aggregate, payload }) };
}
