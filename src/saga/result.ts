// How a saga ended, read from its journal: the same however often and by whom it is asked.

import { OutcomeUnknownError, type PaymentError, SagaCompensationError } from '../errors/payment-error.ts';
import { deserialiseError } from '../errors/serialise.ts';
import { isWaiting } from './attempt.ts';
import type { SagaRecord, SagaState } from './journal.ts';
import { decodeProgress } from './progress.ts';

/** Where a saga stands. */
export interface SagaResult<Context> {
  /** `RUNNING` and `COMPENSATING` are no ends: recovery, or the same id asked again, goes on. */
  readonly state: SagaState;
  /** The first context with the results of the steps merged into it. */
  readonly context: Context;
  /** Names of the steps that happened, in order, whether they were undone or not. */
  readonly completed: readonly string[];
  /** Names of the steps whose compensation succeeded, in the order in which they are undone. */
  readonly compensated: readonly string[];
  /** Why it turned back, is stuck, or waits; absent of a completed saga. */
  readonly error?: PaymentError;
}

/** Whether nothing can follow any more: what failed to be undone may yet be repaired. */
export function hasEnded({ state }: Pick<SagaRecord, 'state'>): boolean {
  return state === 'COMPLETED' || state === 'COMPENSATED';
}

/** What the journal says of a saga. */
export function resultOf<Context>({ state, progress }: SagaRecord): SagaResult<Context> {
  const { context, steps, failure } = decodeProgress(progress);
  const named = (wanted: readonly string[]): string[] =>
    steps.filter((step) => wanted.includes(step.state)).map(({ name }) => name);
  const why = failure ?? (state === 'COMPLETED' ? undefined : steps.findLast(({ error }) => error)?.error);
  return {
    state,
    context: context as Context,
    completed: named(['done', 'undoing', 'undone']),
    compensated: named(['undone']).reverse(),
    ...(why === undefined ? {} : { error: deserialiseError(why) }),
  };
}

/**
 * Returns when the saga has completed.
 *
 * @throws SagaCompensationError in FAILED_COMPENSATION, with what went wrong as its cause; the failing step's own error
 * in COMPENSATED; what a running saga waits for when that is the payer or the gateway; else OutcomeUnknownError for a
 * saga that has not ended: ask again with the same id.
 */
export function assertSagaSucceeded({ state, error }: SagaResult<unknown>): void {
  const cause = error === undefined ? {} : { cause: error };
  switch (state) {
    case 'COMPLETED':
      return;
    case 'FAILED_COMPENSATION':
      throw new SagaCompensationError(
        'the saga is neither finished nor undone; people were called, and its repair goes on with it',
        cause,
      );
    case 'COMPENSATED':
      throw error ?? new OutcomeUnknownError('the saga was undone, and its journal does not say why');
    case 'COMPENSATING':
      throw new OutcomeUnknownError('the saga is still being undone; ask again with the same id', cause);
    case 'RUNNING':
      if (error !== undefined && isWaiting(error)) throw error;
      throw new OutcomeUnknownError('the saga is still under way; ask again with the same id', cause);
  }
}
