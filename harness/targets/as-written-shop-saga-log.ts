// The saga log of the blog posts: one row for each order, with its status and the names of the steps that were done.

import type { SagaJournal, SagaState } from '../../src/saga/journal.ts';
import { encodeProgress, type StepProgress } from '../../src/saga/progress.ts';

/** How a step stands in the log: there is no word for one that was begun. */
export interface LoggedStep {
  readonly name: string;
  readonly state: Extract<StepProgress['state'], 'done' | 'undone'>;
}

/** Writes how an order stands into its row. Rejects when the log cannot be reached. */
export type SagaRow = (state: SagaState, steps: readonly LoggedStep[]) => Promise<void>;

/** Names the saga, and the order that it is about. */
export interface SagaOf {
  readonly id: string;
  readonly order: string;
}

/** The store wants to be told how long nobody else may go on with the order. Nobody else ever does. */
const leaseMs = 60_000;

/**
 * Inserts the row. Weaknesses: it is read only to be overwritten, so an order whose process died stays as it stood (L3); and
 * whether a line was written is not looked at.
 */
export async function sagaRow(journal: SagaJournal, { id, order }: SagaOf): Promise<SagaRow> {
  const name = { saga: 'checkout', id };
  const progressOf = (steps: readonly LoggedStep[]): string => {
    const logged = steps.map((step) => ({ ...step, tries: 0 }));
    return encodeProgress({ context: { order }, steps: logged, notes: {}, idle: 0 });
  };
  await journal.open({ ...name, attemptId: id, leaseMs, fingerprint: order, progress: progressOf([]) });
  return async (state, steps) => {
    const { token = 1, version = 0 } = (await journal.read(name)) ?? {};
    const line = { ...name, token, version: version + 1, state, progress: progressOf(steps) };
    if (state === 'RUNNING' || state === 'COMPENSATING') await journal.save({ ...line, leaseMs });
    else await journal.leave(line);
  };
}
