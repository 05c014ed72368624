// Driving one saga: what the two directions share. Progress changes in memory first, and only a write makes it true:
// whoever acts on a change writes it before.

import { PaymentError } from '../errors/payment-error.ts';
import { type SerialisedError, serialiseError } from '../errors/serialise.ts';
import { quietly } from '../resilience/quietly.ts';
import type { Custody } from './custody.ts';
import type { SagaEvent } from './event.ts';
import { firstAbort } from './first-abort.ts';
import type { SagaState } from './journal.ts';
import type { SagaSettings } from './options.ts';
import type { SagaProgress, StepProgress } from './progress.ts';
import { encodeProgress, withStep } from './progress.ts';

/** A saga on its way. */
export interface Drive<Context extends object> {
  readonly settings: SagaSettings<Context>;
  readonly custody: Custody;
  /** The progress as it was taken up. */
  readonly first: SagaProgress;
  /** The progress as it will be written next. */
  readonly progress: () => SagaProgress;
  /** Changes the progress in memory. */
  readonly change: (next: SagaProgress) => void;
  /** Changes what is known of one step, and announces it with the next write. */
  readonly changeStep: (step: StepProgress, kind?: SagaEvent['kind']) => void;
  /** Announces a transition with the next write. */
  readonly announce: (kind: SagaEvent['kind'], step?: string) => void;
  /** Writes the progress, in the same state or in `state`. */
  readonly save: (state?: SagaState) => Promise<void>;
  /** Writes the progress in `state` and gives the saga up. */
  readonly leave: (state: SagaState, dueInMs?: number) => Promise<void>;
  /** Waits. Throws `LeaseLostError` when the saga is lost meanwhile; ends early when `cancel` is aborted. */
  readonly pause: (ms: number, cancel?: AbortSignal) => Promise<void>;
}

/** A drive over a saga that was taken up. Writes happen one after the other, in the order asked for. */
export function driveOf<Context extends object>(
  settings: SagaSettings<Context>,
  custody: Custody,
  first: SagaProgress,
): Drive<Context> {
  let progress = first;
  let untold: Pick<SagaEvent, 'kind' | 'step'>[] = [];
  let writing: Promise<unknown> = Promise.resolve();

  const tell = (): void => {
    const told = untold;
    untold = [];
    const { saga, id, token, state } = custody.record();
    for (const event of told) quietly(settings.observe, { saga, id, token, state, ...event });
  };
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    const turn = writing.then(write);
    writing = turn.catch(() => undefined);
    return turn.then(tell);
  };
  const announce = (kind: SagaEvent['kind'], step?: string): void =>
    void untold.push(step === undefined ? { kind } : { kind, step });

  return {
    settings,
    custody,
    first,
    progress: () => progress,
    change: (next) => {
      progress = next;
    },
    changeStep(step, kind) {
      progress = withStep(progress, step);
      if (kind === undefined) return;
      announce(kind, step.name);
      if (kind === 'done' || kind === 'not-done' || kind === 'undone') progress = { ...progress, idle: 0 };
    },
    announce,
    save: (state) =>
      inTurn(() =>
        custody.save({ state: state ?? custody.record().state, progress: encodeProgress(progress) }),
      ),
    leave(state, dueInMs) {
      announce('left');
      const due = dueInMs === undefined ? {} : { dueInMs };
      return inTurn(() => custody.leave({ state, progress: encodeProgress(progress), ...due }));
    },
    async pause(ms, cancel) {
      const { signal, release } = firstAbort(custody.lost, cancel);
      try {
        await settings.runtime.sleep(ms, signal);
      } catch {
        custody.lost.throwIfAborted();
      } finally {
        release();
      }
    },
  };
}

/** Whether the present round has lasted so long that people have to be called. */
export function isHopeless<Context extends object>({ settings, custody, progress }: Drive<Context>): boolean {
  const sinceMs = progress().roundAtMs ?? custody.record().startedAtMs;
  return custody.nowMs() - sinceMs >= settings.repairAfterMs;
}

/** An error as it is journalled. Of what is no `PaymentError` only the kind: its text may hold what no journal should. */
export function journalled(error: unknown, where: string): SerialisedError {
  if (error instanceof PaymentError) return serialiseError(error);
  const what = error instanceof Error ? error.name : typeof error;
  const kind = { code: 'error', retriable: false, effect: 'unknown' } as const;
  return serialiseError(new PaymentError(`${where} threw a ${what}, which is no PaymentError`, kind));
}
