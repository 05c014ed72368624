// Compares our book with the gateway's report for a window of time.

import { ValidationError } from '../errors/payment-error.ts';
import type { Clock } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { RowSource } from './book.ts';
import { type Discrepancy, type DiscrepancyType, discrepanciesOf, discrepancyTypes } from './discrepancy.ts';
import type { JoinEngine } from './join-engine.ts';
import { memoryJoinEngine } from './memory-join-engine.ts';
import { type HandlerFailure, type ReconciliationReport, reportOf } from './report.ts';
import { checkedWindow, type Window } from './window.ts';

const check = optionCheck('reconciler');

/** Options of {@link reconciler}. */
export interface ReconcilerOptions<Source> {
  readonly runtime: Pick<Clock, 'wallMs'>;
  /**
   * How much later than our book the gateway may report a movement. A younger row that it lacks is `NOT_YET_DUE`.
   * Default 172 800 000: two days, in which card payments settle.
   */
  readonly settlementLagMs?: number;
  /** What joins the books. Default: in memory. */
  readonly engine: JoinEngine<Source>;
}

/** What to reconcile. */
export interface Reconciliation<Source> {
  /**
   * Both books, read from a lag before the window to a lag after it (see `widened`): the gateway may date a movement on
   * the next day. Rows outside the window serve as partners only; they are judged in the run over their own window.
   */
  readonly internal: Source;
  readonly gateway: Source;
  readonly window: Window;
  /** Up to when the gateway's report is complete, milliseconds since the epoch. Default: now. */
  readonly asOfMs?: number;
}

/** Compares two books. */
export interface Reconciler<Source> {
  /** Reports what differs. Rejects when a book can't be read to its end; rows that make no sense are reported. */
  reconcile(books: Reconciliation<Source>): Promise<ReconciliationReport>;
  /**
   * Has `handler` told of each discrepancy of a type, in every run that finds it, in the order of the report and one
   * after the other; the returned function ends that. Use `repair` for what must happen once.
   *
   * @throws ValidationError for a type that there is none of.
   */
  on(type: DiscrepancyType, handler: (discrepancy: Discrepancy) => unknown): () => void;
}

/** A reconciler over iterables and async iterables. */
export function reconciler(options: Omit<ReconcilerOptions<RowSource>, 'engine'>): Reconciler<RowSource>;
/**
 * A reconciler over what an engine of your own reads.
 *
 * @throws ValidationError when an option is unusable.
 */
export function reconciler<Source>(options: ReconcilerOptions<Source>): Reconciler<Source>;
export function reconciler<Source>({
  runtime,
  settlementLagMs: lagMs = 172_800_000,
  engine = memoryJoinEngine() as JoinEngine<unknown>,
}: Partial<ReconcilerOptions<Source>>): Reconciler<Source> {
  check.runtime(runtime, ['wallMs']);
  check.callback('engine.join', engine?.join);
  if (!Number.isSafeInteger(lagMs) || lagMs < 0)
    throw new ValidationError(`reconciler: settlementLagMs must be whole milliseconds ≥ 0, got ${lagMs}`);
  const handlers = new Set<Subscription>();

  return {
    async reconcile({ internal, gateway, window, asOfMs = runtime?.wallMs() ?? Number.NaN }) {
      checkedWindow(window);
      if (!Number.isFinite(asOfMs))
        throw new ValidationError(`reconcile: asOfMs must be an instant in milliseconds, got ${asOfMs}`);
      const joined = await engine.join({ internal, gateway, window });
      const discrepancies = discrepanciesOf(joined, { asOfMs, lagMs });
      const handlerFailures = await tell([...handlers], discrepancies);
      return reportOf(joined, { window, discrepancies, handlerFailures });
    },
    on(type, handler) {
      check.choice('type', type, discrepancyTypes);
      check.callback('handler', handler);
      const subscription = { type, handler };
      handlers.add(subscription);
      return () => void handlers.delete(subscription);
    },
  };
}

interface Subscription {
  readonly type: DiscrepancyType;
  readonly handler: (discrepancy: Discrepancy) => unknown;
}

/** Tells every handler, whatever becomes of the others. */
async function tell(
  handlers: readonly Subscription[],
  discrepancies: readonly Discrepancy[],
): Promise<readonly HandlerFailure[]> {
  const failures: HandlerFailure[] = [];
  for (const discrepancy of discrepancies) {
    for (const { type, handler } of handlers) {
      if (type !== discrepancy.type) continue;
      try {
        await handler(discrepancy);
      } catch (error) {
        failures.push({ id: discrepancy.id, error });
      }
    }
  }
  return failures;
}
