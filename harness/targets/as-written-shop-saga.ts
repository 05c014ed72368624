// The saga of the blog posts: run the steps, and undo those that were completed when one fails.

import type { Log } from './as-written-shop-log.ts';

/** One step and what undoes it. */
export interface TextbookStep<Context> {
  readonly name: string;
  execute(context: Context): Promise<void>;
  compensate?(context: Context): Promise<unknown>;
}

/**
 * Runs the steps in order; when one fails, undoes the completed ones in reverse and throws what it threw.
 *
 * Weakness: there is no journal. The list of what is to be undone lives in this call, so a crash forgets the order
 * half-way: nobody captures, voids or ships what it had begun (S10, L3).
 */
export async function runSteps<Context>(
  steps: readonly TextbookStep<Context>[],
  context: Context,
  log: Log,
): Promise<void> {
  const completed: TextbookStep<Context>[] = [];
  try {
    for (const step of steps) {
      await step.execute(context);
      // Weakness: a step counts only once it has answered. One that timed out is taken for one that did not happen, and
      // what it may have done is left standing (S10, S11).
      completed.push(step);
    }
  } catch (error) {
    for (const step of completed.toReversed()) {
      try {
        await step.compensate?.(context);
      } catch (failure) {
        // Weakness: "best effort". Nobody tries again, nobody is called, and the order counts as rolled back (S12).
        log(`could not undo ${step.name}`, { context, failure });
      }
    }
    throw error;
  }
}
