// How a drive ends: the saga has ended, or it is left to recovery, and people are called where neither goes on.

import { unlessAborted } from './attempt.ts';
import type { Drive } from './drive.ts';
import type { SagaState } from './journal.ts';
import type { StepProgress } from './progress.ts';
import { progressOf } from './resolve-step.ts';

/**
 * Ends the drive. With `waits` the saga is left in `state` for recovery to look again, after a delay that grows while
 * nothing is achieved; else it has ended in `state`. If a step is stuck, people are called first, unless they were called for
 * this very matter: a repair that ends where it began tells whoever asked for it.
 *
 * The call is journalled before it is made and after: a crash in between calls again, and never loses it.
 */
export async function conclude<Context extends object>(
  drive: Drive<Context>,
  state: SagaState,
  { waits }: { readonly waits: boolean },
): Promise<void> {
  const { progress, change, leave, announce } = drive;
  const isStuck = progress().steps.some(({ stuck }) => stuck);
  if (isStuck && progress().page === undefined)
    change({ ...progress(), page: wereCalled(drive) ? 'made' : 'due' });
  if (progress().page === 'due') {
    await drive.save(state);
    if (await called(drive)) {
      change({ ...progress(), page: 'made' });
      announce('paged');
    }
  }
  if (!waits && progress().page !== 'due') return leave(state);
  const { idle } = progress();
  change({ ...progress(), idle: idle + 1 });
  return leave(state, lookAgainMs(drive, idle));
}

/** Marks a step as one that nobody but a repair goes on with. People are called for each. */
export function stick<Context extends object>(drive: Drive<Context>, name: string): void {
  const { page: _, ...known } = drive.progress();
  drive.change(known);
  drive.changeStep({ ...progressOf(drive, name), stuck: true }, 'stuck');
}

/** Whether people had been called, before this drive, for every step that is stuck, and for the same reason. */
function wereCalled<Context extends object>({ first, progress }: Drive<Context>): boolean {
  if (first.page !== 'made') return false;
  const known = first.steps.filter(({ stuck }) => stuck).map(matterOf);
  return progress().steps.every((step) => !step.stuck || known.includes(matterOf(step)));
}

function matterOf({ name, error }: StepProgress): string {
  return JSON.stringify([name, error?.code]);
}

function lookAgainMs<Context extends object>({ settings }: Drive<Context>, idle: number): number {
  return Math.min(settings.maxLookAgainMs, settings.lookAgainMs * 2 ** Math.min(idle, 50));
}

async function called<Context extends object>(drive: Drive<Context>): Promise<boolean> {
  const { settings, custody, progress } = drive;
  const { saga, id, state } = custody.record();
  const stuck = progress()
    .steps.filter((step) => step.stuck)
    .map(({ name, error }) => (error === undefined ? { step: name } : { step: name, error }));
  try {
    await unlessAborted(custody.lost, async () => settings.onCall({ saga, id, state, stuck }));
    return true;
  } catch {
    custody.lost.throwIfAborted();
    return false;
  }
}
