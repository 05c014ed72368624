// Undoing one step: attempts, their linear backoff, and what does not count as one.

import {
  CircuitOpenError,
  type PaymentError,
  RateLimitedError,
  ValidationError,
} from '../errors/payment-error.ts';
import { retryAfterMs } from '../resilience/retry-after.ts';
import { attempt, undoCall } from './attempt.ts';
import { stick } from './conclude.ts';
import { type Drive, journalled } from './drive.ts';
import { progressOf } from './resolve-step.ts';
import type { Compensation, Undone } from './step.ts';

/**
 * Attempts a compensation until it succeeds, has to wait, or has failed once more than it is retried; then the step is
 * stuck. A refusal by a breaker or a limiter is no attempt: nothing was sent, so it only delays, and one drive bears
 * as many of them as of failures. What is journalled as failed stays counted through crashes.
 */
export async function undo<Context extends object>(
  drive: Drive<Context>,
  name: string,
  compensate: Compensation<Context>,
): Promise<'settled' | 'accepted' | 'blocked'> {
  const { compensationRetries, compensationDelayMs, leaseMs } = drive.settings;
  let refusals = 0;
  for (;;) {
    const end = await attemptUndo(drive, name, compensate);
    if (end.kind === 'undone') {
      const { error: _, ...known } = progressOf(drive, name);
      drive.changeStep({ ...known, state: 'undone' }, 'undone');
      return 'settled';
    }
    if (end.kind === 'pending') {
      drive.announce('undo-pending', name);
      return end.acknowledged ? 'accepted' : 'blocked';
    }
    const known = { ...progressOf(drive, name), error: journalled(end.error, name) };
    let delayMs: number;
    if (isRefusal(end.error)) {
      refusals += 1;
      delayMs = Math.max(compensationDelayMs * refusals, askedMs(drive, end.error));
      drive.changeStep(known);
      if (refusals > compensationRetries || delayMs > leaseMs / 2) return 'blocked';
    } else {
      const tries = known.tries + 1;
      delayMs = compensationDelayMs * tries;
      drive.changeStep({ ...known, tries }, 'undo-failed');
      if (tries > compensationRetries) {
        stick(drive, name);
        return 'settled';
      }
    }
    await drive.save();
    await drive.pause(delayMs);
  }
}

type Ending = Undone | { readonly kind: 'failed'; readonly error: unknown };

async function attemptUndo<Context extends object>(
  drive: Drive<Context>,
  name: string,
  compensate: Compensation<Context>,
): Promise<Ending> {
  const answer = await attempt(drive, {
    step: name,
    direction: 'undo',
    run: (context, call) => compensate(context, undoCall(drive, name, call)),
  });
  if (answer.kind === 'threw') return { kind: 'failed', error: answer.error };
  // A compensation that says nothing may not have waited for what it began.
  if (answer.value?.kind === 'undone' || answer.value?.kind === 'pending') return answer.value;
  const rule = "answer { kind: 'undone' } once it has succeeded, or { kind: 'pending' }";
  return { kind: 'failed', error: new ValidationError(`saga step ${name}: its compensation has to ${rule}`) };
}

function isRefusal(error: unknown): error is PaymentError {
  return error instanceof CircuitOpenError || error instanceof RateLimitedError;
}

function askedMs<Context extends object>({ settings }: Drive<Context>, { retryAfter }: PaymentError): number {
  return retryAfterMs(retryAfter, settings.runtime.wallMs()) ?? 0;
}
