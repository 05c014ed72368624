// Holding a saga: the lease as its driver sees it, its renewals, the fence before every send, and the conditional writes.

import { LeaseLostError, StoreUnavailableError } from '../errors/payment-error.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { SagaClaimAnswer, SagaJournal, SagaRecord, SagaWrite, SagaWriteAnswer } from './journal.ts';

/** A saga that this process drives. */
export interface Custody {
  /** The saga as this driver last wrote or read it. */
  readonly record: () => SagaRecord;
  /** The journal's clock at its last answer to a claim or a write. */
  readonly nowMs: () => number;
  /** Aborted with a `LeaseLostError` as soon as somebody else may drive the saga. */
  readonly lost: AbortSignal;
  /** Throws `LeaseLostError` unless the lease is unexpired by the own monotonic clock. */
  readonly fence: () => void;
  /** Writes, and extends the lease. */
  readonly save: (what: Written) => Promise<void>;
  /** Writes, and ends the custody until `dueInMs` from now, or for good. */
  readonly leave: (what: Written & { readonly dueInMs?: number }) => Promise<void>;
  /** Ends its use: no renewal happens any more, and nothing may be sent. */
  readonly close: () => void;
}

/** What a custody needs to know. */
export interface CustodyParts {
  readonly runtime: Runtime;
  readonly journal: SagaJournal;
  readonly leaseMs: number;
  readonly maxRenewals: number;
}

type Written = Pick<SagaWrite, 'state' | 'progress'>;
type Granted = Extract<SagaClaimAnswer, { readonly owned: true }>;

/**
 * Takes up a claim that was asked for at `askedAtMs` of the own monotonic clock. The lease is counted from there: the
 * journal started it later, so the driver always gives up first.
 *
 * `save` and `leave` throw `LeaseLostError` when the write was refused, and `StoreUnavailableError` when the journal did
 * not answer twice: then it may have been written or not, and the saga is left to its lease.
 */
export function takeUp(parts: CustodyParts, claim: Granted, askedAtMs: number): Custody {
  const { runtime, journal, leaseMs, maxRenewals } = parts;
  const { saga, id, token } = claim.record;
  const lost = new AbortController();
  let { record, nowMs } = claim;
  let leaseUntilMs = askedAtMs + leaseMs;
  let renewalsLeft = maxRenewals;
  let open = true;
  let cancelTimer = (): void => {};

  const close = (): void => {
    open = false;
    cancelTimer();
  };
  const lose = (): LeaseLostError => {
    close();
    const error = new LeaseLostError(`saga ${saga} ${id}: somebody else may drive it; nothing more was sent`);
    lost.abort(error);
    return error;
  };
  const schedule = (): void => {
    cancelTimer();
    if (!open) return;
    const leftMs = leaseUntilMs - runtime.monotonicMs();
    cancelTimer = runtime.after(
      renewalsLeft > 0 ? Math.min(leftMs, leaseMs / 2) : leftMs,
      () => void renew(),
    );
  };
  const renew = async (): Promise<void> => {
    const askedMs = runtime.monotonicMs();
    if (!open) return;
    if (askedMs >= leaseUntilMs) return void lose();
    renewalsLeft -= 1;
    schedule();
    try {
      const answer = await journal.renew({ saga, id, token, leaseMs });
      if (!open) return;
      if (!answer.written) return void lose();
      leaseUntilMs = Math.max(leaseUntilMs, askedMs + leaseMs);
      schedule();
    } catch {
      // The lease simply isn't extended; the fence stops the sends once it has run out.
    }
  };
  const write = async (apply: (written: SagaWrite) => Promise<SagaWriteAnswer>, what: Written) => {
    if (!open) throw lose();
    const askedMs = runtime.monotonicMs();
    const { state, progress } = what;
    const written = { saga, id, token, version: record.version + 1, state, progress };
    let answer: SagaWriteAnswer;
    try {
      answer = await twice(() => apply(written));
    } catch (error) {
      // It may have been written, so the version that the next write follows is not known any more.
      lose();
      throw error;
    }
    if (!answer.written || !open) throw lose();
    ({ record, nowMs } = answer);
    leaseUntilMs = Math.max(leaseUntilMs, askedMs + leaseMs);
    renewalsLeft = maxRenewals;
    schedule();
  };
  schedule();

  return {
    record: () => record,
    nowMs: () => nowMs,
    lost: lost.signal,
    fence() {
      if (!open || runtime.monotonicMs() >= leaseUntilMs) throw lose();
    },
    save: (what) => write((written) => journal.save({ ...written, leaseMs }), what),
    async leave({ dueInMs, ...what }) {
      const due = dueInMs === undefined ? {} : { dueInMs };
      await write((written) => journal.leave({ ...written, ...due }), what);
      close();
    },
    close,
  };
}

/** Asks once more when the first answer was lost: every operation of a journal recognises its own repetition. */
export async function twice<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return ask();
  }
}
