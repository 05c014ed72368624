// The saga of the blog posts: run the steps, log those that are done, and undo them when one fails.

import type { Log } from './as-written-shop-log.ts';
import type { LoggedStep, SagaRow } from './as-written-shop-saga-log.ts';

/** One step and what undoes it. */
export interface TextbookStep<Context> {
  readonly name: string;
  execute(context: Context): Promise<void>;
  compensate?(context: Context): Promise<unknown>;
}

/** Where it is written how far an order has come: its row of the saga log, and the log of the process. */
export interface SagaNotes {
  readonly row: SagaRow;
  readonly log: Log;
}

/**
 * Runs the steps in order; when one fails, undoes the completed ones in reverse and throws what it threw.
 *
 * Weakness: a step is logged once it has answered. What it does before that, no log knows of: a crash leaves money taken or goods
 * reserved that are in nobody's list (S10, L3).
 */
export async function runSteps<Context>(
  steps: readonly TextbookStep<Context>[],
  context: Context,
  notes: SagaNotes,
): Promise<void> {
  const completed: TextbookStep<Context>[] = [];
  try {
    for (const step of steps) {
      await step.execute(context);
      // Weakness: a step counts only once it has answered. One that timed out is taken for one that did not happen, and
      // what it may have done is left standing (S11, S13).
      completed.push(step);
      await notes.row(step === steps.at(-1) ? 'COMPLETED' : 'RUNNING', completed.map(done));
    }
  } catch (error) {
    await undo(completed, context, notes);
    throw error;
  }
}

async function undo<Context>(
  completed: readonly TextbookStep<Context>[],
  context: Context,
  { row, log }: SagaNotes,
): Promise<void> {
  const lines = new Map(completed.map((step) => [step.name, done(step)]));
  await row('COMPENSATING', [...lines.values()]);
  for (const { name, compensate } of completed.toReversed()) {
    if (compensate === undefined) continue;
    try {
      await compensate(context);
    } catch (failure) {
      // Weakness: "best effort". Nobody tries again and nobody is called.
      log(`could not undo ${name}`, { context, failure });
    }
    lines.set(name, { name, state: 'undone' });
    await row('COMPENSATING', [...lines.values()]);
  }
  // Weakness: the loop is over, so the order counts as rolled back, whatever the gateway said (S11, S12).
  await row('COMPENSATED', [...lines.values()]);
}

function done({ name }: { readonly name: string }): LoggedStep {
  return { name, state: 'done' };
}
