// Taking in what a step answered.

import { ValidationError } from '../errors/payment-error.ts';
import type { Drive } from './drive.ts';
import { throughJson } from './progress.ts';
import { progressOf } from './resolve-step.ts';
import type { SagaStep } from './step.ts';

/** Notes that a step is done, and writes what a step answered into the context. Returns what is wrong with it, if anything is. */
export function merge<Context extends object>(
  drive: Drive<Context>,
  step: SagaStep<Context>,
  value: unknown,
): ValidationError | undefined {
  const { progress, change, changeStep } = drive;
  const { sentUntilMs: _, error: __, ...known } = progressOf(drive, step.name);
  changeStep({ ...known, state: 'done' }, 'done');
  if (value === undefined) return undefined;
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ValidationError('it is no object');
    change({ ...progress(), context: { ...progress().context, ...throughJson(value) } });
    return undefined;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : typeof cause;
    return new ValidationError(
      `saga step ${step.name}: its result can't be merged into the context: ${why}; answer with plain data`,
      { cause },
    );
  }
}
