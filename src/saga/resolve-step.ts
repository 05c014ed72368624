// Finding out what became of a step that was begun and not recorded: it is resolved, never assumed.

import { effectOf } from '../errors/join.ts';
import { OutcomeUnknownError, PaymentError } from '../errors/payment-error.ts';
import { type Attempted, attempt, isWaiting } from './attempt.ts';
import { type Drive, journalled } from './drive.ts';
import type { StepProgress } from './progress.ts';
import type { OnUnknown, Resolved, SagaStep } from './step.ts';

/** What is known of a step after an attempt at it. */
export type StepFate =
  /** It happened; `value` is what it answered. */
  | { readonly kind: 'done'; readonly value: unknown }
  /**
   * It never happened, and whatever was sent for it never will. `error` says why, if anything does. `doubtful` when
   * only the refusal of a repeated key says so: a compensation, which tolerates that it never happened, is made for it.
   */
  | { readonly kind: 'not-done'; readonly error?: unknown; readonly doubtful?: true }
  /** `sent`: whether the attempt itself may have sent something. */
  | { readonly kind: 'unknown'; readonly error: unknown; readonly sent: boolean };

/** How to attempt a step. */
export interface StepAttempt<Context> {
  readonly step: SagaStep<Context>;
  /** Whether earlier attempts are proven to have left nothing behind. */
  readonly clean: boolean;
  readonly cancel?: AbortSignal;
}

/**
 * Attempts a step: executes it where that is safe, else asks its `resolve`. A passing failure without effect proves
 * nothing of earlier attempts, and a demand for authentication is no failure of the payment.
 */
export async function attemptStep<Context extends object>(
  drive: Drive<Context>,
  { step, clean, cancel }: StepAttempt<Context>,
): Promise<StepFate> {
  if (!clean && step.onUnknown === 'resolve') return asked(drive, step);
  const answer = await attempt(drive, {
    step: step.name,
    direction: 'do',
    ...(cancel === undefined ? {} : { cancel }),
    run: (context, call) => step.execute(context, call),
  });
  if (answer.kind === 'answered') return { kind: 'done', value: answer.value };
  const { error } = answer;
  const effect = cancel?.aborted || isWaiting(error) ? 'unknown' : effectOf(error);
  if (effect === 'final' || (effect === 'none' && clean)) return { kind: 'not-done', error };
  if (effect === 'none' && isRefusal(error)) return { kind: 'not-done', error, doubtful: true };
  return { kind: 'unknown', error, sent: true };
}

/** The other side refused a key that it answers alike each time: a limiter's or a breaker's word is not its own. */
function isRefusal(error: unknown): boolean {
  return error instanceof PaymentError && !error.retriable && !error.local;
}

async function asked<Context extends object>(
  drive: Drive<Context>,
  step: SagaStep<Context> & Extract<OnUnknown<Context>, { readonly onUnknown: 'resolve' }>,
): Promise<StepFate> {
  const sentUntilMs = progressOf(drive, step.name).sentUntilMs ?? drive.custody.nowMs();
  const answer: Attempted<Resolved<Context>> = await attempt(drive, {
    step: step.name,
    direction: 'do',
    run: (context, call) => step.resolve(context, { ...call, sentUntilMs }),
  });
  if (answer.kind === 'threw') return { kind: 'unknown', error: answer.error, sent: false };
  switch (answer.value?.kind) {
    case 'done':
      return { kind: 'done', value: answer.value.result };
    case 'not-done':
      return { kind: 'not-done' };
    default: {
      const error = new OutcomeUnknownError(
        `${step.name}: whether it happened is not known yet; ask again later`,
      );
      return { kind: 'unknown', error, sent: false };
    }
  }
}

/**
 * Notes that an attempt left the step unknown. The instant after which nothing can have been sent is fixed by the
 * first attempt that sends nothing, so that asking again does not put the gateway's horizon off.
 */
export function noteUnknown<Context extends object>(
  drive: Drive<Context>,
  step: SagaStep<Context>,
  { error, sent }: { readonly error: unknown; readonly sent: boolean },
): void {
  const { sentUntilMs, ...known } = progressOf(drive, step.name);
  const fixed = sent ? {} : { sentUntilMs: sentUntilMs ?? drive.custody.nowMs() };
  drive.changeStep({ ...known, ...fixed, error: journalled(error, step.name) });
}

/** What is known of a step that was begun. */
export function progressOf<Context extends object>({ progress }: Drive<Context>, name: string): StepProgress {
  const known = progress().steps.find((step) => step.name === name);
  if (known === undefined) throw new TypeError(`saga step ${name} was never begun`);
  return known;
}
