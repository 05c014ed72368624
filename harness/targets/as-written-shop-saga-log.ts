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
 * Inserts the row. Weaknesses: the log is written and never read, so an order whose process died stays as it stood (L3);
 * and whether a line was written is not looked at.
 */
export async function sagaRow(journal: SagaJournal, { id, order }: SagaOf): Promise<SagaRow> {
  const progressOf = (steps: readonly LoggedStep[]): string =>
    encodeProgress({
      context: { order },
      steps: steps.map((step) => ({ ...step, tries: 0 })),
      notes: {},
      idle: 0,
    });
  const name = { saga: 'checkout', id };
  const opening = { ...name, attemptId: id, leaseMs, fingerprint: order, progress: progressOf([]) };
  const { record } = await journal.open(opening);
  const token = record?.token ?? 1;
  let version = 0;
  return async (state, steps) => {
    version += 1;
    const line = { ...name, token, version, state, progress: progressOf(steps) };
    if (state === 'RUNNING' || state === 'COMPENSATING') await journal.save({ ...line, leaseMs });
    else await journal.leave(line);
  };
}
