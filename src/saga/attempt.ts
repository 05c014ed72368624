// One call of a step's own code: what it is told, and how it ended.

import { AuthenticationRequiredError, LeaseLostError, PaymentPendingError } from '../errors/payment-error.ts';
import type { Drive } from './drive.ts';
import { firstAbort } from './first-abort.ts';
import { throughJson } from './progress.ts';
import type { StepCall, UndoCall } from './step.ts';
import { operationKey } from './step-key.ts';

/** How an attempt ended. */
export type Attempted<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'threw'; readonly error: unknown };

/** What to attempt, and on whose behalf. */
export interface Attempt<Context, Value> {
  readonly step: string;
  /** Executing and resolving share a key; undoing has its own. */
  readonly direction: 'do' | 'undo';
  /** Gives the attempt up; what it may have sent is then unknown. */
  readonly cancel?: AbortSignal;
  readonly run: (context: Context, call: StepCall) => Promise<Value>;
}

/**
 * Calls a step's code with the context as the journal holds it. It ends at once when the saga is lost or the attempt
 * cancelled, whether the code heeds its signal or not; its fence is closed from then on.
 *
 * Throws `LeaseLostError` when the saga is lost: whatever the code answered is not this driver's to use.
 */
export async function attempt<Context extends object, Value>(
  { settings, custody, progress }: Drive<Context>,
  { step, direction, cancel, run }: Attempt<Context, Value>,
): Promise<Attempted<Value>> {
  const key = operationKey(settings.name, custody.record().id, step, direction);
  const { signal, release } = firstAbort(custody.lost, cancel);
  let open = true;
  const fence = (): void => {
    if (!open) throw new LeaseLostError(`saga step ${step}: this attempt is over; nothing was sent`);
    custody.fence();
  };
  const call: StepCall = {
    idempotencyKey: key,
    merchantReference: key,
    signal,
    fence,
    nowMs: custody.nowMs(),
  };
  try {
    const value = await unlessAborted(signal, async () => {
      signal.throwIfAborted();
      return run(throughJson(progress().context) as Context, call);
    });
    custody.lost.throwIfAborted();
    return { kind: 'answered', value };
  } catch (error) {
    custody.lost.throwIfAborted();
    return { kind: 'threw', error };
  } finally {
    open = false;
    release();
  }
}

/** What a compensation is told besides. */
export function undoCall<Context extends object>(
  drive: Drive<Context>,
  step: string,
  call: StepCall,
): UndoCall {
  const { settings, custody, progress, change, save } = drive;
  return {
    ...call,
    stepKey: operationKey(settings.name, custody.record().id, step, 'do'),
    recall: (subject) => {
      const { notes } = progress();
      return Object.hasOwn(notes, subject) ? throughJson(notes[subject]) : undefined;
    },
    async keep(subject, value) {
      call.fence();
      change({ ...progress(), notes: { ...progress().notes, [subject]: throughJson(value) } });
      await save();
    },
  };
}

/** The request was answered, but the payment goes on: the payer or the gateway has yet to decide. */
export function isWaiting(error: unknown): boolean {
  return error instanceof AuthenticationRequiredError || error instanceof PaymentPendingError;
}

/** Does `work`, and rejects with the signal's reason as soon as that is aborted, whether the work heeds it or not. */
export function unlessAborted<Value>(signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', giveUp));
  });
}
