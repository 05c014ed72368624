// Other ways to drive the same world, to compare with: what a person would build from well-known parts. Each is given
// its best case (one task or timer at a time, nothing logged), and must reach the same histories as our own.

import { mock } from 'node:test';
import fc from 'fast-check';
import type { Drive, StepOutcome } from '../world/pump.ts';

// The order is ours: there is one task at a time, and the scheduler runs tasks as they come.
const inOrder = Array.from({ length: 10_000 }, (_, index) => index + 1);

/** Every event is a task of fast-check's scheduler, and `waitIdle` runs them until none is left. */
export const schedulerDrive: Drive = async (step) => {
  const scheduler = fc.schedulerFor(inOrder);
  let mistake: { readonly error: unknown } | undefined;
  const next = (): void => {
    void scheduler.schedule(Promise.resolve()).then(() => {
      try {
        if (insisted(step()) === 'stepped') next();
      } catch (error) {
        mistake = { error };
      }
    });
  };
  next();
  await scheduler.waitIdle();
  if (mistake !== undefined) throw mistake.error;
};

/** Every event is a fake timer of Node's own test runner; after each tick the real loop turns once. */
export const fakeTimerDrive: Drive = async (step) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    for (let outcome: StepOutcome = 'stepped'; outcome === 'stepped'; ) {
      setTimeout(() => {
        outcome = insisted(step());
      }, 1);
      mock.timers.tick(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    mock.timers.reset();
  }
};

/** These drives are for worlds that need nothing of the real event loop. */
function insisted(outcome: StepOutcome): 'stepped' | 'done' {
  if (outcome === 'waiting') throw new Error('this drive cannot wait for the real event loop');
  return outcome;
}
