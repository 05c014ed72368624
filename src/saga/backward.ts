// Going back: what may have happened is undone in exact reverse order, step by step.

import type { SerialisedError } from '../errors/serialise.ts';
import { isWaiting } from './attempt.ts';
import { conclude, stick } from './conclude.ts';
import { type Drive, isHopeless } from './drive.ts';
import { merge } from './merge.ts';
import { attemptStep, noteUnknown, progressOf } from './resolve-step.ts';
import type { SagaStep } from './step.ts';
import { undo } from './undo-step.ts';

/**
 * What became of one step on the way back. `settled`: the next may be undone. `accepted`: it may as well, but the
 * saga has to look again. `blocked`: nothing earlier may be undone before this is known.
 */
type Verdict = 'settled' | 'accepted' | 'blocked';

/** Turns the saga back because of `failure`. */
export async function beginCompensation<Context extends object>(
  drive: Drive<Context>,
  failure: SerialisedError,
): Promise<void> {
  drive.change({ ...drive.progress(), failure, roundAtMs: drive.custody.nowMs(), idle: 0 });
  await drive.save('COMPENSATING');
  return backward(drive);
}

/** Undoes the steps that were begun, the latest first, until the saga has ended or has to wait. */
export async function backward<Context extends object>(drive: Drive<Context>): Promise<void> {
  const { settings, progress } = drive;
  let waits = false;
  for (const step of settings.steps.slice(0, progress().steps.length).reverse()) {
    const verdict = await settle(drive, step);
    waits ||= verdict !== 'settled';
    if (verdict === 'blocked') break;
  }
  if (waits) return conclude(drive, 'COMPENSATING', { waits });
  const isStuck = progress().steps.some(({ stuck }) => stuck);
  return conclude(drive, isStuck ? 'FAILED_COMPENSATION' : 'COMPENSATED', { waits });
}

async function settle<Context extends object>(
  drive: Drive<Context>,
  step: SagaStep<Context>,
): Promise<Verdict> {
  const known = progressOf(drive, step.name);
  if (known.stuck) return 'settled';
  const verdict = known.state === 'started' ? await resolve(drive, step) : 'settled';
  const reached = verdict === 'settled' ? await undone(drive, step) : verdict;
  if (reached === 'settled' || !isHopeless(drive)) return reached;
  stick(drive, step.name);
  return 'settled';
}

/** A step that was begun and not recorded: it has to be known whether there is anything to undo. */
async function resolve<Context extends object>(
  drive: Drive<Context>,
  step: SagaStep<Context>,
): Promise<Verdict> {
  const { compensationRetries, compensationDelayMs } = drive.settings;
  for (let tries = 1; ; tries += 1) {
    const fate = await attemptStep(drive, { step, clean: false });
    if (fate.kind === 'done') {
      // A result that can't be merged is no reason not to undo the step.
      merge(drive, step, fate.value);
      return 'settled';
    }
    if (fate.kind === 'not-done' && fate.doubtful && step.compensate !== undefined) {
      drive.changeStep({ ...progressOf(drive, step.name), state: 'done' });
      return 'settled';
    }
    if (fate.kind === 'not-done') {
      drive.changeStep({ ...progressOf(drive, step.name), state: 'not-done' }, 'not-done');
      return 'settled';
    }
    noteUnknown(drive, step, fate);
    if (tries > compensationRetries || isWaiting(fate.error)) return 'blocked';
    await drive.save();
    await drive.pause(compensationDelayMs * tries);
  }
}

async function undone<Context extends object>(
  drive: Drive<Context>,
  { name, compensate }: SagaStep<Context>,
): Promise<Verdict> {
  const known = progressOf(drive, name);
  if (compensate === undefined || (known.state !== 'done' && known.state !== 'undoing')) return 'settled';
  if (known.state === 'done') {
    const { error: _, sentUntilMs: __, ...begun } = known;
    drive.changeStep({ ...begun, state: 'undoing', tries: 0 }, 'undo');
    await drive.save();
  }
  return undo(drive, name, compensate);
}
