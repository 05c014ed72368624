// Going forward: each step's intent is journalled before it runs and its result after it, in one write with the
// intent of the next.

import type { ValidationError } from '../errors/payment-error.ts';
import { isWaiting } from './attempt.ts';
import { beginCompensation } from './backward.ts';
import { conclude, stick } from './conclude.ts';
import { type Drive, isHopeless, journalled } from './drive.ts';
import { merge } from './merge.ts';
import { startedStep } from './progress.ts';
import { attemptStep, noteUnknown, progressOf, type StepFate } from './resolve-step.ts';
import type { SagaStep } from './step.ts';

/** How a saga goes forward. */
export interface Forward {
  /** Whether the step at the journal's end has just been begun by this drive, so that it can't have happened. */
  readonly fresh: boolean;
  readonly cancel: AbortSignal;
}

/** Runs the step at the journal's end and those after it, until the saga completes, turns back, or has to wait. */
export async function forward<Context extends object>(
  drive: Drive<Context>,
  { fresh, cancel }: Forward,
): Promise<void> {
  const { steps } = drive.settings;
  let clean = fresh;
  for (let index = drive.progress().steps.length - 1; ; index += 1) {
    const step = steps[index];
    if (step === undefined) return conclude(drive, 'COMPLETED', { waits: false });
    const fate = await fateOf(drive, { step, clean, cancel });
    if (fate.kind !== 'done') return halted(drive, step, { fate, cancel });
    const fault = merge(drive, step, fate.value);
    if (fault !== undefined) return spoiled(drive, step, fault);
    const next = steps[index + 1];
    if (next !== undefined) {
      begin(drive, next.name);
      await drive.save();
    }
    clean = true;
  }
}

function begin<Context extends object>({ progress, change, announce }: Drive<Context>, name: string): void {
  change({ ...progress(), steps: [...progress().steps, startedStep(name)] });
  announce('started', name);
}

interface Running<Context> {
  readonly step: SagaStep<Context>;
  readonly clean: boolean;
  readonly cancel: AbortSignal;
}

/**
 * Attempts a step until it is known what became of it, as often as one drive may. Cancelled, nothing new is executed
 * before the pivot is passed; only what is unknown is still resolved, outside the cancelled scope, for the pivot. What
 * is compensable is resolved on the way back.
 */
async function fateOf<Context extends object>(
  drive: Drive<Context>,
  { step, clean: fresh, cancel }: Running<Context>,
): Promise<StepFate> {
  const { compensationRetries, compensationDelayMs } = drive.settings;
  const isPast = step.kind === 'retriable';
  let clean = fresh;
  for (let tries = 1; ; tries += 1) {
    const stopped = cancel.aborted && !isPast;
    if (stopped && clean) return { kind: 'not-done', error: cancel.reason };
    if (stopped && step.kind === 'compensable') return { kind: 'unknown', error: cancel.reason, sent: false };
    const fate = await attemptStep(drive, { step, clean, ...(stopped || isPast ? {} : { cancel }) });
    if (fate.kind === 'done') return fate;
    clean = fate.kind === 'not-done';
    if (fate.kind === 'unknown') {
      noteUnknown(drive, step, fate);
      if (isWaiting(fate.error)) return fate;
    } else {
      noteClean(drive, step, fate.error);
      if (fate.error === undefined) {
        await drive.save();
        continue;
      }
      if (!(isPast && isRetriable(fate.error))) return fate;
    }
    if (tries > compensationRetries) return { kind: 'unknown', error: fate.error, sent: false };
    await drive.save();
    await drive.pause(compensationDelayMs * tries, isPast ? undefined : cancel);
  }
}

function noteClean<Context extends object>(
  drive: Drive<Context>,
  step: SagaStep<Context>,
  error: unknown,
): void {
  const { sentUntilMs: _, ...known } = progressOf(drive, step.name);
  drive.changeStep(error === undefined ? known : { ...known, error: journalled(error, step.name) });
}

function isRetriable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retriable' in error && error.retriable === true;
}

interface Halt {
  readonly fate: Exclude<StepFate, { readonly kind: 'done' }>;
  readonly cancel: AbortSignal;
}

/** What to do about a step that did not happen, or is not known to have. */
async function halted<Context extends object>(
  drive: Drive<Context>,
  step: SagaStep<Context>,
  { fate, cancel }: Halt,
): Promise<void> {
  const { error } = fate;
  if (fate.kind === 'not-done' && step.kind !== 'retriable') {
    const isDoubtful = fate.doubtful === true && step.kind === 'compensable';
    if (!isDoubtful) drive.changeStep({ ...progressOf(drive, step.name), state: 'not-done' }, 'not-done');
    return beginCompensation(drive, journalled(error, step.name));
  }
  const hopeless = isHopeless(drive);
  if (step.kind === 'compensable' && (hopeless || cancel.aborted || !isWaiting(error)))
    return beginCompensation(drive, journalled(error, step.name));
  if (fate.kind === 'unknown' && !hopeless) return conclude(drive, 'RUNNING', { waits: true });
  drive.changeStep({ ...progressOf(drive, step.name), error: journalled(error, step.name) });
  stick(drive, step.name);
  return conclude(drive, 'FAILED_COMPENSATION', { waits: false });
}

/** A step happened, and what it answered can't be used: undone where that is possible, else a matter for people. */
async function spoiled<Context extends object>(
  drive: Drive<Context>,
  step: SagaStep<Context>,
  fault: ValidationError,
): Promise<void> {
  const failure = journalled(fault, step.name);
  if (step.kind === 'compensable') return beginCompensation(drive, failure);
  drive.changeStep({ ...progressOf(drive, step.name), error: failure });
  stick(drive, step.name);
  return conclude(drive, 'FAILED_COMPENSATION', { waits: false });
}
